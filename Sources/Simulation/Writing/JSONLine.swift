/// One JSON object on one line, its fields in the order they are added.
///
/// Names and texts are plain ASCII without quotes, backslashes or control characters, so none is escaped.
struct JSONLine {
    private(set) var text = ""

    mutating func add(_ name: String, _ value: String) {
        precondition(value.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C })
        open(name)
        text += "\"\(value)\""
    }

    mutating func add(_ name: String, _ value: Int) {
        open(name)
        text += String(value)
    }

    /// A number with one decimal.
    mutating func add(_ name: String, tenths: Int) {
        open(name)
        text += "\(tenths / 10).\(tenths % 10)"
    }

    /// The whole object.
    var closed: String { text.isEmpty ? "{}" : text + "}" }

    private mutating func open(_ name: String) {
        text += text.isEmpty ? "{" : ","
        text += "\"\(name)\":"
    }
}
