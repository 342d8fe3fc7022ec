import Foundation
import GRDB
import Testing

@testable import Reports

@Suite struct CSVTests {
    private func written(_ rows: [[String?]]) throws -> Data {
        var file = try CSVFile(header: ["a", "b", "c"])
        for row in rows { try file.append(texts: row) }
        return Data(file.string.utf8)
    }

    /// A row of one cell, without its end.
    private func cell(_ value: DatabaseValue) throws -> String {
        var file = try CSVFile(header: [])
        try file.append(values: [value])
        return String(file.string.dropFirst().dropLast())
    }

    @Test(
        "a cell is quoted only if it must be, and defused only if a spreadsheet would run it",
        arguments: [
            ("plain", "plain"), ("", ""), ("two words", "two words"), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""),
            ("a\nb", "\"a\nb\""),
            ("a\rb", "\"a\rb\""), ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("\r=1", "\"'\r=1\""), ("'quoted", "''quoted"), ("a=b", "a=b"),
            ("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""),
            ("Küche", "Küche"), ("\n=1", "\"'\n=1\""), ("＝1+1", "'＝1+1"), ("＋1", "'＋1"), ("－1", "'－1"), ("＠x", "'＠x"),
            ("｀x", "｀x"),
        ])
    func cell(_ text: String, _ expected: String) throws {
        #expect(try cell(text.databaseValue) == expected)
    }

    @Test("numbers stand as they are, nothing is an empty cell")
    func values() throws {
        #expect(try cell(DatabaseValue.null) == "")
        #expect(try cell((-5).databaseValue) == "-5")
        #expect(try cell(Int64.min.databaseValue) == "-9223372036854775808")
        #expect(try cell(0.25.databaseValue) == "0.25")
        #expect(try cell("-5".databaseValue) == "'-5")
    }

    @Test("what is written reads back as it was, whatever the texts", arguments: 1...20)
    func roundTrip(_ seed: Int) throws {
        // A linear congruential sequence: reproducible, and hard on the separators.
        var state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let pieces = [
            "=", "+", "-", "@", "\t", "\r", "\n", "\r\n", "'", "\"", ",", ";", "a", "ü", "📷", " ", "\u{0}", "\\", "''",
            "\"\"",
        ]
        let rows = (0..<200).map { _ in
            (0..<3).map { _ in (0..<next(6)).map { _ in pieces[next(pieces.count)] }.joined() }
        }
        let cells = try CSVParser.cells(written(rows))
        #expect(cells.first == ["a", "b", "c"])
        let read = cells.dropFirst().map { $0.map(CSVParser.undefused) }
        #expect(read.count == rows.count)
        for (found, expected) in zip(read, rows) {
            #expect(found.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
        }
        // No cell begins as a formula does.
        #expect(
            cells.dropFirst().joined().allSatisfy { cell in
                !cell.utf8.prefix(1).contains { "=+-@\t\r".utf8.contains($0) }
            })
    }

    @Test("every line ends in CR LF, and an absent text is an empty cell")
    func lines() throws {
        #expect(try written([["x", nil, "y"]]) == Data("a,b,c\r\nx,,y\r\n".utf8))
    }
}
