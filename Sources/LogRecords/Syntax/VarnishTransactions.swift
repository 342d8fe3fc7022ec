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
        var slices: FieldSlices
    }

    private let numbers: [String: Int]
    private let count: Int
    private var open: [UInt32: Transaction] = [:]
    /// The transaction of the block that is being read (`-g request`).
    private var current: UInt32?

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
        _ line: UnsafeRawBufferPointer, line number: Int64, into slices: inout FieldSlices
    ) throws(ScanFailure) -> (text: [UInt8], firstLine: Int64)? {
        var words = Words(line)
        guard let first = words.next() else { return nil }
        if first.hasPrefix("*") {
            // "*   << Request  >> 360797": a block's head.
            current = nil
            while let word = words.next() { current = UInt32(word) ?? current }
            guard current != nil else { throw ScanFailure(reason: .patternMismatch, offset: 0) }
            return nil
        }
        let id: UInt32
        let isRaw: Bool
        if first.allSatisfy({ $0 == "-" }) {
            guard let current else { throw ScanFailure(reason: .patternMismatch, offset: 0) }
            (id, isRaw) = (current, false)
        } else {
            guard let vxid = UInt32(first) else { throw ScanFailure(reason: .patternMismatch, offset: 0) }
            (id, isRaw) = (vxid, true)
        }
        guard let tag = words.next() else { throw ScanFailure(reason: .patternMismatch, offset: line.count) }
        if isRaw { _ = words.next() }
        let value = words.rest
        if tag == "Begin" {
            open[id] = Transaction(firstLine: number, slices: FieldSlices(count: count))
            store("side", value.hasPrefix("bereq") ? "b" : value.hasPrefix("req") ? "c" : "-", id)
        }
        guard open[id] != nil else { return nil }
        guard tag != "End" else {
            guard let done = open.removeValue(forKey: id) else { return nil }
            slices = done.slices
            return (done.text, done.firstLine)
        }
        store(tag, value, id)
        return nil
    }

    private mutating func store(_ tag: String, _ value: String, _ id: UInt32) {
        if let field = numbers[tag.lowercased()] { set(field, value, id) }
        guard let colon = value.firstIndex(of: ":") else { return }
        let name = "\(tag):\(value[..<colon])".lowercased()
        let inside = value[value.index(after: colon)...].drop { $0 == " " }
        if tag == "Timestamp" {
            let moments = inside.split(separator: " ")
            if let field = numbers[name], let absolute = moments.first { set(field, String(absolute), id) }
            if let field = numbers[name + "+"], moments.count > 1 { set(field, String(moments[1]), id) }
        } else if let field = numbers[name] {
            set(field, String(inside), id)
        }
    }

    private mutating func set(_ field: Int, _ value: String, _ id: UInt32) {
        guard var transaction = open.removeValue(forKey: id) else { return }
        let start = transaction.text.count
        transaction.text.append(contentsOf: value.utf8)
        transaction.slices.set(field, start: start, end: transaction.text.count)
        open[id] = transaction
    }
}

/// The blank-separated words of a line.
private struct Words {
    private var text: Substring
    init(_ line: UnsafeRawBufferPointer) { text = Substring(String(decoding: line, as: UTF8.self)) }

    mutating func next() -> String? {
        text = text.drop { $0 == " " || $0 == "\t" }
        guard !text.isEmpty else { return nil }
        let word = text.prefix { $0 != " " && $0 != "\t" }
        text = text.dropFirst(word.count)
        return String(word)
    }

    /// What is left, without the blanks around it.
    var rest: String {
        var rest = text.drop { $0 == " " || $0 == "\t" }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
