import Foundation
import Reports
import Testing

/// The list of figures against what is written of it.
@Suite struct SummaryFigureTests {
    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("each figure has one key, and the manual's table says what the list says")
    func manual() throws {
        let keys = Summary.figures.map(\.key)
        #expect(Set(keys).count == keys.count)
        let manual = try String(contentsOf: Self.repository.appending(path: "Docs/Reports.md"), encoding: .utf8)
        let start = try #require(manual.range(of: "`summary.json`:\n"))
        let table = manual[start.upperBound...].components(separatedBy: "\n").drop { !$0.hasPrefix("|") }
            .prefix { $0.hasPrefix("|") }
        #expect(
            Array(table) == ["| key | meaning |", "| --- | --- |"]
                + Summary.figures.map { "| `\($0.key)` | \($0.meaning) |" })
    }

    @Test("summary.json has every figure, whether it has a value or not, and summary.csv each that is one value")
    func reports() throws {
        let small = try SmallCase([("cameras.csv", cameras), ("cache", fill("01", "cam-a"))])
        let json = try #require(
            try JSONSerialization.jsonObject(with: small.reports()["summary.json"] ?? Data()) as? [String: Any])
        #expect(Set(json.keys) == Set(Summary.figures.map(\.key)))
        for row in try small.rows("summary.csv") {
            let value = try #require(json[row["what"] ?? ""])
            #expect(row["value"] == (value is NSNull ? "" : "\(value)"), "\(row)")
        }
    }
}
