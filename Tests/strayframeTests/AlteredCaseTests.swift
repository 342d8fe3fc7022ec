import Chance
import Foundation
import Selftest
import Simulation
import Testing

/// A case of which some bytes are others than were written, by a failing disk or by hand: whatever they are, a count of it is
/// the one that it was, or is refused.
@Suite struct AlteredCaseTests {
    /// Every report but the manifest, by name; nil if the tool refuses to write them.
    private func reports(_ folder: Folder) throws -> [String: Data]? {
        try folder.shell("rm -rf reports")
        guard try isDone(["report", "--quiet"], folder) else { return nil }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.appending(path: "reports").path)
        return try Dictionary(
            uniqueKeysWithValues: names.filter { $0 != "manifest.json" }.map { ($0, try folder.data("reports/\($0)")) })
    }

    private func isDone(_ arguments: [String], _ folder: Folder) throws -> Bool {
        try output(arguments, folder) != nil
    }

    /// What a command prints; nil if it did not do its work: then it says of what file and why.
    private func output(_ arguments: [String], _ folder: Folder) throws -> String? {
        let result = try Tool.run(arguments, in: folder.url)
        if result.ending == .status(0) { return result.output }
        #expect([.status(1), .status(73), .status(74)].contains(result.ending), "\(arguments): \(result.errors)")
        #expect(result.errors.hasPrefix("strayframe: case.sqlite: "), "\(arguments): \(result.errors)")
        #expect(result.output == "")
        return nil
    }

    @Test(
        "reports of it are refused or the same, and so are answers, and the reports of another correlation",
        arguments: [1, 2, 3, 4])
    func bytes(_ seed: UInt64) throws {
        let folder = try Folder()
        try KnownIncident.random(RandomOptions(seed: 9, deliveries: 300, accounts: 20, nodes: 2), name: "hard")
            .write(to: folder.url.path)
        #expect(try isDone(["analyze", "dump", "--quiet"], folder))
        #expect(try isDone(["correlate", "--quiet"], folder))
        let whole = try folder.data("case.sqlite")
        let expected = try #require(try reports(folder))
        let pairs = try #require(try output(["query", "pairs", "--format", "csv"], folder))
        let first = try #require(pairs.split(separator: "\r\n").dropFirst().first?.split(separator: ",").last)
        let questions = [["query", "pairs", "--format", "csv"], ["query", "summary"], ["explain", String(first)]]
        let answers = try questions.map { try #require(try output($0, folder)) }
        // Most of a small case is empty.
        let places = whole.indices.filter { whole[$0] != 0 }
        var chance = Chance(seed: seed)
        var (refused, unanswered) = (0, 0)
        for _ in 0..<20 {
            var altered = whole
            for _ in 0...chance.below(2) { altered[places[chance.below(places.count)]] ^= 1 << UInt8(chance.below(8)) }
            func putBack() throws {
                try folder.shell("rm -f case.sqlite-journal")
                try altered.write(to: folder.url.appending(path: "case.sqlite"))
            }
            try putBack()
            if let found = try reports(folder) { #expect(found == expected) } else { refused += 1 }
            for (question, answer) in zip(questions, answers) {
                try putBack()
                if let found = try output(question, folder) { #expect(found == answer) } else { unanswered += 1 }
            }
            try putBack()
            guard try isDone(["correlate", "--quiet"], folder) else { continue }
            if let found = try reports(folder) { #expect(found == expected) }
        }
        #expect(refused > 5, "too few of the changes were to what counts: \(refused)")
        #expect(unanswered == refused * questions.count, "what is not reported is not told either")
    }

    /// The columns of a case that hold no NULL, as `table.column`.
    private func requiredColumns(_ folder: Folder) throws -> [Substring] {
        try folder.shell(
            #"""
            sqlite3 case.sqlite "SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c
                WHERE t.type = 'table' AND t.name NOT LIKE 'grdb%' AND t.sql NOT LIKE '%WITHOUT ROWID%'
                    AND (c.\"notnull\" OR c.type = 'TEXT') AND NOT c.pk ORDER BY 1" >columns.txt
            """#)
        return try String(decoding: folder.data("columns.txt"), as: UTF8.self).split(separator: "\n")
    }

    /// Sets cells to values that their column does not take.
    ///
    /// - Parameter column: its table, and its name.
    /// - Returns: of how many rows.
    private func set(
        _ column: [Substring], to value: String, where condition: String, _ folder: Folder
    ) throws -> Int {
        // SQLite checks what is written, not what is read: the declaration is put back when the value is in.
        try folder.shell(
            """
            sqlite3 case.sqlite "CREATE TEMP TABLE was AS SELECT sql FROM sqlite_schema WHERE name = '\(column[0])';
                PRAGMA writable_schema = ON;
                UPDATE sqlite_schema SET sql = replace(replace(sql, ' NOT NULL', ''), 'STRICT', '')
                    WHERE name = '\(column[0])';
                PRAGMA writable_schema = RESET; PRAGMA ignore_check_constraints = ON;
                UPDATE \(column[0]) SET \(column[1]) = \(value) WHERE \(condition);
                SELECT changes();
                PRAGMA writable_schema = ON;
                UPDATE sqlite_schema SET sql = (SELECT sql FROM was) WHERE name = '\(column[0])';" >changes.txt
            """)
        let text = String(decoding: try folder.data("changes.txt"), as: UTF8.self)
        return try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    @Test(
        "a cell of another type than its column ends every command with a message and a status",
        arguments: ["NULL", "x'00ff'"])
    func cells(_ value: String) throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        #expect(try isDone(["analyze", "dump", "--quiet"], folder))
        let id = try #require(
            try output(["query", "pairs", "--format", "csv"], folder)?.split(separator: "\r\n").last?
                .split(separator: ",").last)
        let whole = try folder.data("case.sqlite")
        var (altered, refused) = (0, 0)
        for column in try requiredColumns(folder) {
            let parts = column.split(separator: ".")
            _ = try set(parts, to: value, where: "rowid = (SELECT min(rowid) FROM \(parts[0]))", folder)
            altered += try folder.data("case.sqlite") == whole ? 0 : 1
            var commands = [
                ["verify"], ["report", "--quiet"], ["query", "summary", "--as-is"], ["explain", String(id), "--as-is"],
                ["correlate", "--quiet"],
            ]
            if ["source", "journal", "seal"].contains(parts[0]) {
                commands += [["doctor"], ["query", "sources", "--as-is"], ["ingest", "dump", "--quiet"]]
            }
            for command in commands {
                let result = try Tool.run(command, in: folder.url)
                guard case .status(let status) = result.ending else {
                    Issue.record("\(column), \(command): \(result.ending) \(result.errors)")
                    continue
                }
                if status != 0 { refused += 1 }
            }
            try folder.shell("rm -rf case.sqlite-journal reports")
            try whole.write(to: folder.url.appending(path: "case.sqlite"))
        }
        #expect(altered > 40 && refused > altered, "\(altered) cells were altered, \(refused) times refused")
    }

    @Test("a text that became a blob of the same bytes is another: reports of it are refused")
    func blobs() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        #expect(try isDone(["analyze", "dump", "--quiet"], folder))
        let (whole, expected) = (try folder.data("case.sqlite"), try #require(try reports(folder)))
        try folder.shell(
            #"""
            sqlite3 case.sqlite "SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c
                WHERE t.type = 'table' AND t.name NOT LIKE 'grdb%' AND c.type = 'TEXT'" >columns.txt
            """#)
        var altered = 0
        for column in try String(decoding: folder.data("columns.txt"), as: UTF8.self).split(separator: "\n") {
            let parts = column.split(separator: ".")
            let isAltered =
                try set(
                    parts, to: "CAST(\(parts[1]) AS BLOB)", where: "\(parts[1]) IS NOT NULL", folder) > 0
            altered += isAltered ? 1 : 0
            if isAltered { #expect(try reports(folder) == nil, "\(column)") }
            if try isAltered && isDone(["correlate", "--quiet"], folder), let found = try reports(folder) {
                #expect(found == expected, "\(column)")
            }
            try folder.shell("rm -rf case.sqlite-journal reports")
            try whole.write(to: folder.url.appending(path: "case.sqlite"))
        }
        #expect(altered > 20, "\(altered) columns were altered")
    }

    /// Where in a case the lowest bit of a row's number stands that leads to a page below: the middle one of each inner page
    /// of a table.
    private func innerKeys(_ file: Data) -> [Int] {
        func number(_ place: Int, _ bytes: Int) -> Int {
            file[place..<(place + bytes)].reduce(0) { $0 << 8 | Int($1) }
        }
        let size = number(16, 2) == 1 ? 65536 : number(16, 2)
        return stride(from: size, to: file.count, by: size).compactMap { page in
            // 5 is an inner page of a table: its cells are the number of a page and of a row, of seven bits a byte.
            guard file[page] == 5 else { return nil }
            let cell = page + number(page + 12 + 2 * (number(page + 3, 2) / 2), 2)
            return (cell + 4..<cell + 13).first { file[$0] < 128 }
        }
    }

    @Test("a row that is there and is not found by its number is told")
    func innerPages() throws {
        let folder = try Folder()
        try KnownIncident.random(RandomOptions(seed: 9, deliveries: 3000, accounts: 20, nodes: 2), name: "hard")
            .write(to: folder.url.path)
        #expect(try isDone(["analyze", "dump", "--quiet"], folder))
        let (whole, expected) = (try folder.data("case.sqlite"), try #require(try reports(folder)))
        let keys = innerKeys(whole)
        #expect(keys.count >= 2)
        for key in keys {
            var altered = whole
            altered[key] ^= 1
            try altered.write(to: folder.url.appending(path: "case.sqlite"))
            if let found = try reports(folder) { #expect(found == expected, "byte \(key)") }
        }
    }

    @Test("an altered case is shown to who asks for it as it is")
    func asIs() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        #expect(try isDone(["analyze", "dump", "--quiet"], folder))
        let pairs = ["query", "pairs", "--format", "csv"]
        let whole = try #require(try output(pairs, folder))
        #expect(try output(pairs + ["--as-is"], folder) == whole)
        try folder.shell(#"sqlite3 case.sqlite "UPDATE exposure SET certainty = 'possible'""#)
        let first = try #require(whole.split(separator: "\r\n").last?.split(separator: ",").last)
        for question in [pairs, ["explain", String(first)]] {
            let refusal = try Tool.run(question, in: folder.url)
            #expect(refusal.status == 1 && refusal.output == "" && refusal.errors.contains("table exposure"))
            #expect(try Tool.run(question + ["--as-is"], in: folder.url).status == 0)
        }
        let altered = try #require(try output(pairs + ["--as-is"], folder))
        #expect(altered != whole && altered.contains("bob,alice,stranger,0,1,"), "\(altered)")
    }
}
