import Foundation
import GRDB
import Reports
import Testing

@Suite struct NoticeTests {
    /// Frames of bob's and carol's reach alice and dave; one is not certain, for two fills of one moment contend.
    private static let dump: [(name: String, text: String)] = [
        (
            "relay.log",
            delivery("20", to: "alice", key: "k1", more: #","kind":"thumbnail""#)
                + delivery("25", to: "dave", key: "k1", more: #","kind":"still""#)
                + delivery("26", to: "alice", key: "k1", more: #","kind":"still""#)
                + delivery("40", to: "alice", key: "k2", more: #","kind":"still""#)
                + delivery("50", to: "alice", key: "k3")
        ),
        (
            "cache.log",
            fill("19", "cam-b", key: "k1", frame: "f1") + fill("39", "cam-b", key: "k2", frame: "f2")
                + fill("39", "cam-c", key: "k2", frame: "f3") + fill("49", "cam-a", key: "k3", frame: "f4")
        ),
        ("cameras.csv", cameras),
        (
            "rollouts.csv",
            "rollout,node,from,note\nv1,,2019-12-26T10:00:00Z,\nv2,,2019-12-26T10:00:30Z,\nv3,,2019-12-26T10:00:45Z,\n"
        ),
        ("purges.log", #"{"ts":"2019-12-26T10:00:46Z","node":"n","op":"PURGE","key":"k1"}"# + "\n"),
    ]

    private func notice(_ dump: [(name: String, text: String)]) throws -> (files: [String: String], small: SmallCase) {
        let small = try SmallCase(dump)
        let folder = small.folder.appending(path: "notice")
        let count = try Notice.write(small.caseFile, to: folder).accounts
        var files: [String: String] = [:]
        for name in ["authority.md", "accounts.csv"] {
            files[name] = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        }
        let accounts = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "accounts").path)
        #expect(accounts.count == count)
        for name in accounts {
            files["accounts/\(name)"] = try String(
                contentsOf: folder.appending(path: "accounts/\(name)"), encoding: .utf8)
        }
        return (files, small)
    }

    @Test(
        "the authority gets the numbers with their bounds, the phases and the window; what the logs do not tell is blank"
    )
    func authority() throws {
        let text = try #require(notice(Self.dump).files["authority.md"])
        // Three deliveries are bob's for certain; the fourth is bob's or carol's: certain as an exposure, open as to the owner.
        for row in [
            "| data subjects: accounts whose frames were seen | 1 | 2 |",
            "| records: deliveries of such a frame | 4 | 4 |",
            "| recipients: accounts that received them | 2 | 2 |", "| still | 3 | 3 |", "| thumbnail | 1 | 1 |",
            "| stranger | 4 | 4 |",
            "| v1 | 26 Dec 2019, 10:00:20 UTC | 1 | 1 | 3 | 3 |", "| v2 | 26 Dec 2019, 10:00:40 UTC | 0 | 2 | 1 | 1 |",
            "| Deployed | 26 Dec 2019, 10:00:00 UTC | rollout v1, the last one before the first exposure; nothing ties it to them |",
            "| Detected | \\_\\_\\_\\_ | not in the logs |",
            "| Contained | 26 Dec 2019, 10:00:45 UTC | rollout v3, the first one after the last exposure; confirm |",
            "| Purged | \\_\\_\\_\\_ | keys with an exposure that were purged after their last one: 1 of 2, the last on 26 Dec 2019, 10:00:46 UTC; confirm that none is left |",
        ] {
            #expect(text.contains(row + "\n"), "\(row)")
        }
        for heading in [
            "(Article 33(3)(a))", "(Article 33(3)(b))", "(Article 33(3)(c))", "(Article 33(3)(d))", "(Article 33(5))",
        ] {
            #expect(text.contains(heading))
        }
    }

    @Test("a camera that was sold before a fault began is no part of the incident, nor is the rollout before it")
    func resold() throws {
        // cam-b was bob's until 10:00:09; alice, who bought it, receives a frame of his at 10:00:10.
        let (files, small) = try notice([
            (
                "relay.log",
                delivery("10", to: "alice", of: "cam-b", key: "k0") + delivery("40", to: "alice", key: "k1")
                    + delivery("41", to: "dave", key: "k1")
            ),
            ("cache.log", fill("05", "cam-b", key: "k0", frame: "f0") + fill("39", "cam-c", key: "k1", frame: "f1")),
            (
                "cameras.csv",
                "camera,owner,from,until,model\ncam-a,alice,,,m\ncam-b,bob,,2019-12-26T10:00:09Z,m\n"
                    + "cam-b,alice,2019-12-26T10:00:09Z,,m\ncam-c,carol,,,m\n"
            ),
            ("rollouts.csv", "rollout,node,from,note\nv1,,2019-12-26T10:00:00Z,\nv2,,2019-12-26T10:00:30Z,\n"),
        ])
        let incident = try #require(try Summary(of: small.caseFile).incident)
        #expect(incident.basis == "strangers" && incident.rollout == nil && incident.isOver == nil)
        #expect(incident.first == "2019-12-26T10:00:40.000000Z" && incident.last == "2019-12-26T10:00:41.000000Z")
        #expect(incident.byRelation.map(\.relation) == ["next-owner", "stranger"])
        #expect(incident.byRelation.first?.first == "2019-12-26T10:00:10.000000Z")
        let text = try #require(files["authority.md"])
        #expect(text.contains("| Deployed | 26 Dec 2019, 10:00:30 UTC | rollout v2,"))
        #expect(text.contains("| First exposure | 26 Dec 2019, 10:00:40 UTC |"))
        #expect(
            text.contains(
                "| Resold cameras | 26 Dec 2019, 10:00:10 UTC to 26 Dec 2019, 10:00:10 UTC | 1 exposure apart"))
    }

    @Test("each account learns what of its own was seen, when, for how long and by how many, and never by whom")
    func accounts() throws {
        let (files, _) = try notice(Self.dump)
        let index = CSVParser.table(Data(try #require(files["accounts.csv"]).utf8))
        #expect(index.map { $0["account"] } == ["bob", "carol"])
        #expect(index.map { $0["certainty"] } == ["certain", "possible"])
        let bob = try #require(files[index[0]["file"] ?? ""])
        let carol = try #require(files[index[1]["file"] ?? ""])
        #expect(bob.contains("Account: bob\n") && bob.contains("- How often: 3 to 4\n"))
        // alice and dave for certain; of the open one alice again.
        #expect(bob.contains("- By how many accounts: 2\n"))
        #expect(
            bob.contains(
                "| cam-b | still | f1 | 26 Dec 2019, 10:00:25 UTC | 26 Dec 2019, 10:00:26 UTC | 1 s | 2 | 2 | certain |\n"
            ))
        #expect(
            bob.contains(
                "| cam-b | still | f2 | 26 Dec 2019, 10:00:40 UTC | 26 Dec 2019, 10:00:40 UTC | once | 0 to 1 | 0 to 1 | possible |\n"
            ))
        #expect(carol.contains("may have been delivered") && carol.contains("| cam-c | still | f3 |"))
        for text in [bob, carol] {
            for other in ["alice", "dave", "cam-a"] { #expect(!text.contains(other)) }
        }
        #expect(!bob.contains("carol") && !carol.contains("bob"))
    }

    @Test("hostile names make safe files and stay text")
    func hostile() throws {
        let names = [
            "../../etc/passwd", "<script>x</script>", "| a | b", "[click](http://evil.example)", "evil\u{202e}txt", "",
            "long" + String(repeating: "é", count: 5_000), "con", "www.evil.example", "\\*bold*",
        ].enumerated().map { $1.isEmpty ? "-\($0)" : $1 }
        var relay = ""
        var cache = ""
        for index in names.indices {
            cache += fill("1\(index)", "cam-\(index)", key: "k\(index)", frame: "f\(index)")
            relay += delivery("2\(index)", to: "reader", of: "cam-\(index)", key: "k\(index)")
        }
        let table = "camera,owner,from,until,model\n" + names.enumerated().map { "cam-\($0),\"\($1)\",,,m\n" }.joined()
        let (files, small) = try notice([("relay.log", relay), ("cache.log", cache), ("cameras.csv", table)])
        let index = CSVParser.table(Data(try #require(files["accounts.csv"]).utf8))
        #expect(index.count == names.count)
        for row in index {
            let file = try #require(row["file"])
            #expect(file.contains(/^accounts\/[0-9]{6}(-[A-Za-z0-9-]+)?\.md$/) && file.utf8.count < 70, "\(file)")
            let text = try #require(files[file])
            #expect(
                !text.contains("<script") && !text.contains(/[^\\]\]\(/) && !text.contains("\u{202e}")
                    && !text.contains("reader"))
            // Unescaped by CommonMark's rules, the name is there again.
            let shown = CSVParser.undefused(try #require(row["account"]))
            #expect(
                text.replacing(/\\([!-\/:-@\[-`{-~])/) { "\($0.1)" }.replacing("&lt;", with: "<").replacing(
                    "&gt;", with: ">"
                )
                .replacing("&amp;", with: "&").contains("Account: \(shown)\n"))
            // Every row of the table has its nine cells, whatever the names.
            let rows = text.split(separator: "\n").filter { $0.hasPrefix("|") }
            #expect(rows.count == 3)
            #expect(rows.allSatisfy { $0.replacing("\\|", with: "").count { $0 == "|" } == 10 })
        }
        // Drafted again, nothing changes.
        try Notice.write(small.caseFile, to: small.folder.appending(path: "notice"))
        for (name, text) in files {
            let again = small.folder.appending(path: "notice").appending(path: name)
            #expect(try String(contentsOf: again, encoding: .utf8) == text)
        }
    }
}
