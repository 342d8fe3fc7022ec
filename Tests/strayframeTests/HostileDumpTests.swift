import Casefile
import Foundation
import GRDB
import Testing

/// A dump made to hurt: whoever reads the answer sees what stands in it, and nothing happens by it.
@Suite struct HostileDumpTests {
    /// Names as an attacker would choose them.
    private enum Name {
        static let requester = "=cmd|'/c calc'!A0\u{1b}]0;owned\u{7}\u{202e}\u{9b}31m"
        static let owner = "bob'); DROP TABLE delivery; --"
        static let camera = "cam-b\u{1b}[2J\nexposures 0\u{2028}"
        static let node = "<script>alert(1)</script>|`x`\u{2066}"
        static let file = "relay\u{1b}[31m\u{202e}.ndjson"
    }

    private static func json(_ members: [(String, String)]) throws -> String {
        String(decoding: try JSONEncoder().encode(Dictionary(uniqueKeysWithValues: members)), as: UTF8.self) + "\n"
    }

    private func writeDump(_ folder: Folder) throws {
        try folder.write(
            "dump/cameras.ndjson",
            try Self.json([("camera", "cam-a"), ("owner", Name.requester)])
                + Self.json([("camera", Name.camera), ("owner", Name.owner)]))
        try folder.write(
            "dump/cache.ndjson",
            try Self.json([
                ("ts", "2019-12-26T10:00:19Z"), ("node", Name.node), ("op", "FILL"), ("key", "k"), ("frame", "f"),
                ("camera", Name.camera),
            ]))
        try folder.write("dump/grants.csv", "owner,camera,grantee,from,until\n")
        try folder.write(
            "dump/\(Name.file)",
            try Self.json([
                ("ts", "2019-12-26T10:00:30Z"), ("node", Name.node), ("requester", Name.requester),
                ("camera", "cam-a"), ("key", "k"), ("cache", "HIT"), ("status", "200"), ("bytes", "9"),
            ]) + "no line \u{1b}[2J\u{202e}\u{9b}\n")
    }

