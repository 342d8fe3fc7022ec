import GRDB

/// An entry of the timeline in log2timeline's 17 columns, which hold neither a comma nor a line break
/// (forensics.wiki/l2t_csv, log2timeline/plaso `plaso/output/l2t_csv.py`).
struct L2TRow {
    static let columns = [
        "date", "time", "timezone", "MACB", "source", "sourcetype", "type", "user", "host", "short", "desc", "version",
        "filename", "inode", "notes", "format", "extra",
    ]
    /// Of `short`, as in Plaso's own.
    private static let shortLength = 80

    let cells: [String]

    /// - Parameter row: of the timeline's query.
    init(_ row: Row) throws {
        func text(_ column: String) throws -> String? { try row.decode(forColumn: column) }
        let message = try text("message") ?? ""
        let moment = try text("datetime") ?? ""
        let date = moment.prefix(10).split(separator: "-")
        var extra: [String] = []
        for name in ["certainty", "id", "owner"] {
            if let value = try text(name) { extra.append("\(name): \(value)") }
        }
        let stamp = try row.decode(Int64?.self, forColumn: "timestamp") ?? 0
        extra.append("timestamp: \(stamp)")
        let isLong = message.count > Self.shortLength
        let cells: [String] = try [
            (date.dropFirst() + date.prefix(1)).joined(separator: "/"), String(moment.dropFirst(11).prefix(8)), "UTC",
            "....", "LOG", "Strayframe", text("timestamp_desc") ?? "-", text("requester") ?? "-", text("node") ?? "-",
            isLong ? message.prefix(Self.shortLength - 3) + "..." : message, message, "2", "-", "-", "-", "strayframe",
            extra.joined(separator: "; "),
        ]
        self.cells = cells.map { String($0.map { $0 == "," || $0.isNewline ? " " : $0 }) }
    }
}
