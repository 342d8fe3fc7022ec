import Correlation
import Foundation
import Testing

/// A job that is split into many tasks finds what one run finds. Here `sort` stands for what Spark does between the stages;
/// `make scale-test` has Spark itself.
@Suite struct ScaleTests {
    private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Runs `Scale/local`, whose stages have `sort` between them, imports what comes of it into `job.sqlite` and writes the
    /// reports of that.
    private func runJob(_ roots: [String], in folder: Folder, normalize: [String] = [], parts: Int = 64) throws {
        // The tasks find it whatever it is called.
        try folder.shell(
            """
            ln -s '\(Tool.executable.path)' judge-of-frames
            STRAYFRAME=judge-of-frames JOBS=3 PARTS=\(parts) NORMALIZE='\(normalize.joined(separator: " "))' '\(Self.repository.path)/Scale/local' output '\(roots.joined(separator: "' '"))'
            """)
        for words in ["import output/result output/evidence --facts output/facts", "report --reports job -q"] {
            let run = try Tool.run(
                words.split(separator: " ").map(String.init) + ["--case", "job.sqlite"], in: folder.url)
            try #require(run.status == 0, "\(words): \(run.errors)")
        }
    }

    @Test("many readers and three sweeps give one run's reports, byte for byte: a real cache's thin logs")
    func thinLogs() throws {
        let lab = Self.repository.appending(path: "Fixtures/nginx-lab/dump").path
        try requireSameReports(
            ["inferred", "origin", "directory"].map { "\(lab)/\($0)" }, in: try Folder(), profile: "nginx-thin")
    }

