public import Casefile
public import Foundation
import GRDB

/// Writes the report files of a case.
public enum Reports {
    /// - Parameter folder: made if it is not there.
    /// - Returns: the names of the files written, in order, and the counts that they hold.
    /// - Throws: `ReportError`.
    @discardableResult
    public static func write(_ caseFile: CaseFile, to folder: URL) throws -> (files: [String], summary: Summary) {
        let summary = try Summary(of: caseFile)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw ReportError.cannotWrite(path: folder.path, reason: error.localizedDescription)
        }
        try ReportFile.write(Data((try summary.json() + "\n").utf8), to: folder, "summary.json")
        var csv = CSVFile(header: ["what", "value"])
        for row in summary.rows { csv.append(texts: [row.name, row.value]) }
        try csv.write(to: folder, "summary.csv")
        try caseFile.read { db in
            for report in TableReport.all { try report.write(db, to: folder) }
            try Timeline.write(db, to: folder)
        } beside: { db in
            try Page.write(summary, db, to: folder)
        }
        let files = ["report.html", "summary.json", "summary.csv"] + TableReport.all.map(\.file) + ["timeline.csv"]
        return (files, summary)
    }
}
