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
    init(_ row: Row) {
        func text(_ column: String) -> String? { row[column] }
        let message = text("message") ?? ""
        let moment = text("datetime") ?? ""
        let date = moment.prefix(10).split(separator: "-")
        var extra: [String] = []
        for name in ["certainty", "id", "owner"] {
            if let value = text(name) { extra.append("\(name): \(value)") }
        }
        extra.append("timestamp: \(row["timestamp"] as Int64? ?? 0)")
        let isLong = message.count > Self.shortLength
        let cells: [String] = [
            (date.dropFirst() + date.prefix(1)).joined(separator: "/"), String(moment.dropFirst(11).prefix(8)), "UTC",
            "....", "LOG", "Strayframe", text("timestamp_desc") ?? "-", text("requester") ?? "-", text("node") ?? "-",
            isLong ? message.prefix(Self.shortLength - 3) + "..." : message, message, "2", "-", "-", "-", "strayframe",
            extra.joined(separator: "; "),
        ]
        self.cells = cells.map { String($0.map { $0 == "," || $0.isNewline ? " " : $0 }) }
    }
}
