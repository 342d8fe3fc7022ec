/// How the tables among the reports are written.
public enum ReportFormat: String, CaseIterable, Sendable {
    /// RFC 4180, with a header.
    case csv
    /// A JSON object a line; what a row does not have is left out.
    case jsonl
    /// The timeline as log2timeline wrote it and Plaso still does.
    case l2tcsv
    /// Every table as a sheet of one workbook; see ``WorkbookFile``.
    case xlsx

    /// The names of the files that it gives, in order.
    var files: [String] {
        switch self {
        case .csv: ["summary.csv"] + TableReport.all.map { "\($0.name).csv" } + [Timeline.csvName]
        case .jsonl: TableReport.all.map { "\($0.name).jsonl" }
        case .l2tcsv: [Timeline.l2tName]
        case .xlsx: [WorkbookFile.name]
        }
    }
}