    @Test("so they do where lines name frames, which may have been filled under other keys")
    func frames() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        var (relay, cache) = ("", "")
        for step in 0..<600 {
            let time = "2019-12-26T11:\(10 + step / 30):\(10 + step % 30).000000Z"
            let key = "slot/\(step * 7 % 11)"
            relay +=
                #"{"ts":"\#(time)","node":"n\#(step % 3)","requester":"\#(step % 2 == 0 ? "alice" : "bob")","camera":"cam-a","key":"\#(key)","frame":"f-\#(step * 5 % 90)","cache":"HIT","status":200,"bytes":9}"#
                + "\n"
            cache +=
                #"{"ts":"\#(time)","node":"n\#(step % 2)","op":"FILL","key":"slot/\#(step % 13)","frame":"f-\#(step % 100)","camera":"cam-\#(step % 100 < 60 ? "a" : "b")"}"#
                + "\n"
        }
        try folder.write("dump/relay/n.ndjson", relay)
        try folder.write("dump/cache/n.ndjson", cache)
        try requireSameReports([folder.url.appending(path: "dump").path], in: folder)
        try folder.shell("cut -f 2 output/frames | grep -qx frame")
    }

    @Test("the number of parts decides nothing", arguments: [1, 2, 1000])
    func parts(count: Int) throws {
        let xiaomi = Self.repository.appending(path: "Fixtures/xiaomi-2019-12-26/dump").path
        try requireSameReports([xiaomi], in: try Folder(), parts: count)
    }

    private func requireSameReports(
        _ roots: [String], in folder: Folder, profile: String? = nil, parts: Int = 64
    ) throws {
        let format = profile.map { ["--profile", $0] } ?? []
        try runJob(roots, in: folder, normalize: format, parts: parts)
        let single = try Tool.run(
            ["analyze"] + roots + format + ["--case", "one.sqlite", "--reports", "one", "-q"], in: folder.url)
        try #require(single.status == 0, "\(single.errors)")
        try requireSameLedger(folder)
        // Of what no part can tell the reports say so.
        for name in ["summary.json", "report.html"] {
            let text = String(decoding: try folder.data("job/\(name)"), as: UTF8.self)
            #expect(text.contains("What the keys hold was not asked, for other machines judged"), "\(name)")
        }
        // All else is the same, byte for byte.
        try folder.shell(
            """
            for dir in one job; do
                sed -i '/"assumptions" : \\[/,/^  \\],/d; /"key_change" :/d' $dir/summary.json
                sed -i '/^key_change,/d' $dir/summary.csv
                rm $dir/assumptions.csv $dir/key_changes.csv $dir/key_remedies.csv $dir/report.html $dir/manifest.json
            done
            """)
        try folder.shell("diff -r one job && test $(wc -l < one/exposures.csv) -gt 2 && test -s output/result/0")
        let verified = try Tool.run(["verify", "--case", "job.sqlite"], in: folder.url)
        #expect(verified.status == 0, "\(verified.output)")
    }

    /// What can be told of parts is what one machine tells; of the rest the import says that nobody asked.
    private func requireSameLedger(_ folder: Folder) throws {
        func entries(_ name: String) throws -> [String: [String: String]] {
            let object = try JSONSerialization.jsonObject(with: folder.data("\(name)/summary.json")) as? [String: Any]
            let rows = try #require(object?["assumptions"] as? [[String: Any]])
            return Dictionary(
                uniqueKeysWithValues: rows.map { row in
                    (row["assumption"] as? String ?? "", row.mapValues { "\($0)" })
                })
        }
        let (one, job) = (try entries("one"), try entries("job"))
        #expect(Set(one.keys) == Set(job.keys) && one.count == Assumption.allCases.count)
        for assumption in Assumption.allCases {
            let name = assumption.rawValue
            if Ledger.toldByJobs.contains(assumption) {
                #expect(job[name] == one[name])
            } else {
                #expect(job[name]?["status"] == "untestable")
                #expect(job[name]?["detail"]?.contains("Other machines") == true, "\(name)")
            }
        }
    }

    @Test("a shard that is cut off fails, and is named; what it had comes out all the same")
    func cutOff() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try folder.shell(
            "for n in $(seq 2000); do cat dump/relay/edge.ndjson; done | gzip > edge.gz && head -c 2000 edge.gz > relay.gz"
        )
        let run = try Tool.run(["normalize", "relay.gz", "--name", "relay/edge.gz"], in: folder.url)
        #expect(run.status == 74 && run.errors.contains("relay/edge.gz"), "\(run.errors)")
        #expect(run.output.contains("\tdelivery\t"))
    }

    /// The blocks of a small dump as `records`, and the facts of it as `facts`.
    private func writeRecords(in folder: Folder) throws {
        try folder.write("dump/relay.ndjson", SmallDump.line(requester: "alice", second: 10) + "{\"broken\n")
        let run = try Tool.run(["normalize", "dump", "--rejects", "rejects"], in: folder.url)
        #expect(run.status == 0 && !run.output.contains("\treject\t"), "\(run.errors)")
        try folder.shell("cut -f 2,4 rejects | grep -qx 'reject\t1'")
        try folder.write("records", run.output)
        try folder.shell(
            """
            { grep '\tsource\t' records; grep '\tdelivery\t-1\t' records; } | '\(Tool.executable.path)' survey > facts
            """)
    }

    @Test("what is no sound block stops a stage, with the file and the block; rejects go to a file of their own")
    func problems() throws {
        let folder = try Folder()
        try writeRecords(in: folder)
        let records = String(decoding: try folder.data("records"), as: UTF8.self)
        let lines = records.split(separator: "\n")
        let place = try #require(lines.firstIndex { $0.contains("\tdelivery\t") && !$0.contains("\t-1\t") })
        func with(_ line: some StringProtocol) -> String {
            (lines[..<place].map(String.init) + [String(line)]).joined(separator: "\n") + "\n"
        }
        let block = lines[place]
        try folder.write("cut", with(block.dropLast(4)))
        try folder.write("changed", with(block.dropLast(6) + "AAAAAA"))
        try folder.write("later", with(block.replacing("strayframe-block-1", with: "strayframe-block-9")))
        try folder.write("json", with("{\"type\":\"delivery\"}"))
        try folder.write("moved", with(block.replacing("\tdelivery\t", with: "\tdelivery\t1")))
        try folder.write("none", "")
        let number = "block \(place + 1)"
        for (input, facts, words) in [
            ("cut", "facts", [number, "checksum"]), ("changed", "facts", [number, "checksum"]),
            ("later", "facts", [number, "strayframe-block-9", "one version"]), ("json", "facts", [number, "no block"]),
            ("moved", "facts", [number, "checksum"]), ("records", "none", ["survey"]),
        ] {
            let run = try folder.status(
                "'\(Tool.executable.path)' sweep --facts \(facts) < \(input) > result 2> errors")
            #expect(run != 0, "\(input)")
            let errors = try String(decoding: folder.data("errors"), as: UTF8.self)
            for word in words { #expect(errors.contains(word), "\(input): \(errors)") }
        }
        // A file is named by its name.
        let source = try #require(lines.first { $0.contains("\tsource\t") })
        try folder.write("sources", "\(source)\n\(source.dropLast(4))\n")
        let survey = try Tool.run(["survey", "sources"], in: folder.url)
        #expect(survey.status != 0 && survey.errors.contains("sources: block 2"), "\(survey.errors)")
    }

    @Test("a result that lacks a task's part, or has it twice, is refused: counts would be too low, or too high")
    func incomplete() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try runJob(["dump"], in: folder)
        try folder.shell("mkdir twice none; cp output/result/* twice; cat output/result/* > twice/again")
        for (result, words) in [("twice", "2 candidates"), ("none", "the whole result of one job, once")] {
            let run = try Tool.run(
                ["import", result, "output/evidence", "--facts", "output/facts", "--case", "\(result).sqlite"],
                in: folder.url)
            #expect(run.status != 0 && run.errors.contains(words), "\(run.errors)")
        }
    }

    @Test("an imported case takes no logs, and a case with logs no result: they would count twice")
    func mixing() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try runJob(["dump"], in: folder)
        for words in ["ingest dump --case job.sqlite", "correlate --case job.sqlite"] {
            let run = try Tool.run(words.split(separator: " ").map(String.init), in: folder.url)
            #expect(run.status != 0 && run.errors.contains("other machines"), "\(words): \(run.errors)")
        }
        try #require(try Tool.run(["ingest", "dump", "-q"], in: folder.url).status == 0)
        let run = try Tool.run(
            ["import", "output/result", "output/evidence", "--facts", "output/facts"], in: folder.url)
        #expect(run.status != 0 && run.errors.contains("has sources already"), "\(run.errors)")
    }
}
