/// Reads the names on a line: accounts, cameras, keys and whatever else is interned.
struct RecordNames {
    private let fields: FieldReader
    private let known: ThreadInternCache
    private let recent: RecentSymbols
    private let foldsAccounts: Bool
    private var scratch: [UInt8] = []
    /// Of the source, for lines that name none.
    var pathNode = SymbolID.absent

    init(_ fields: FieldReader, _ known: ThreadInternCache, foldsAccounts: Bool) {
        (self.fields, self.known, self.foldsAccounts) = (fields, known, foldsAccounts)
        recent = RecentSymbols(count: fields.plans.count)
    }

    mutating func node(_ line: FieldReader.Line) -> SymbolID {
        let node = name(.node, line)
        return node.isPresent ? node : pathNode
    }

    @inline(__always)
    mutating func name(_ role: Role, _ line: FieldReader.Line) -> SymbolID {
        let place = fields.plan(role, line)
        // Most profiles say nothing of most roles.
        return fields.plans[place].isMapped ? name(place, role, line) : .absent
    }

    private mutating func name(_ place: Int, _ role: Role, _ line: FieldReader.Line) -> SymbolID {
        let plan = fields.plans[place]
        if plan.constant.isPresent { return plan.constant }
        guard let bytes = fields.value(role, line) else {
            return plan.hasTemplate ? nameBehindEscapes(role, line) : .absent
        }
        if role == .camera, plan.isSegment, Bytes.index(of: UInt8(ascii: "%"), in: bytes) != nil {
            scratch.removeAll(keepingCapacity: true)
            fields.escape(of: bytes, role, line).decode(bytes, into: &scratch)
            Self.decodeSegment(&scratch)
            return scratch.withUnsafeBytes { known.intern($0) }
        }
        let field = plan.field
        let isPlain = !foldsAccounts && (field >= 0 && line.values.isPlain(field) || Self.isPlain(bytes))
        guard role.isRepetitive else {
            return isPlain ? known.request(bytes, isFrame: role.namesFrame) : number(bytes, role, line)
        }
        if let last = recent.number(of: bytes, at: place) { return last }
        let number = isPlain ? known.intern(bytes) : number(bytes, role, line)
        // A trial can meet a name and give it no number.
        if number.isPresent { recent.keep(bytes, number, at: place) }
        return number
    }

    private mutating func number(_ bytes: UnsafeRawBufferPointer, _ role: Role, _ line: FieldReader.Line) -> SymbolID {
        scratch.removeAll(keepingCapacity: true)
        fields.escape(of: bytes, role, line).decode(bytes, into: &scratch)
        // An entity tag's quotes are HTTP's, not the frame id's (RFC 9110 section 8.8.3).
        if role.namesFrame { Self.unquoteTag(&scratch) }
        Self.makeText(&scratch)
        if foldsAccounts, role.namesAccount { AccountSpelling.fold(&scratch) }
        return scratch.withUnsafeBytes { known.intern($0, isFrame: role.namesFrame) }
    }

    private mutating func nameBehindEscapes(_ role: Role, _ line: FieldReader.Line) -> SymbolID {
        guard var name = fields.valueBehindEscapes(role, line) else { return .absent }
        if role == .camera, fields.plans[fields.plan(role, line)].isSegment { Self.decodeSegment(&name) }
        Self.makeText(&name)
        if foldsAccounts, role.namesAccount { AccountSpelling.fold(&name) }
        return name.withUnsafeBytes { known.intern($0, isFrame: role.namesFrame) }
    }

    /// A camera that a URL's path names: its escapes are not of the name (RFC 3986 section 2.3).
    private static func decodeSegment(_ segment: inout [UInt8]) {
        let count = segment.withUnsafeMutableBytes { URLDecoding.decodePercent(UnsafeRawBufferPointer($0), into: $0) }
        segment.removeLast(segment.count - count)
        makeText(&segment)
    }

    /// The line's extra fields as one name; absent if it has none.
    mutating func extra(_ line: FieldReader.Line) -> SymbolID {
        guard fields.maps[line.map].hasExtras else { return .absent }
        var text: [UInt8] = []
        for (name, source) in fields.extras[line.map] {
            var decoded = source.constant.map { Array($0.utf8) } ?? []
            if decoded.isEmpty, let bytes = fields.value(source, line) {
                fields.escape(of: bytes, source, line).decode(bytes, into: &decoded)
            }
            decoded.removeAll { $0 == ExtraFields.separator }
            guard !decoded.isEmpty else { continue }
            if !text.isEmpty { text.append(ExtraFields.separator) }
            text += Array(name.utf8) + [UInt8(ascii: "=")] + decoded
        }
        guard !text.isEmpty else { return .absent }
        Self.makeText(&text)
        return text.withUnsafeBytes { known.intern($0) }
    }

    mutating func requiredName(_ role: Role, _ line: FieldReader.Line) throws(RejectReason) -> SymbolID {
        let id = name(role, line)
        guard id.isPresent else { throw .noName }
        return id
    }
}
