public import Casefile
public import Foundation
import GRDB

/// Writes the report files of a case.
public enum Reports {
    /// What was written.
    public struct Written: Sendable {
        /// The files' names, in order.
        public var files: [String]
        /// The counts that they hold.
        public var summary: Summary
        /// The SHA-256 of `manifest.json`.
        public var manifest: String
        /// What a format could not hold, a sentence each.
        public var remarks: [String] = []
    }

    /// - Parameters:
    ///   - folder: made if it is not there.
    ///   - formats: of the tables.
    ///   - key: signs the manifest.
    /// - Throws: `ReportError`.
    @discardableResult
    public static func write(
        _ caseFile: CaseFile, to folder: URL, as formats: [ReportFormat] = [.csv], signedBy key: SigningKey? = nil
    ) throws -> Written {
        let summary = try Summary(of: caseFile)
        try OutputFolder.begin(folder)
        try ReportFile.write(Data((try summary.json() + "\n").utf8), to: folder, "summary.json")
        if formats.contains(.csv) {
            var csv = try CSVFile(header: ["what", "value"], into: AtomicFile(in: folder, "summary.csv"))
            for row in summary.rows { try csv.append(texts: [row.name, row.value]) }
            try csv.finish()
        }
        var remarks: [String] = []
        try caseFile.read { db in
            for report in TableReport.all { try report.write(db, to: folder, as: formats) }
            if formats.contains(.xlsx) { remarks = try writeWorkbook(summary, db, to: folder) }
            try Page.write(summary, db, to: folder)
        } beside: { db in
            // With many exposures it takes as long as all others together.
            try Timeline.write(db, to: folder, as: formats)
        }
        let files =
            ["report.html", "summary.json", Timeline.jsonName]
            + ReportFormat.allCases.filter(formats.contains).flatMap(\.files)
        try removeOld(besides: files, in: folder)
        let manifest = try caseFile.read { try Manifest(files, in: folder, $0) }
        let digest = try manifest.write(to: folder, signedBy: key)
        try ReportFile.settle(folder)
        OutputFolder.end(folder)
        return Written(files: files + [Manifest.fileName], summary: summary, manifest: digest, remarks: remarks)
    }

    /// - Returns: what the workbook could not hold, a sentence each.
    private static func writeWorkbook(_ summary: Summary, _ db: Database, to folder: URL) throws -> [String] {
        let book = try WorkbookFile(in: folder)
        try book.add("summary", ["what", "value"]) { put in
            for row in summary.rows { try put([.string(row.name), row.value.map(Self.figure) ?? .null]) }
        }
        for report in TableReport.all { try book.add(report.name, try Row.fetchCursor(db, sql: report.sql)) }
        try book.add("timeline", try Timeline.rows(db))
        try book.finish()
        return WorkbookFile.remarks(book.sheets).map { "\(WorkbookFile.name), \($0)" }
    }

    /// - Returns: a count as a number, all else as text: sentences and terms, of which none is a number alone.
    private static func figure(_ value: String) -> DatabaseValue.Storage {
        Int64(value).flatMap { String($0) == value ? .int64($0) : nil } ?? .string(value)
    }

    /// The names that report files can have.
    static let names = Set(
        ["report.html", "summary.json", Timeline.jsonName, Manifest.fileName, Manifest.signatureName]
            + ReportFormat.allCases.flatMap(\.files))

    /// Takes away the reports of an earlier run in formats that this one does not write: they speak of another state of the
    /// case.
    private static func removeOld(besides files: [String], in folder: URL) throws(ReportError) {
        for name in Set(ReportFormat.allCases.flatMap(\.files)).subtracting(files) {
            let path = folder.appending(path: name).path
            guard unlink(path) == 0 || errno == ENOENT else {
                throw .cannotWrite(path: path, reason: "is of an earlier run: \(String(cString: strerror(errno)))")
            }
        }
    }
}
