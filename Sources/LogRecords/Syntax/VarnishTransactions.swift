/// Puts `varnishlog`'s tag lines (`-g request` and `-g raw`) together into transactions, one record each.
///
/// A field is named by its tag, and by the header or key inside it: `ReqHeader:X-Account`, `VCL_Log:ck`,
/// `RespStatus`. `Timestamp:Resp` is that moment, `Timestamp:Resp+` the time since the start, both in seconds; `side`
/// is `c` for a client's transaction and `b` for a backend fetch. Source: vsl(7), varnishlog(1).
struct VarnishTransactions {
    /// The text of a transaction's wanted values, one behind the other.
    private struct Transaction {
        var firstLine: Int64
        var text: [UInt8] = []
        let slices: FieldSlices
    }

    private let numbers: [String: Int]
    private let count: Int
    private var open: [UInt32: Transaction] = [:]
    /// The transaction of the block that is being read (`-g request`).
    private var current: UInt32?
    /// Whether a transaction's beginning has been read.
    private(set) var hasBegun = false

    init(fields: [String]) {
        numbers = Dictionary(fields.enumerated().map { ($1.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
        count = fields.count
    }

    /// The first lines of the transactions whose end did not come.
    var unfinished: [Int64] { open.values.map(\.firstLine).sorted() }

    /// Takes a line; returns the transaction that it ends, if it ends one.
    ///
    /// - Throws: `ScanFailure` for a line of another form.
    mutating func add(
        _ line: UnsafeRawBufferPointer, line number: Int64, into slices: FieldSlices
    ) throws(ScanFailure) -> (text: [UInt8], firstLine: Int64)? {
        var words = Words(line)
        guard let first = words.next() else { return nil }
        if first.first == UInt8(ascii: "*") {
            // "*   << Request  >> 360797": a block's head.
            current = nil
            while let word = words.next() { current = Self.number(word) ?? current }
            guard current != nil else { throw ScanFailure(reason: .patternMismatch, offset: 0) }
            return nil
        }
        let id: UInt32
        let isRaw: Bool
        if first.first == UInt8(ascii: "-") {
            // "-" to "---" for the level, "-4-" from there on.
            guard let current else { throw ScanFailure(reason: .patternMismatch, offset: 0) }
            (id, isRaw) = (current, false)
        } else {
            guard let vxid = Self.number(first) else { throw ScanFailure(reason: .patternMismatch, offset: 0) }
            (id, isRaw) = (vxid, true)
        }
        guard let tag = words.next().map({ String(decoding: $0, as: UTF8.self) }) else {
            throw ScanFailure(reason: .patternMismatch, offset: line.count)
        }
        if isRaw { _ = words.next() }
        let value = words.rest
        if tag == "Begin" {
            hasBegun = true
            open[id] = Transaction(firstLine: number, slices: FieldSlices(count: count))
            let side = value.starts(with: "bereq".utf8) ? "b" : value.starts(with: "req".utf8) ? "c" : "-"
            if let field = numbers["side"] { set(field, side.utf8, id) }
        }
        guard open[id] != nil else { return nil }
        guard tag != "End" else {
            guard let done = open.removeValue(forKey: id) else { return nil }
            slices.copy(done.slices)
            return (done.text, done.firstLine)
        }
        store(tag, value, id)
        return nil
    }

    private static func number(_ word: Words.Part) -> UInt32? { UInt32(String(decoding: word, as: UTF8.self)) }

    private mutating func store(_ tag: String, _ value: Words.Part, _ id: UInt32) {
        if let field = numbers[tag.lowercased()] { set(field, value, id) }
        guard let colon = value.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = "\(tag):\(String(decoding: value[..<colon], as: UTF8.self))".lowercased()
        let inside = value[value.index(after: colon)...].drop { $0 == 0x20 }
        if tag == "Timestamp" {
            let moments = inside.split(separator: 0x20)
            if let field = numbers[name], let absolute = moments.first { set(field, absolute, id) }
            if let field = numbers[name + "+"], moments.count > 1 { set(field, moments[1], id) }
        } else if let field = numbers[name] {
            set(field, inside, id)
        }
    }

    private mutating func set(_ field: Int, _ value: some Collection<UInt8>, _ id: UInt32) {
        guard var transaction = open.removeValue(forKey: id) else { return }
        let start = transaction.text.count
        transaction.text.append(contentsOf: value)
        transaction.slices.set(field, start: start, end: transaction.text.count)
        open[id] = transaction
    }
}

/// The blank-separated words of a line, as bytes: a header's value need not be text.
private struct Words {
    typealias Part = Slice<UnsafeRawBufferPointer>

    private var text: Part
    init(_ line: UnsafeRawBufferPointer) { text = line[...] }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    mutating func next() -> Part? {
        text = text.drop(while: Self.isBlank)
        guard !text.isEmpty else { return nil }
        let word = text.prefix { !Self.isBlank($0) }
        text = text[word.endIndex...]
        return word
    }

    /// What is left, without the blanks around it.
    var rest: Part {
        var rest = text.drop(while: Self.isBlank)
        while rest.last == 0x20 { rest.removeLast() }
        return rest
    }
}
