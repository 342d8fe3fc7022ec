/// Puts `varnishlog`'s tag lines (`-g request` and `-g raw`) together into transactions, one record each.
///
/// A field is named by its tag, and by the header or key inside it: `ReqHeader:X-Account`, `VCL_Log:ck`,
/// `RespStatus`. `Timestamp:Resp` is that moment, `Timestamp:Resp+` the time since the start, both in seconds; `side`
/// is `c` for a client's transaction and `b` for a backend fetch; `handling` is how the cache answered, in the words of
/// varnishncsa(1): `hit`, `miss`, `hitmiss`, `hitpass`, `pass`, `pipe`, `synth`, and `hit/grace` for an object past its
/// time. Source: vsl(7), varnishlog(1).
struct VarnishTransactions {
    /// The text of a transaction's wanted values, one behind the other.
    private struct Transaction {
        var firstLine: Int64
        var text: [UInt8] = []
        let slices: FieldSlices
        /// The request began anew as another transaction, which has the answer.
        var isRestarted = false
        /// Its answer is a part of another transaction's (Edge Side Includes).
        var isIncluded = false
        /// Its end was made up: the log lost it, or the reader gave up waiting.
        var isCut = false
        var handling: Handling?
    }

    /// How the cache answered a request.
    private enum Handling: String {
        case hit
        case grace = "hit/grace"
        case miss, hitmiss, hitpass, pass, pipe, synth
    }

    /// What came of a line.
    enum Step {
        /// It is a part of a transaction that goes on, or belongs to none.
        case part
        /// It ends a transaction.
        case record(text: [UInt8], firstLine: Int64)
        /// It ends a transaction that is no answer to a client: the request was restarted (vcl(7)), or asked for a part of
        /// another's body (`Begin req 5 esi`, vsl(7)).
        case noAnswer
    }

    private let numbers: [String: Int]
    private let count: Int
    private var open: [UInt64: Transaction] = [:]
    /// The transaction of the block that is being read (`-g request`).
    private var current: UInt64?
    /// Whether a transaction's beginning has been read.
    private(set) var hasBegun = false

    init(fields: [String]) {
        numbers = Dictionary(fields.enumerated().map { ($1.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
        count = fields.count
    }

    /// The first lines of the transactions whose end did not come.
    var unfinished: [Int64] { open.values.map(\.firstLine).sorted() }

    /// Takes a line.
    ///
    /// - Throws: `ScanFailure` for a line of another form, and for the end of a transaction that was cut.
    mutating func add(
        _ line: UnsafeRawBufferPointer, line number: Int64, into slices: FieldSlices
    ) throws(ScanFailure) -> Step {
        var words = Words(line)
        guard let first = words.next() else { return .part }
        if first.first == UInt8(ascii: "*") {
            // "*   << Request  >> 360797": a block's head.
            current = nil
            while let word = words.next() { current = Self.number(word) ?? current }
            guard current != nil else { throw ScanFailure(reason: .patternMismatch, offset: 0) }
            return .part
        }
        let id: UInt64
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
            open[id]?.isIncluded = side == "c" && value.split(separator: 0x20).last?.elementsEqual("esi".utf8) == true
        }
        guard open[id] != nil else { return .part }
        guard tag != "End" else { return try end(id, value, into: slices) }
        follow(tag, value, id)
        store(tag, value, id)
        return .part
    }

    private mutating func end(
        _ id: UInt64, _ value: Words.Part, into slices: FieldSlices
    ) throws(ScanFailure) -> Step {
        if let handling = open[id]?.handling, let field = numbers["handling"] { set(field, handling.rawValue.utf8, id) }
        guard let done = open.removeValue(forKey: id) else { return .part }
        // vsl(7): an End that the log's reader made up says `synth`.
        if done.isCut || value.elementsEqual("synth".utf8) { throw ScanFailure(reason: .unfinished, offset: 0) }
        if done.isRestarted || done.isIncluded { return .noAnswer }
        slices.copy(done.slices)
        return .record(text: done.text, firstLine: done.firstLine)
    }

    /// Keeps what a tag says of the transaction as a whole.
    private mutating func follow(_ tag: String, _ value: Words.Part, _ id: UInt64) {
        switch tag {
        // vsl(7): "timeout", "store overflow" and the like.
        case "VSL": open[id]?.isCut = true
        case "VCL_return": if value.elementsEqual("restart".utf8) { open[id]?.isRestarted = true }
        case "Hit":
            // The object's number and what is left of its time to live, below zero in its grace.
            let left = value.split(separator: 0x20).dropFirst().first
            open[id]?.handling = left?.first == UInt8(ascii: "-") ? .grace : .hit
        case "HitMiss": open[id]?.handling = .hitmiss
        case "HitPass": open[id]?.handling = .hitpass
        case "VCL_call": call(String(decoding: value, as: UTF8.self), id)
        default: break
        }
    }

    /// A method of the VCL that was called; HitMiss and HitPass stand before the MISS or PASS that follows from them.
    private mutating func call(_ method: String, _ id: UInt64) {
        let earlier = open[id]?.handling
        switch method {
        case "HIT": open[id]?.handling = earlier ?? .hit
        case "MISS": open[id]?.handling = earlier == .hitmiss ? .hitmiss : .miss
        case "PASS": open[id]?.handling = earlier == .hitpass ? .hitpass : .pass
        case "PIPE": open[id]?.handling = .pipe
        case "SYNTH": open[id]?.handling = .synth
        default: break
        }
    }

    private static func number(_ word: Words.Part) -> UInt64? { UInt64(String(decoding: word, as: UTF8.self)) }

    /// The longest record that is surely whole: what is longer than `vsl_reclen` (255 by default, with the byte that ends it) is
    /// cut without a mark (seen with Vinyl 9.0.1 and Varnish 7.7.0).
    private static let longestWhole = 253

    private mutating func store(_ tag: String, _ value: Words.Part, _ id: UInt64) {
        guard value.count <= Self.longestWhole else { return forget(tag, value, id) }
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

    /// What a record that may have been cut would have told is not known, whatever an earlier one said.
    private func forget(_ tag: String, _ value: Words.Part, _ id: UInt64) {
        var names = [tag]
        if let colon = value.firstIndex(of: UInt8(ascii: ":")) {
            names.append("\(tag):\(String(decoding: value[..<colon], as: UTF8.self))")
        }
        for name in names { if let field = numbers[name.lowercased()] { open[id]?.slices.remove(field) } }
    }

    private mutating func set(_ field: Int, _ value: some Collection<UInt8>, _ id: UInt64) {
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
