import Interning
import Testing

@testable import LogRecords

/// Tables of the directory as people and spreadsheets write them.
@Suite struct TableTests {
    private func recognized(_ lines: [String]) throws -> Parsed {
        let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        let profile = try #require(try ProfileLibrary().recognize(bytes.span.bytes))
        return Parsed(lines.map { Array($0.utf8) }, profile)
    }

    private func grants(_ parsed: Parsed) -> [String] {
        parsed.batch.grants.map { "\(parsed.text($0.owner)) \(parsed.text($0.camera)) \(parsed.text($0.grantee))" }
    }

    @Test("a quoted value may hold line breaks (RFC 4180 section 2, rule 6), also before a value that is read")
    func lineBreaks() throws {
        let parsed = try recognized([
            "owner,note,camera,grantee,from,until", "a,\"family", "\"\"share\"\",", "by phone\",cam-1,b,,",
            "a,,cam-1,c,,",
        ])
        #expect(grants(parsed) == ["a cam-1 b", "a cam-1 c"])
        #expect(parsed.batch.grants.map(\.id.line) == [2, 5])
        #expect(parsed.unfinished == [])
        #expect(parsed.outcomes == [.ignored, .accepted, .accepted, .accepted, .accepted])
    }

    @Test("a quote that never ends costs its own line and no other")
    func strayQuote() throws {
        let rows = (0..<500).map { "a,,cam-\($0),b,," }
        for place in [0, 3, 499] {
            var lines = rows
            lines[place] = "a,\"by phone,cam-x,b,,"
            let parsed = try recognized(["owner,note,camera,grantee,from,until"] + lines)
            #expect(parsed.batch.grants.count == 499, "\(place)")
            #expect(parsed.unfinished == [Int64(place + 2)])
        }
    }

    @Test("two stray quotes cost no more than two lines")
    func strayQuotes() throws {
        var lines = (0..<20).map { "a,,cam-\($0),b,," }
        (lines[3], lines[7]) = ("a,\"by phone,cam-x,b,,", "a,\"by mail,cam-x,b,,")
        let parsed = try recognized(["owner,note,camera,grantee,from,until"] + lines)
        #expect(parsed.batch.grants.count == 18)
        #expect(Set(parsed.unfinished) == [5, 9])
    }

    @Test(
        "columns may stand between semicolons or tabs",
        arguments: [
            ["owner;camera;grantee;from;until;note", "a;cam-1;b;2026-01-01T00:00:00Z;;\"x;y\""],
            ["owner\tcamera\tgrantee\tfrom\tuntil", "a\tcam-1\tb\t2026-01-01T00:00:00Z\t"],
            ["sep=;", "owner;camera;grantee;from;until", "a;cam-1;b;2026-01-01T00:00:00Z;"],
            ["\u{feff}owner;camera;grantee", "a;cam-1;b"],
        ])
    func separators(_ lines: [String]) throws {
        #expect(grants(try recognized(lines)) == ["a cam-1 b"])
    }

    @Test("a grant whose time cannot be read is a grant whose time is open, and its line is named")
    func unreadableTime() throws {
        let parsed = try recognized([
            "owner,camera,grantee,from,until", "a,cam-1,b,23.11.2025 23:14,", "a,cam-1,c,2026-01-01T00:00:00Z,soon",
            "a,cam-1,d,2026-01-01T00:00:00Z,",
        ])
        #expect(grants(parsed) == ["a cam-1 b", "a cam-1 c", "a cam-1 d"])
        #expect(parsed.batch.grants.map(\.openEnds) == [.from, .until, []])
        #expect(parsed.outcomes[1] == .rejected(.badTime, offset: 0))
    }

    @Test("a time in a column that nobody knows leaves it open when a grant held; an empty one, or text, does not")
    func foreignTime() throws {
        let parsed = try recognized([
            "owner,camera,grantee,from,revoked,note", "a,cam-1,b,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,x",
            "a,cam-1,c,2026-01-01T00:00:00Z,,y",
        ])
        #expect(parsed.batch.grants.map(\.openEnds) == [.both, []])
    }

