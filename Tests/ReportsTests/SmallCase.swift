import Analysis
import Casefile
import Correlation
import Foundation
import GRDB
import LogRecords
import Reports

/// A case of a few lines in a folder of its own, gone when the test is.
final class SmallCase {
    let folder: URL
    let caseFile: CaseFile

    /// - Parameters:
    ///   - files: the dump, in the order in which the files are read.
    ///   - isCorrelated: whether to correlate as well.
    init(_ files: [(name: String, text: String)], isCorrelated: Bool = true) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "strayframe-reports-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        caseFile = try CaseFile(writingTo: folder.appending(path: "case.sqlite").path)
        for (name, text) in files {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            var options = Ingest.Options(roots: [file.path], library: try ProfileLibrary())
            options.jobs = 1
            do {
                try Ingest(caseFile, options).run()
            } catch AnalysisError.noUsableData {
                // A table alone holds no delivery yet.
            }
        }
        // Nobody in these cases was granted anything.
        var options = Correlator.Options()
        options.statements.areNoGrants = true
        if isCorrelated { try Correlator(caseFile, options).run() }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Every report file, by name.
    func reports(as formats: [ReportFormat] = [.csv]) throws -> [String: Data] {
        let target = folder.appending(path: "reports")
        let names = try Reports.write(caseFile, to: target, as: formats).files
        return try Dictionary(
            uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: target.appending(path: $0))) })
    }

    /// A CSV report's rows, each by column.
    func rows(_ report: String) throws -> [[String: String]] {
        CSVParser.table(try reports()[report] ?? Data()).map { $0.mapValues(CSVParser.undefused) }
    }
}

/// One line of a relay's log, at a second of 2019-12-26T10:00.
func delivery(
    _ second: String, to requester: String, of camera: String = "cam-a", key: String = "k", cache: String = "HIT",
    status: Int = 200, more: String = ""
) -> String {
    #"{"ts":"2019-12-26T10:00:\#(second)Z","node":"n","requester":"\#(requester)","camera":"\#(camera)","key":"\#(key)","#
        + #""cache":"\#(cache)","status":\#(status),"bytes":9\#(more)}"# + "\n"
}

/// One line of a cache's log.
func fill(_ second: String, _ camera: String, key: String = "k", frame: String = "f") -> String {
    #"{"ts":"2019-12-26T10:00:\#(second)Z","node":"n","op":"FILL","key":"\#(key)","frame":"\#(frame)","camera":"\#(camera)"}"#
        + "\n"
}

/// cam-a is alice's, cam-b is bob's, cam-c is carol's.
let cameras = "camera,owner,from,until,model\ncam-a,alice,,,m\ncam-b,bob,,,m\ncam-c,carol,,,m\n"

/// Reads CSV by RFC 4180, written apart from the writer.
enum CSVParser {
    /// The rows of cells, without what defuses formulas being undone.
    static func cells(_ data: Data) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var rest = Array(data)[...]
        while !rest.isEmpty {
            var cell: [UInt8] = []
            if rest.first == UInt8(ascii: "\"") {
                rest.removeFirst()
                while let quote = rest.firstIndex(of: UInt8(ascii: "\"")) {
                    cell += rest[..<quote]
                    rest = rest[(quote + 1)...]
                    guard rest.first == UInt8(ascii: "\"") else { break }
                    cell.append(rest.removeFirst())
                }
            } else {
                let end = rest.firstIndex { $0 == UInt8(ascii: ",") || $0 == 0x0d || $0 == 0x0a } ?? rest.endIndex
                cell += rest[..<end]
                rest = rest[end...]
            }
            row.append(String(decoding: cell, as: UTF8.self))
            if rest.first == UInt8(ascii: ",") {
                rest.removeFirst()
            } else if rest.starts(with: [0x0d, 0x0a]) {
                rest.removeFirst(2)
                rows.append(row)
                row = []
            } else {
                // Anything else behind a cell is no CSV; it shows as a row that no test expects.
                rows.append(row + ["not CSV"])
                return rows
            }
        }
        return rows
    }

    /// Each row by the header's names.
    static func table(_ data: Data) -> [[String: String]] {
        let rows = cells(data)
        guard let header = rows.first else { return [] }
        return rows.dropFirst().map { Dictionary(zip(header, $0)) { first, _ in first } }
    }

    /// The text of a cell: one leading apostrophe taken off, as the manual says.
    static func undefused(_ cell: String) -> String {
        cell.utf8.first == UInt8(ascii: "'") ? String(cell.dropFirst()) : cell
    }
}