    /// Nothing in it acts on a terminal.
    private func expectHarmless(_ text: String, _ comment: Comment) {
        let acting = text.unicodeScalars.filter { scalar in
            scalar != "\n"
                && [.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
        }
        #expect(acting.isEmpty, comment)
    }

    @Test("no command passes on what would act on a terminal, and the counts are those of any other names")
    func terminal() throws {
        let folder = try Folder()
        try writeDump(folder)
        let analyze = try Tool.run(["analyze", "dump"], in: folder.url)
        #expect(analyze.status == 0 && analyze.output.contains("exposures                        1 "), "\(analyze)")
        let id = try CaseFile(reading: folder.url.appending(path: "case.sqlite").path).read {
            try String.fetchOne($0, sql: "SELECT id FROM exposures")
        }
        try folder.write("changed/x", "")
        for (arguments, status, says) in [
            (["analyze", "dump"], 0, "exposures"), (["explain", id ?? ""], 0, #"\x1b]0;owned\x07\u{202e}"#),
            (["query", "pairs"], 0, "\\u{202e}"), (["query", "pairs", "--format", "markdown"], 0, "\\u{202e}"),
            (["query", "pairs", "--format", "json"], 0, "\\u202e"), (["query", "exposures-per-node"], 0, "<script>"),
            (["query", "exposures-per-node", "--format", "markdown"], 0, #"\<script>alert(1)\</script>\|\`x\`"#),
            (["query", "rejects-by-reason"], 0, "1"), (["verify"], 0, "ok"),
            (["profiles", "test", "dump/\(Name.file)"], 0, #"\u{202e}"#),
            (["explain", "\u{1b}[2J"], 65, #"\x1b[2J"#),
            (["analyze", "no\u{1b}[2J\u{202e}"], 66, #"no\x1b[2J\u{202e}"#),
            (["query", "no\u{1b}[2J"], 64, #"no\x1b[2J"#),
        ] {
            let result = try Tool.run(arguments, in: folder.url)
            #expect(result.status == status, "\(arguments): \(result.errors)")
            #expect((result.output + result.errors).contains(says), "\(arguments): \(result)")
            expectHarmless(result.output + result.errors, "\(arguments)")
        }
        try folder.shell("rm dump/relay*")
        let verify = try Tool.run(["verify"], in: folder.url)
        #expect(verify.status == 1)
        expectHarmless(verify.output + verify.errors, "verify of a file that is gone")
    }

    @Test("names and parameters are data to SQL, and formulas are none to a spreadsheet")
    func injection() throws {
        let folder = try Folder()
        try writeDump(folder)
        #expect(try Tool.run(["analyze", "dump", "--quiet"], in: folder.url).status == 0)
        func story(_ account: String) throws -> String {
            try Tool.run(
                ["query", "account-story", "--param", "account=\(account)", "--format", "csv"], in: folder.url
            ).output
        }
        let nobody = try story("nobody")
        #expect(try story("x' OR 1=1; DROP TABLE delivery; --") == nobody)
        #expect(try story(Name.owner) != nobody)
        #expect(try Tool.run(["query", "shared-keys", "--param", "limit=many"], in: folder.url).status == 64)
        #expect(try Tool.run(["query", "coverage-gaps", "--param", "least=2.5"], in: folder.url).status == 0)
        let scope = try Tool.run(["correlate", "--quiet", "--scope", "node=x' OR '1'='1"], in: folder.url)
        #expect(scope.status == 64 && scope.errors.contains("is what no delivery has"), "\(scope.errors)")
        expectHarmless(scope.errors, "a scope's values")
        #expect(try Tool.run(["verify"], in: folder.url).status == 0)
        #expect(try Tool.run(["report", "--quiet"], in: folder.url).status == 0)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.url.appending(path: "reports").path)
        where name.hasSuffix(".csv") {
            let text = try String(decoding: folder.data("reports/\(name)"), as: UTF8.self)
            #expect(!text.contains(",=cmd") && !text.contains("\n=cmd") && !text.contains("\"=cmd"), "\(name)")
        }
        #expect(try String(decoding: folder.data("reports/receiving_accounts.csv"), as: UTF8.self).contains("'=cmd|"))
    }

    @Test("an archive's names lead nowhere, and a link out of the dump is not followed")
    func escapes() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try folder.write("secret/outside.ndjson", SmallDump.line(requester: "mallory", second: 40))
        try folder.write("work/in.ndjson", SmallDump.line(requester: "carol", second: 50))
        try folder.shell(
            """
            ln -s ../secret dump/linked; ln -s ../secret/outside.ndjson dump/linked.ndjson
            cd work; ln -s ../secret/outside.ndjson link
            tar --transform 's,^in,../../../escaped,' -Pcf ../dump/up.tar in.ndjson
            tar --transform "s,^in,$PWD/../absolute," -Pcf ../dump/absolute.tar in.ndjson link
            """)
        func files() throws -> Set<String> {
            Set(
                try FileManager.default.subpathsOfDirectory(atPath: folder.url.path).filter {
                    !$0.contains("sqlite") && !$0.hasPrefix("reports") && !$0.hasPrefix(".")
                })
        }
        let before = try files()
        let result = try Tool.run(["analyze", "dump"], in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try files() == before, "nothing was written but the case and the reports")
        #expect(!folder.exists("escaped.ndjson") && !folder.exists("../escaped.ndjson"))
        let found = try CaseFile(reading: folder.url.appending(path: "case.sqlite").path).read { db in
            (
                try String.fetchAll(db, sql: "SELECT DISTINCT requester FROM deliveries ORDER BY 1"),
                try String.fetchAll(db, sql: "SELECT reason FROM sources WHERE state = 'unreadable' ORDER BY 1"),
                try String.fetchAll(db, sql: "SELECT member FROM sources WHERE member LIKE '%.ndjson' ORDER BY 1")
            )
        }
        #expect(found.0 == ["alice", "carol"])
        #expect(found.1.count == 3 && found.1.allSatisfy { $0.hasPrefix("a symbolic link") }, "\(found.1)")
        #expect(found.2.count == 2 && found.2[0] == "../../../escaped.ndjson", "\(found.2)")
    }

    @Test("limits can be stated, and what goes beyond them is listed")
    func limits() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        let long = String(repeating: "x", count: 5000)
        try folder.write("dump/relay/long.ndjson", SmallDump.line(requester: long, second: 40))
        try folder.shell("head -c 200000000 /dev/zero | zstd -q -c > dump/bomb.zst")
        func rejected(_ options: String...) throws -> (reasons: [String], damage: [String]) {
            let name = "case\(options.joined()).sqlite"
            let result = try Tool.run(["analyze", "dump", "--quiet", "--case", name] + options, in: folder.url)
            #expect(result.status == 0, "\(result.errors)")
            return try CaseFile(reading: folder.url.appending(path: name).path).read { db in
                (
                    try String.fetchAll(db, sql: "SELECT reason FROM rejects"),
                    try String.fetchAll(db, sql: "SELECT reason FROM sources WHERE state = 'damaged'")
                )
            }
        }
        let usual = try rejected()
        #expect(usual.reasons.isEmpty && usual.damage.count == 1, "\(usual)")
        #expect(usual.damage.first?.contains("over 20000 to 1") == true, "\(usual)")
        let line = try rejected("--max-line", "4K")
        #expect(line.reasons == ["longer than the line limit"])
        #expect(try rejected("--max-ratio", "1000000").damage == [])
        let output = try rejected("--max-output", "1M")
        #expect(output.damage.count == 1 && output.damage[0].contains("over 1048576 in all"), "\(output)")
        for wrong in [
            ["--max-line", "0"], ["--max-line", "1G"], ["--max-window", "4G"], ["--max-output", "x"],
            ["--max-line", ""],
        ] {
            #expect(try Tool.run(["analyze", "dump"] + wrong, in: folder.url).status == 64, "\(wrong)")
        }
    }

    @Test("a case that somebody else writes to is left alone, and can be written to afterwards")
    func locked() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        #expect(try Tool.run(["ingest", "dump", "--quiet"], in: folder.url).status == 0)
        let path = folder.url.appending(path: "case.sqlite").path
        let before = try folder.data("case.sqlite")
        // As another run of the tool between two of its transactions.
        let descriptor = open(path, O_RDONLY)
        #expect(flock(descriptor, LOCK_EX) == 0)
        let refused = try Tool.run(["ingest", "dump"], in: folder.url)
        #expect(
            refused.status == 74 && refused.errors.contains("another process is writing to this case"), "\(refused)")
        close(descriptor)
        // As another program in the middle of one.
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "BEGIN EXCLUSIVE")
            let refused = try Tool.run(["analyze", "dump"], in: folder.url)
            #expect(
                refused.status == 74 && refused.errors.contains("another process is writing to this case"), "\(refused)"
            )
            try db.execute(sql: "ROLLBACK")
        }
        try queue.close()
        #expect(try folder.data("case.sqlite") == before)
        #expect(try Tool.run(["analyze", "dump", "--quiet"], in: folder.url).status == 0)
    }
}