    @Test("of a camera such a time leaves open what no known column says: since when, until when, or both")
    func foreignTimeOfCamera() throws {
        let time = "2026-02-01T00:00:00Z"
        for (header, values, ends) in [
            ("from,sold_on", "\(time),\(time)", OpenEnds.until), ("until,bought", "\(time),\(time)", .from),
            ("registered", time, .both), ("from,until,made", "\(time),,\(time)", []), ("registered", "", []),
            ("from,note", "\(time),sold", []),
        ] {
            let parsed = try recognized(["camera,owner,\(header)", "cam-1,a,\(values)"])
            #expect(parsed.batch.cameras.map(\.openEnds) == [ends], "\(header) \(values)")
        }
        #expect(
            try notes("camera,owner,from,sold_on", "cam-1,a,\(time),\(time)") == [
                "column 'sold_on' is not known, and holds times: until when these cameras were owned is taken to be open"
            ])
    }

    private static let stateCases: [(String, [String], [String])] = [
        ("revoked", ["false", "0", "No", "", "-", "NULL"], ["true", "1", "yes", "2026-02-01T00:00:00Z", "?"]),
        ("is_deleted", ["f"], ["t"]), ("disabled", ["false"], ["true"]),
        ("active", ["1", "true", " yes ", ""], ["0", "false", "no", "maybe"]), ("valid", ["TRUE"], ["FALSE"]),
        ("status", ["active", "Accepted", ""], ["revoked", "pending", "0", "on hold"]),
        ("state", ["live"], ["cancelled"]),
    ]

    @Test(
        "a grant that a column of state does not call live has open times, and the column is named",
        arguments: stateCases)
    func states(_ column: String, _ live: [String], _ open: [String]) throws {
        let rows = (live + open).map { "a,cam-1,b,2026-01-01T00:00:00Z,,\($0)" }
        let ends = live.map { _ in OpenEnds() } + open.map { _ in OpenEnds.both }
        let parsed = try recognized(["owner,camera,grantee,from,until,\(column)"] + rows)
        #expect(parsed.batch.grants.map(\.openEnds) == ends)
        #expect(parsed.outcomes.dropFirst().allSatisfy { $0 == .accepted })
        // JSON has words of its own for yes and no.
        let objects = (live + open).map { #"{"owner":"a","camera":"cam-1","grantee":"b","\#(column)":"\#($0)"}"# }
        #expect(try recognized(objects).batch.grants.map(\.openEnds) == ends)
        let (said, silent) = (
            try notes("owner,camera,grantee,\(column)", "a,c,b,\(open[0])"),
            try notes("owner,camera,grantee,\(column)", "a,c,b,\(live[0])")
        )
        #expect(said.count == 1 && said.first?.contains("'\(column)'") == true && silent.isEmpty)
    }

    @Test("so with JSON's own true, false and numbers, and with the moment of an end")
    func statesInJSON() throws {
        let rows = [
            #""revoked":true"#, #""revoked":false"#, #""revoked":null"#, #""active":0"#, #""active":1"#,
            #""deleted_at":"2026-02-01""#, #""deleted_at":null"#,
        ]
        let parsed = try recognized(rows.map { #"{"owner":"a","camera":"cam-1","grantee":"b",\#($0)}"# })
        #expect(parsed.batch.grants.map(\.openEnds) == [.both, [], [], .both, [], .both, []])
    }

    @Test("so with cameras, of which a word may be of the device")
    func cameraStates() throws {
        let parsed = try recognized([
            "camera,owner,deleted,status,note,role", "c1,a,true,,x,", "c2,a,false,offline,revoked,deleted",
            "c3,a,,sold,,", "c4,a,,online,,",
        ])
        #expect(parsed.batch.cameras.map(\.openEnds) == [.both, [], .both, []])
    }

    @Test("a known column that is there twice is named if its values differ, and a time in it is open")
    func doubledColumns() throws {
        let header = "owner,camera,grantee,from,until,Until"
        let rows = [
            "a,c,b,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,", "a,c,b,,2026-02-01T00:00:00Z,2026-02-01T00:00:00Z",
            "a,c,b,,,2026-02-01T00:00:00Z",
        ]
        let parsed = try recognized([header] + rows)
        #expect(parsed.batch.grants.map(\.openEnds) == [.until, [], .until])
        let said = try notes(header, rows[0])
        #expect(said.count == 1 && said.first?.contains("'until' is there more than once") == true)
        #expect(try notes(header, rows[1]).isEmpty)
        #expect(try notes("owner,camera,camera,grantee", "a,c1,c2,b").first?.contains("'camera'") == true)
    }

    private func notes(_ lines: String...) throws -> [String] {
        let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        let profile = try #require(try ProfileLibrary().recognize(bytes.span.bytes))
        var parser = LineParser(profile: profile, names: StringInterner())
        var batch = RecordBatch()
        for (number, line) in lines.enumerated() {
            _ = parser.parse(
                Array(line.utf8).span.bytes, id: EventID(source: 1, line: Int64(number + 1)), into: &batch)
        }
        return parser.columnNotes
    }

    @Test("a column that is nearly named as a known one, or holds times, is named with the nearest one")
    func columnNotes() throws {
        let misspelt = try notes("owner,camera,grantee,from,untill", "a,c,b,,")
        #expect(misspelt.count == 1)
        #expect(misspelt.first?.contains("'untill'") == true && misspelt.first?.contains("'until'") == true)
        let times = try notes("camera,owner,from,until,sold", "c,a,,,2026-02-01T00:00:00Z")
        #expect(times.count == 1)
        #expect(times.first?.contains("'sold'") == true && times.first?.contains("holds times") == true)
        #expect(try notes("owner,camera,grantee,from,until,reason", "a,c,b,,,x").isEmpty)
    }

    private func recognized(_ header: String, _ row: String) throws -> (String?, String) {
        let bytes = Array("\(header)\n\(row)\n".utf8)
        let library = try ProfileLibrary()
        return (library.recognize(bytes.span.bytes)?.name, library.resemblance(bytes.span.bytes)?.description ?? "")
    }

    @Test(
        "a table whose grantees stand in a column that is misspelt or called otherwise is never one of cameras",
        arguments: ["grante", "grantees", "garntee", "guest", "recipient", "granted_to"])
    func grantsAreNoCameras(_ column: String) throws {
        let (name, likeness) = try recognized(
            "owner,camera,\(column),from,until", "ann,7,bob,2019-01-01T00:00:00Z,2020-01-01T00:00:00Z")
        #expect(name == nil)
        if ["grante", "grantees", "garntee"].contains(column) {
            #expect(
                likeness.contains("directory-grants") && likeness.contains("'\(column)'")
                    && likeness.contains("'grantee'"))
        }
    }

    @Test(
        "a grantee's other usual names are known",
        arguments: ["grantee", "grantee_account", "grantee_id", "shared_with"])
    func grantees(_ column: String) throws {
        #expect(try recognized("camera,owner,\(column)", "7,ann,bob").0 == "directory-grants")
        let json = #"{"camera":"7","owner":"ann","\#(column)":"bob"}"#
        #expect(try recognized(json, json).0 == "directory-grants-json")
    }

    @Test("a column that a table must have and that is misspelt is named, with the one that it may stand for")
    func misspelt() throws {
        let (name, likeness) = try recognized("camera,ownr,from,until,model", "7,ann,,,m")
        #expect(name == nil)
        #expect(
            likeness
                == "it looks most like directory-cameras, but column 'ownr' in line 1 is not known; did you mean 'owner'?"
        )
        // What a table may have besides does not hide it.
        #expect(try recognized("camera,owner,note,grants,guests", "7,ann,x,1,2").0 == "directory-cameras")
    }

    @Test("blanks around a header's names are none of the values' either; without them a blank is the value's")
    func looseHeader() throws {
        let loose = try Parsed("camera, owner , model", "7, ann , m", shipped: "directory-cameras")
        #expect(
            loose.batch.cameras.map { [loose.text($0.camera), loose.text($0.owner), loose.text($0.model)] } == [
                ["7", "ann", "m"]
            ])
        let quoted = try Parsed("camera, owner", #"7,"ann""#, shipped: "directory-cameras")
        #expect(quoted.batch.cameras.map { quoted.text($0.owner) } == ["ann"])
        let tight = try Parsed("camera,owner", "7, ann", shipped: "directory-cameras")
        #expect(tight.batch.cameras.map { tight.text($0.owner) } == [" ann"])
    }

    @Test("the fields of a record of several lines are shown as they stand in it")
    func shownFields() throws {
        let profile = try #require(try ProfileLibrary().profile(named: "directory-cameras"))
        var parser = LineParser(profile: profile, names: StringInterner())
        var batch = RecordBatch()
        var shown: [String: String] = [:]
        for (number, line) in ["camera,owner,model", "\"c", "1\",ann,m"].enumerated() {
            let bytes = Array(line.utf8)
            _ = parser.parse(bytes.span.bytes, id: EventID(source: 1, line: Int64(number + 1)), into: &batch)
            shown = Dictionary(uniqueKeysWithValues: parser.fields(of: bytes.span.bytes).map { ($0.name, $0.text) })
        }
        #expect(shown["camera"] == "c\n1" && shown["owner"] == "ann" && shown["model"] == "m")
    }
}
