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
    private func runJob(_ roots: [String], in folder: Folder, normalize: [String] = []) throws {
        try folder.shell(
            """
            STRAYFRAME='\(Tool.executable.path)' JOBS=3 NORMALIZE='\(normalize.joined(separator: " "))' '\(Self.repository.path)/Scale/local' output '\(roots.joined(separator: "' '"))'
            """)
        for words in ["import output/result output/records --facts output/facts", "report --reports job -q"] {
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
        try folder.shell("zstd -dc output/frames/all.zst | grep -q '\"type\":\"frame\"'")
    }

    private func requireSameReports(_ roots: [String], in folder: Folder, profile: String? = nil) throws {
        let format = profile.map { ["--profile", $0] } ?? []
        try runJob(roots, in: folder, normalize: format)
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
        try folder.shell("diff -r one job && test $(wc -l < one/exposures.csv) -gt 2 && test -s output/result/2")
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
        #expect(run.output.contains(#""type":"delivery""#))
    }

    @Test("what is no record stops a stage, with the line; rejects go to a file of their own")
    func problems() throws {
        let folder = try Folder()
        try folder.write("dump/relay.ndjson", SmallDump.line(requester: "alice", second: 10) + "{\"broken\n")
        let run = try Tool.run(["normalize", "dump", "--rejects", "rejects"], in: folder.url)
        #expect(run.status == 0 && !run.output.contains(#""type":"reject""#), "\(run.errors)")
        #expect(try String(decoding: folder.data("rejects"), as: UTF8.self).contains(#""line":2"#))
        try folder.write("records", run.output)
        let tool = "'\(Tool.executable.path)'"
        try folder.shell(
            "{ grep '\"type\":\"source\"' records; grep -v '\"type\":\"source\"' records; } | \(tool) survey > facts")
        try folder.write("odd", "{\"group\":\"key a\",\"order\":\"2\",\"type\":\"deliv")
        try folder.write("none", "")
        for (input, facts, words) in [("odd", "facts", "line 1"), ("records", "none", "survey")] {
            let sweep = try folder.status("\(tool) sweep --facts \(facts) < \(input) > result 2> errors")
            #expect(sweep != 0, "\(input)")
            #expect(try String(decoding: folder.data("errors"), as: UTF8.self).contains(words), "\(input)")
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
            ["import", "output/result", "output/records", "--facts", "output/facts"], in: folder.url)
        #expect(run.status != 0 && run.errors.contains("has sources already"), "\(run.errors)")
    }
}
