import Foundation
import Simulation
import Testing

@testable import Selftest

/// The self-test: that it holds, that what it publishes is so, and that it fails when it should.
@Suite struct SelftestTests {
    private struct Table: Decodable {
        struct Incident: Decodable {
            var name: String
            var seed: UInt64
            var dump: String
            var assertions: [Line]
        }
        struct Line: Decodable {
            var id: String
            var text: String
            var expected: String
            var holds: Bool
        }
        var tool: String
        var holds: Bool
        var incidents: [Incident]
    }

    private static let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardizedFileURL

    @Test("it holds, and what it publishes of a dump is what other programs read there")
    func holds() throws {
        let folder = try Folder()
        let run = try Tool.run(["selftest", "--seed", "23", "--format", "json", "--keep", "kit"], in: folder.url)
        #expect(run.status == 0, "\(run.output) \(run.errors)")
        let table = try JSONDecoder().decode(Table.self, from: Data(run.output.utf8))
        #expect(table.holds)
        let version = try Tool.run(["--version"], in: folder.url).output.trimmingCharacters(in: .newlines)
        #expect(table.tool == "strayframe \(version)")
        for incident in table.incidents {
            for line in incident.assertions { #expect(line.holds, "\(incident.name): \(line.text)") }
            try folder.shell(
                """
                cd kit/\(incident.name)
                find dump -type f | LC_ALL=C sort | xargs zstd -dcf | sha256sum | cut -c1-64 | tr -d '\\n' >../../digest
                """)
            #expect(try String(decoding: folder.data("digest"), as: UTF8.self) == incident.dump, "\(incident.name)")
        }
        try xiaomi(try #require(table.incidents.first { $0.name == "xiaomi" }), folder)
        // Nothing is written over what lies there.
        #expect(try Tool.run(["selftest", "--keep", "kit"], in: folder.url).status == 73)
    }

    /// The first incident is the fixture, and its published truth is the fixture's.
    private func xiaomi(_ incident: Table.Incident, _ folder: Folder) throws {
        struct Truth: Decodable {
            var deliveries: Int
            var exposuresCertain: Int
            var exposedAccounts: Int
            var receivingAccounts: Int
            var affectedAccounts: Int
            var firstExposure: String
            var lastExposure: String
        }
        let fixture = Self.root.appending(path: "Fixtures/xiaomi-2019-12-26")
        try folder.shell(
            "cd '\(fixture.path)' && find dump -type f | LC_ALL=C sort | xargs zstd -dcf | sha256sum | cut -c1-64 | tr -d '\\n' >'\(folder.url.path)/digest'"
        )
        #expect(try String(decoding: folder.data("digest"), as: UTF8.self) == incident.dump)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let truth = try decoder.decode(
            Truth.self, from: Data(contentsOf: fixture.appending(path: "truth/truth.json")))
        let expected = Dictionary(incident.assertions.map { ($0.text, $0.expected) }, uniquingKeysWith: { $1 })
        #expect(expected["deliveries of a frame"] == String(truth.deliveries))
        #expect(expected["exposures"] == String(truth.exposuresCertain))
        #expect(expected["exposed accounts"] == String(truth.exposedAccounts))
        #expect(expected["receiving accounts"] == String(truth.receivingAccounts))
        #expect(expected["affected accounts"] == String(truth.affectedAccounts))
        #expect(expected["first exposure"] == truth.firstExposure && expected["last exposure"] == truth.lastExposure)
    }

    @Test("told a wrong truth it fails in each incident, and ends with 1")
    func wrongTruth() throws {
        let folder = try Folder()
        let names = ["stated", "origin", "clear"]
        let run = try Tool.run(["selftest", "--wrong-truth"] + names.flatMap { ["--only", $0] }, in: folder.url)
        #expect(run.status == 1)
        #expect(run.output.contains("FAIL") && run.output.contains("Examiner"))
        let parts = run.output.components(separatedBy: "\nIncident ")
        #expect(parts.count == names.count)
        #expect(run.output.contains("on purpose; left out: xiaomi, frame, cache, mixed, tiers\n"))
        #expect(try Tool.run(["selftest", "--only", "nonsense"], in: folder.url).status == 64)
        for part in parts { #expect(part.contains(#/E2 .* 0 +1 +FAIL\n +dump\/relay\/never.ndjson:1 was missed/#)) }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.url.path).filter { !$0.hasPrefix(".") } == [])
    }

    @Test("interrupted it ends the run that goes on and leaves nothing behind", arguments: [SIGINT, SIGTERM])
    func interrupted(_ signal: Int32) throws {
        let folder = try Folder()
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "tmp"), withIntermediateDirectories: true)
        let process = try Tool.start(
            ["selftest", "--only", "xiaomi"], in: folder.url,
            environment: ["TMPDIR": folder.url.appending(path: "tmp").path],
            errors: folder.url.appending(path: "errors"))
        // The case: `analyze` is at work.
        let isFound = "find tmp -name reports.sqlite | grep -q ."
        try folder.shell("for tick in $(seq 600); do \(isFound) && exit 0; sleep 0.1; done; exit 1")
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 130)
        #expect(try String(decoding: folder.data("errors"), as: UTF8.self) == "strayframe: interrupted\n")
        try folder.shell("! grep -qas \"$PWD/tm[p]/strayframe-selftest\" /proc/[0-9]*/cmdline")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/tmp") == [])
    }

    /// What a broken tool does besides, as shell, `$reports` being what `analyze` wrote; and what has to fail then.
    private static let faults: [(shell: String, fails: String)] = [
        ("[ $1 != analyze ] || sed -i '$d' $reports/exposures.jsonl", "E2"),
        (#"[ $1 != analyze ] || sed -i 's/"owner":"[^"]*"/"owner":"acct-none"/' $reports/exposures.jsonl"#, "E1"),
        (#"[ $1 != analyze ] || sed -i 's/\("rejected_lines" : \)0/\11/' $reports/summary.json"#, "R2"),
        (#"[ $1 != analyze ] || sed -i 's/\("deliveries" : \)/\19/' $reports/summary.json"#, "E5"),
        ("[ $1 != analyze ] || sed -i '1d' $reports/affected_accounts.jsonl", "E8"),
        (#"[ $1 != analyze ] || sed -i 's/\("from" : "20\)2/\13/' $reports/summary.json"#, "E11"),
        (#"[ $1 != analyze ] || sed -i 's/"sha256":"./"sha256":"x/' $reports/exposures.jsonl"#, "V1"),
        ("[ $1 != analyze ] || date +%N >>$reports/manifest.json", "V2"),
        ("[ $1 != analyze ] || rm $reports/manifest.json", "V2"),
        ("[ $1 != verify ] || exit 0", "V3"),
        ("[ $1 != verify ] || exit 1", "V3"),
        ("[ $1 != explain ] || exit 3", "V1"),
        ("[ $1 != explain ] || { printf 'fill: dump/cameras.csv, line 1, SHA-256 00\\n  camera\\n'; }", "V1"),
        ("[ $1 != analyze ] || exit 70", "run"),
        ("[ $1 != analyze ] || kill -SEGV $$", "run"),
        ("[ $1 != analyze ] || rm $reports/summary.json", "run"),
    ]

    @Test("a tool that is broken somewhere fails there", arguments: faults.indices)
    func broken(_ index: Int) throws {
        let fault = Self.faults[index]
        let folder = try Folder()
        try folder.write(
            "broken",
            "#!/bin/sh\n'\(Tool.executable.path)' \"$@\"; status=$?; reports=$6\n\(fault.shell)\nexit $status\n")
        try folder.shell("chmod +x broken; mkdir trial")
        let incident = KnownIncident.random(RandomOptions(seed: 5, deliveries: 500, evidence: .stated), name: "stated")
        try #require(incident.exposures.count > 1)
        let trial = try Trial(
            incident, of: TestedTool(folder.url.appending(path: "broken")), in: folder.url.appending(path: "trial"),
            proofs: 2)
        #expect(!trial.holds)
        #expect(trial.assertions.contains { $0.id == fault.fails && !$0.holds }, "\(fault.shell)")
    }
}
