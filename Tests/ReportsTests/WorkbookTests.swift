import Foundation
import GRDB
import Testing

@testable import Reports

/// `tables.xlsx`, as openpyxl reads it.
@Suite(.enabled(if: PageTools.program("python3") != nil, "\(PageTools.absence)"))
struct WorkbookTests {
    /// A cell: its type (`s` text, `n` number, `d` time, `f` formula), its value and its format.
    struct Cell: Decodable, Equatable {
        let type: String
        let value: String?
        let format: String
    }

    private static let reader = """
        import json, sys, openpyxl
        book = openpyxl.load_workbook(sys.argv[1])
        print(json.dumps({s.title: [[{"type": c.data_type, "value": None if c.value is None else str(c.value), "format": c.number_format}
            for c in row] for row in s.iter_rows()] for s in book}))
        """

    private func sheets(_ file: URL) throws -> [String: [[Cell]]] {
        let python = try #require(PageTools.program("python3"))
        let text = try PageTools.output(
            python, ["-c", Self.reader, file.path], in: file.deletingLastPathComponent())
        return try JSONDecoder().decode([String: [[Cell]]].self, from: Data(text.utf8))
    }

    private func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "strayframe-book-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    @Test("ids are texts with their zeros, times are times, counts are numbers, and nothing is a formula")
    func cells() throws {
        let hostile = [
            "=1+1", "+1", "-2+3", "@SUM(A1)", "007", "1e5", "2019-12-26", "ｅ＝1", " lead", "a\u{1}b", "_x0041_",
        ]
        let lines = hostile.enumerated().map { index, name in
            delivery("2\(index % 10)", to: name.replacing("\u{1}", with: "\\u0001"))
        }
        let small = try SmallCase([
            ("relay.log", lines.joined()),
            ("cache.log", fill("19", "cam-b")), ("cameras.csv", cameras),
        ])
        let files = try small.reports(as: [.csv, .xlsx])
        #expect(files["tables.xlsx"] != nil)
        let book = try sheets(small.folder.appending(path: "reports/tables.xlsx"))
        // Every table has its sheet, with as many rows as its CSV.
        for (name, data) in files where name.hasSuffix(".csv") {
            let sheet = try #require(book[String(name.dropLast(4))], "\(name)")
            #expect(sheet.count == CSVParser.cells(data).count, "\(name)")
        }
        let exposures = try #require(book["exposures"])
        let header = try exposures[0].map { try #require($0.value) }
        func column(_ name: String) throws -> [Cell] {
            let index = try #require(header.firstIndex(of: name))
            return exposures.dropFirst().map { $0[index] }
        }
        let requesters = try column("requester")
        #expect(requesters.allSatisfy { $0.type == "s" && $0.format == "@" })
        // The reader shows escapes as they stand in the file.
        let expected = Set(hostile).subtracting(["a\u{1}b", "_x0041_"]).union(["a_x0001_b", "_x005F_x0041_"])
        let unescaped = Set(hostile)
        let found = Set(requesters.compactMap(\.value))
        #expect(found == expected || found == unescaped)
        for cell in try column("time") {
            #expect(cell.type == "d" && cell.value?.hasPrefix("2019-12-26 10:00:2") == true)
        }
        #expect(try column("line").allSatisfy { $0.type == "n" })
        #expect(try column("sha256").allSatisfy { $0.type == "s" && $0.value?.count == 64 })
        #expect(book.values.joined().joined().allSatisfy { $0.type != "f" })
    }

    @Test("the same case gives the same bytes")
    func same() throws {
        let small = try SmallCase([("relay.log", delivery("20", to: "bob")), ("cameras.csv", cameras)])
        let first = try small.reports(as: [.xlsx])["tables.xlsx"]
        // The stamps of archives are of two seconds.
        Thread.sleep(forTimeInterval: 2.1)
        #expect(try small.reports(as: [.xlsx])["tables.xlsx"] == first && first != nil)
    }

    @Test("what a sheet or a cell has no room for is counted on the first sheet, and told")
    func limits() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let book = try WorkbookFile(in: folder, limit: 4)
        let long = String(repeating: "x", count: 40_000)
        try book.add("full", ["account"]) { put in
            for number in 1...5 { try put([.string("0\(number)")]) }
        }
        try book.add("cut", ["account", "count"]) { put in
            try put([.string(long), .int64(1 << 60)])
            try put([.null, .double(.infinity)])
        }
        try book.finish()
        let told = WorkbookFile.remarks(book.sheets)
        #expect(told.count == 2 && told[0].hasPrefix("full: 2 rows") && told[1].hasPrefix("cut: 1 text"))
        let sheets = try sheets(folder.appending(path: WorkbookFile.name))
        #expect(sheets["full"]?.map { $0[0].value } == ["account", "01", "02", "03"])
        #expect(sheets["cut"]?[1][0].value == String(repeating: "x", count: 32_767))
        // A number that a spreadsheet would round is a text.
        #expect(sheets["cut"]?[1][1] == Cell(type: "s", value: "1152921504606846976", format: "@"))
        #expect(sheets["about"]?[1].map(\.value) == ["full", "3", "2", "0"])
        #expect(sheets["about"]?[2].map(\.value) == ["cut", "2", "0", "1"])
        #expect(sheets["about"]?.contains { $0[0].value == told[0] } == true)
    }

    @Test(
        "a time is the number of days that Excel counts, to the microsecond",
        arguments: [
            // 42726.242211 s of the day. Worked out with `date -u -d …+%s` / 86400 + 25569.
            ("2019-12-26T11:52:06.242211Z", 43825.494516692256),
            ("1970-01-01T00:00:00.000000Z", 25569.0), ("2000-02-29T12:00:00.000000+00:00", 36585.5),
            ("1900-03-01T00:00:00.000000Z", 61.0), ("9999-12-31T00:00:00.000000Z", 2958465.0),
        ] as [(String, Double)])
    func days(text: String, days: Double) throws {
        let found = try #require(WorkbookFile.days(text))
        #expect(abs(found - days) < 1e-10 * days)
    }

    @Test(
        "what no spreadsheet counts alike, or is no time, stays a text",
        arguments: [
            "1900-02-28T00:00:00.000000Z", "-001-01-01T00:00:00.000000Z", "10000-01-01T00:00:00.000000Z", "", "2019",
            "2019-13-01T00:00:00.000000Z", "2019-00-01T00:00:00.000000Z", "2019-12-26T11:52:06Z",
        ])
    func noDays(text: String) { #expect(WorkbookFile.days(text) == nil) }
}
