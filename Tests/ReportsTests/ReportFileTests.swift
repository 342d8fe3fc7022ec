import Foundation
import GRDB
import Queries
import Reports
import Testing

@Suite struct ReportFileTests {
    /// Hostile names, several owners, ties in time, two tables that do not agree about a model, copies and rejects.
    static let dump: [(name: String, text: String)] = {
        let owned = "camera,owner,from,until,model\n"
        var relay = ""
        var cache = ""
        for step in 0..<60 {
            let second = "\(10 + step / 6).\(step % 6)"
            cache += fill(second, "cam-\(step % 7)", key: "k\(step % 3)", frame: "f\(step)")
            relay += delivery(
                second, to: "acct-\(step * 5 % 7)", of: "cam-\(step * 5 % 7)", key: "k\(step % 3)",
                more: #","client":"c\#(step % 2)","network":"poor""#)
            if step % 20 == 0 { relay += "broken \(step % 2)\n" }
        }
        relay += delivery("30", to: "acct-1", key: "never filled")
        let accounts = ["=cmd|' /C calc'!A0", "acct-1", "acct, \\\"two\\\"", "acct-3", "acct-4", "acct-5", "-acct"]
        func table(_ model: String) -> String {
            owned
                + accounts.enumerated().map {
                    "cam-\($0),\"\($1.replacing("\\\"", with: "\"\""))\",,,\(model)-\($0 % 2)\n"
                }.joined()
        }
        func named(_ text: String) -> String {
            accounts.enumerated().reduce(text) { $0.replacing("\"acct-\($1.offset)\"", with: "\"\($1.element)\"") }
        }
        return [
            ("one/relay.log", named(relay)),
            ("two/relay.log", named(relay).replacing("\"n\"", with: "\"m\"").replacing("broken", with: "damaged")),
            ("cache.log", cache + cache.replacing("\"n\"", with: "\"m\"")),
            ("cameras.csv", table("zebra")), ("more.csv", table("ant")),
            (
                "rollouts.csv",
                "rollout,node,from,note\nv1,,2019-12-26T10:00:00Z,\nv2,m,2019-12-26T10:00:12Z,\nv3,n,2019-12-26T10:00:12Z,\n"
            ),
            ("purges.log", #"{"ts":"2019-12-26T10:00:12.2Z","node":"n","op":"PURGE","key":"k1"}"# + "\n"),
            ("README", "notes\n"),
        ]
    }()

    @Test("files read in another order give the same reports and the same answers, byte for byte")
    func order() throws {
        let forth = try SmallCase(Self.dump)
        let back = try SmallCase(Self.dump.reversed())
        let reports = try forth.reports()
        #expect(try Summary(of: forth.caseFile).exposuresCertain + Summary(of: forth.caseFile).exposuresPossible > 50)
        for (name, data) in try back.reports() { #expect(reports[name] == data, "\(name)") }
        for query in BundledQuery.all {
            let values = query.parameters.contains("account") ? ["account": "acct-1"] : [:]
            let one = try QueryOutput(query, values, forth.caseFile).text(.csv)
            #expect(try QueryOutput(query, values, back.caseFile).text(.csv) == one, "\(query.name)")
        }
    }

    // Hayabusa #1148: other rows in CSV than in JSON. #1324: JSON output that is not valid JSON.
    @Test("a query's CSV and JSON hold the same values, and the JSON is JSON", arguments: BundledQuery.all.map(\.name))
    func formats(_ name: String) throws {
        let small = try SmallCase(Self.dump)
        let query = try #require(BundledQuery.named(name))
        let values = query.parameters.contains("account") ? ["account": "=cmd|' /C calc'!A0"] : [:]
        let output = try QueryOutput(query, values, small.caseFile)
        let csv = CSVParser.table(Data(try output.text(.csv).utf8))
        let json = try #require(
            JSONSerialization.jsonObject(with: Data(try output.text(.json).utf8)) as? [[String: Any]])
        #expect(csv.count == json.count)
        for (row, object) in zip(csv, json) {
            #expect(row.keys.sorted() == object.keys.sorted())
            for (column, cell) in row {
                switch object[column] {
                case let text as String: #expect(CSVParser.undefused(cell) == text)
                case let number as NSNumber: #expect(Double(cell) == number.doubleValue)
                default: #expect(cell == "")
                }
            }
        }
        if !["change-points", "conditions", "coverage-gaps", "former-grantees", "identity-crossings", "is-it-fixed"]
            .contains(name)
        {
            #expect(!csv.isEmpty)
        }
    }

