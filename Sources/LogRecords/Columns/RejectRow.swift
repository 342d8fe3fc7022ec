/// A line that could not be used.
public struct RejectRow: Sendable {
    public var source: Int64
    public var line: Int64
    /// Byte of the line's beginning in the decoded stream.
    public var offset: Int64
    public var reason: String
    /// The first bytes of the line.
    public var sample: String

    public init(source: Int64, line: Int64, offset: Int64, reason: String, sample: String) {
        self.source = source
        self.line = line
        self.offset = offset
        self.reason = reason
        self.sample = sample
    }
}

extension RejectRow: EventRecord {
    public static let table = "reject"
    public static let primaryKey = ["source", "line"]

    public var id: EventID { EventID(source: source, line: line) }

    public init(reading id: EventID) {
        self.init(source: id.source, line: id.line, offset: 0, reason: "", sample: "")
    }

    public mutating func visitColumns<Visitor: ColumnVisitor>(_ visitor: inout Visitor) {
        visitor.visit(
            EventColumn("source", .row, .impossible, reference: "source", "The file, a number of `source`."), &source)
        visitor.visit(EventColumn("line", .integer, .impossible, "The line's number in it, from 1 on."), &line)
        visitor.visit(
            EventColumn(
                "offset", .integer, .impossible, member: .offset, isAlwaysMember: true,
                "Where the line begins, bytes of what was decoded.",
                note: "byte of the line's beginning in the decoded stream"), &offset)
        visitor.visit(EventColumn("reason", .text, .impossible, member: .reason, "Why it could not be used."), &reason)
        visitor.visit(
            EventColumn(
                "sample", .text, .impossible, member: .sample, "Its first bytes.", note: "the first bytes of the line"),
            &sample)
    }
}
