import Foundation
import Testing

/// With `--no-names` nothing of a dump is named on the standard error, whatever is wrong with it.
@Suite struct RedactionTests {
    /// In every name of file, account, camera and key, and in every line of a log.
    private static let secret = "alice"

    /// A dump with a line that is broken, a file that fits no profile, one that is cut off, and what else a command can take
    /// offence at, all of it named after somebody.
    private func hostile() throws -> Folder {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try folder.shell(
            """
            sed -i 's/slot/alice-slot/; s/cam-a/cam-alice/' dump/relay/edge.ndjson dump/cache/edge.ndjson dump/cameras.csv
            echo '{"ts":"alice","requester":"alice' >>dump/relay/edge.ndjson
            mv dump/relay/edge.ndjson dump/relay/alice.ndjson
            echo 'alice was here' >dump/alice.txt
            mkdir alice-only && cp dump/alice.txt alice-only/
            seq 1 20000 | sed 's/^/{"alice":/; s/$/}/' | zstd -q | head -c 900 >alice-cut.zst
            echo 'alice' >alice-key
            echo 'alice: [' >alice.yaml
            printf 'alice\\nbob\\n' >alice-records
            sqlite3 alice-other.sqlite 'CREATE TABLE alice (a)'
            """)
        try #require(
            try Tool.run(["ingest", "dump", "--case", "alice-read.sqlite", "-q"], in: folder.url).status == 0)
        try #require(try Tool.run(["analyze", "dump", "--case", "alice.sqlite", "-q"], in: folder.url).status == 0)
        try folder.shell(
            "cp alice.sqlite alice-edited.sqlite; sqlite3 alice-edited.sqlite \"UPDATE source SET path = 'alice'\"")
        return folder
    }

    /// Each ends with an error that names somebody.
    private static let failures: [[String]] = [
        ["analyze", "alice-missing", "--case", "new.sqlite"], ["ingest", "alice-only", "--case", "new.sqlite"],
        ["analyze", "alice-only", "--case", "new.sqlite", "--plan", "--profile", "alice.yaml"],
        ["analyze", "dump", "--case", "alice-other.sqlite"], ["analyze", "dump", "--profile", "alice.yaml"],
        ["analyze", "dump", "--case", "alice-edited.sqlite"], ["ingest", "dump", "--sessions", "alice-only/alice.txt"],
        ["analyze", "dump", "--scope", "camera=alice"], ["correlate", "--case", "alice-missing.sqlite"],
        ["report", "--case", "alice-read.sqlite"], ["report", "--case", "alice.sqlite", "--sign", "alice-key"],
        ["report", "--case", "alice.sqlite", "--reports", "alice-key"],
        ["report", "--case", "alice.sqlite", "--pseudonymize", "alice-key"],
        ["notice", "--case", "alice-read.sqlite", "--out", "notice"],
        ["publish", "--case", "alice-read.sqlite", "--out", "counts"],
        ["pseudonymize", "--case", "alice.sqlite", "--key", "alice-key", "--out", "copy.sqlite"],
        ["explain", "alice:1", "--case", "alice.sqlite"], ["query", "alice-story", "--case", "alice.sqlite"],
        ["query", "pairs", "--case", "alice.sqlite", "--param", "alice=1"],
        ["query", "pairs", "--case", "alice.sqlite", "--param", "alice"],
        ["verify", "--case", "alice-other.sqlite"], ["verify", "--manifest", "alice.yaml"],
        ["shell", "SELECT 1", "--case", "alice-other.sqlite"], ["normalize", "alice-cut.zst"],
        ["normalize", "alice-missing"], ["survey", "alice-records"], ["survey", "alice-missing"],
        ["sweep", "--facts", "alice-records"], ["frames", "--facts", "alice-missing"],
        ["sample", "--sources", "alice-records"], ["evidence", "--result", "alice-missing"],
        ["import", "alice-records", "--facts", "alice-records", "--case", "result.sqlite"],
        ["profiles", "draft", "alice-missing"], ["profiles", "test", "alice-missing"],
        ["selftest", "--keep", "alice-only"],
    ]

    @Test("no error names anybody or any file, and it still says something and ends as it would")
    func errors() throws {
        let folder = try hostile()
        for arguments in Self.failures {
            let open = try Tool.run(arguments, in: folder.url)
            // Else there is nothing to hide.
            #expect(open.errors.contains(Self.secret), "\(arguments): \(open.errors)")
            for form in ["text", "json"] {
                let run = try Tool.run(arguments + ["--no-names", "--log-format", form], in: folder.url)
                #expect(!run.errors.contains(Self.secret), "\(arguments): \(run.errors)")
                #expect(run.errors.count > 20 && !run.errors.contains("of kind"), "\(arguments): \(run.errors)")
                #expect(run.status == open.status && run.status != 0, "\(arguments): \(run.errors)")
            }
        }
    }

    @Test("a file that the system does not let be read is a source with its number in the case")
    func sources() throws {
        let folder = try hostile()
        try CrashBench.compileShim(folder)
        let faults = [
            "LD_PRELOAD": folder.url.appending(path: "faults.so").path, "FAULT_FILES": "dump", "FAULT_CALLS": "r",
            "FAULT_DO": "eio", "FAULT_AT": "3", "SWIFT_BACKTRACE": "enable=no",
        ]
        let arguments = ["analyze", "dump", "--case", "new.sqlite", "--jobs", "1", "-q", "--no-names"]
        let run = try Tool.run(arguments, in: folder.url, environment: faults)
        #expect(run.status == 74, "\(run.errors)")
        let number = try #require(run.errors.firstMatch(of: #/source (\d+): could not be read/#), "\(run.errors)").1
        for name in [Self.secret, "dump", "edge", "cameras", ".csv"] {
            #expect(!run.errors.contains(name), "\(run.errors)")
        }
        try folder.shell("sqlite3 new.sqlite \"SELECT reason FROM source WHERE id = \(number)\" >reason")
        #expect(try !folder.data("reason").split(separator: 0x0a).isEmpty)
    }

    @Test("progress has figures and no name")
    func progress() throws {
        let folder = try hostile()
        let run = try Tool.run(
            ["analyze", "dump", "--case", "new.sqlite", "--no-names", "--log-format", "json"], in: folder.url)
        #expect(run.status == 0 && run.errors.contains("\"figures\""), "\(run.errors)")
        for name in [Self.secret, "bob", "dump", "edge"] { #expect(!run.errors.contains(name), "\(run.errors)") }
    }
}