    @Test("a table fits a terminal: texts are cut, numbers never, and without a width nothing is")
    func narrow() throws {
        let small = try SmallCase(Self.dump)
        let output = try QueryOutput(#require(BundledQuery.named("pairs")), [:], small.caseFile)
        let (whole, cut) = (try output.text(.table), try output.text(.table, width: 100))
        #expect(whole.split(separator: "\n").contains { $0.count > 100 } && !whole.contains("…"))
        #expect(cut.split(separator: "\n").allSatisfy { $0.count <= 100 } && cut.contains("…"))
        let counts = { (text: String) in text.split(separator: "\n").map { $0.matches(of: #/ \d+ /#).map(\.output) } }
        #expect(
            counts(cut).map { $0.map { $0.trimmingCharacters(in: .whitespaces) } }.dropFirst().allSatisfy {
                !$0.isEmpty
            })
    }

    /// So few deliveries show no change of a rate, no condition that chance does not explain, nor its fix; and no line names a
    /// session.
    private static let mayBeEmpty = ["change_points.csv", "conditions.csv", "fixes.csv", "identity_crossings.csv"]

    @Test("every report is CSV by RFC 4180 whose rows have as many cells as the header, and no cell is a formula")
    func wellFormed() throws {
        let small = try SmallCase(Self.dump)
        _ = try small.caseFile.annotate([.account("=cmd|' /C calc'!A0")], tags: ["=1"], note: "-1")
        for (name, data) in try small.reports() where name.hasSuffix(".csv") {
            let cells = CSVParser.cells(data)
            #expect(cells.count > 1 || Self.mayBeEmpty.contains(name), "\(name)")
            #expect(cells.allSatisfy { $0.count == cells[0].count }, "\(name)")
            let texts = cells.joined().filter { Double($0) == nil }
            #expect(
                texts.allSatisfy { cell in !cell.utf8.prefix(1).contains { "=+-@\t\r".utf8.contains($0) } }, "\(name)")
        }
        let owners = try small.rows("exposed_accounts.csv").compactMap { $0["account"] }
        #expect(owners.contains("=cmd|' /C calc'!A0") && owners.contains("acct, \"two\"") && owners.contains("-acct"))
    }

    @Test("tables as JSON lines hold what they hold as CSV, and either comes alone if it alone is asked for")
    func lines() throws {
        let small = try SmallCase(Self.dump)
        let both = try small.reports(as: [.csv, .jsonl])
        let tables = both.keys.filter { $0.hasSuffix(".csv") && $0 != "summary.csv" }
        #expect(tables.count == 20)
        for name in tables {
            let rows = CSVParser.table(try #require(both[name])).map { $0.mapValues(CSVParser.undefused) }
            let text = try #require(both[name.replacing(".csv", with: ".jsonl")])
            let objects = try text.split(separator: UInt8(ascii: "\n")).map {
                try #require(JSONSerialization.jsonObject(with: $0) as? [String: Any])
            }
            #expect(objects.count == rows.count, "\(name)")
            for (object, row) in zip(objects, rows) {
                let cells = row.filter { $0.value != "" }
                #expect(Set(object.keys) == Set(cells.keys), "\(name)")
                for (column, value) in object {
                    let cell = cells[column] ?? ""
                    #expect(
                        (value as? String).map { $0 == cell } ?? (Double("\(value)") == Double(cell)),
                        "\(name) \(column)")
                }
            }
        }
        #expect(try !small.reports(as: [.jsonl]).keys.contains { $0.hasSuffix(".csv") })
        #expect(try small.reports().keys.filter { $0.hasSuffix(".jsonl") } == ["timeline.jsonl"])
    }

    // The columns as log2timeline/plaso writes and documents them.
    @Test("the timeline for log2timeline's readers has 17 cells a row between plain commas, and the timeline's entries")
    func l2t() throws {
        let files = try SmallCase(Self.dump).reports(as: [.l2tcsv])
        let rows = String(decoding: try #require(files["timeline.l2t.csv"]), as: UTF8.self)
            .split(separator: "\r\n").map {
                $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            }
        #expect(
            rows[0].joined(separator: ",")
                == "date,time,timezone,MACB,source,sourcetype,type,user,host,short,desc,version,filename,inode,notes,format,extra"
        )
        #expect(rows.allSatisfy { $0.count == 17 })
        let entries = try #require(files["timeline.jsonl"]).split(separator: UInt8(ascii: "\n")).map {
            try #require(JSONSerialization.jsonObject(with: $0) as? [String: Any])
        }
        #expect(entries.count == rows.count - 1)
        for (row, entry) in zip(rows.dropFirst(), entries) {
            #expect("2019-12-26T\(row[1])" == (entry["datetime"] as? String)?.prefix(19) ?? "")
            #expect(row[0] == "12/26/2019" && row[6] == entry["timestamp_desc"] as? String)
            // A cell with a quote in it is quoted.
            #expect(row[16].contains("timestamp: \(entry["timestamp"] ?? "")"))
        }
    }

    @Test(
        "the timeline has Timesketch's columns first, is in order of time and tells of rollouts, purges, pairs and bursts"
    )
    func timeline() throws {
        let small = try SmallCase(Self.dump)
        let data = try #require(small.reports()["timeline.csv"])
        #expect(
            CSVParser.cells(data)[0] == [
                "message", "datetime", "timestamp_desc", "timestamp", "certainty", "owner", "requester", "node", "id",
            ])
        let rows = CSVParser.table(data)
        let stamps = rows.compactMap { Int64($0["timestamp"] ?? "") }
        #expect(stamps.count == rows.count)
        #expect(stamps == stamps.sorted())
        // 2019-12-26T10:00:00Z is 1577354400 (date -u).
        for row in rows {
            let time = try #require(row["datetime"])
            #expect(time.contains(/^2019-12-26T10:00:\d\d\.\d{6}\+00:00$/), "\(time)")
            let micro = Int64(time.dropFirst(17).prefix(9).replacing(".", with: "")) ?? 0
            #expect(row["timestamp"] == "\(1_577_354_400_000_000 + micro)")
        }
        // The other form of it says the same.
        let lines = try #require(small.reports()["timeline.jsonl"]).split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == rows.count)
        for (line, row) in zip(lines, rows) {
            let object = try #require(JSONSerialization.jsonObject(with: line) as? [String: Any])
            #expect(object.mapValues { "\($0)" } == row.mapValues(CSVParser.undefused).filter { $0.value != "" })
            #expect(
                object["timestamp"] is Int
                    && ["message", "datetime", "timestamp_desc"].allSatisfy { object[$0] is String })
        }
        let kinds = Dictionary(grouping: rows) { $0["timestamp_desc"] ?? "" }.mapValues(\.count)
        #expect(kinds["Rollout"] == 3 && kinds["Purge"] == 1 && kinds["Burst begins"] == 2)
        #expect(kinds["First exposure"] == kinds["Last exposure"])
        #expect(rows.first?["message"] == "Rollout v1 on every node")
    }

    @Test("no report holds a path outside the dump or the time of the run, and only its owner can read it")
    func privacy() throws {
        let small = try SmallCase(Self.dump)
        let year = "\(Calendar(identifier: .gregorian).component(.year, from: .now))-"
        for (name, data) in try small.reports() {
            let text = String(decoding: data, as: UTF8.self)
            #expect(!text.contains(small.folder.lastPathComponent), "\(name)")
            #expect(!text.contains(year) || year == "2019-", "\(name)")
            let file = small.folder.appending(path: "reports/\(name)").path
            let attributes = try FileManager.default.attributesOfItem(atPath: file)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(name)")
        }
    }
}
