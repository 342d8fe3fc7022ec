import Analysis
import Casefile
import Foundation
import GRDB
import LogRecords
import Reports
import Testing

/// Bad input is never fatal to the rest of a dump, never silent and never lost.
@Suite struct DamagedInputTests {
    private func dump(_ scratch: Scratch) throws {
        try scratch.write("dump/cameras.csv", "camera,owner,from,until,model\nc,a,,,m\n")
        try scratch.write(
            "dump/fills.ndjson",
            #"{"ts":"2019-12-26T10:00:00Z","node":"n","op":"FILL","key":"k","frame":"f","camera":"c"}"# + "\n")
        var text = ""
        for number in 0..<4000 {
            let digits = String(1_000_000 + number * 241).dropFirst()
            text +=
                #"{"ts":"2019-12-26T10:00:10.\#(digits)Z","node":"n","requester":"a","camera":"c","key":"k","cache":"HIT","status":200,"bytes":\#(number + 1)}"#
                + "\n"
        }
        try scratch.write("relay.ndjson", text)
    }

    private func source(_ name: String, _ caseFile: CaseFile) throws -> SourceRow {
        try #require(try caseFile.read { try SourceRow.all($0) }.first { $0.displayName == "dump/\(name)" })
    }

    @Test(
        "a truncated archive keeps what could be read, line by whole line",
        arguments: ["zstd -q -B65536 -1", "gzip", "xz --block-size=65536", "bzip2 -1", "lz4 -q -B4"])
    func truncated(_ compressor: String) throws {
        let scratch = try Scratch()
        try dump(scratch)
        try scratch.run(
            "sh",
            [
                "-c",
                "\(compressor) < relay.ndjson > whole && head -c $(( $(wc -c < whole) * 2 / 3 )) whole > dump/relay.log",
            ])
        let caseFile = try scratch.analyze([scratch.path("dump")])
        let source = try source("relay.log", caseFile)
        #expect(source.state == .damaged)
        #expect(source.reason?.contains("truncated at byte") == true, "\(source.reason ?? "")")
        let kept = try caseFile.count("SELECT count(*) FROM delivery")
        #expect((1..<4000).contains(kept))
        // What was kept is the beginning, without a gap and without a cut line.
        #expect(try caseFile.count("SELECT max(bytes) FROM delivery") == kept)
        #expect(source.rejected <= 1)
        #expect(try Summary(of: caseFile).damagedFiles == 1)
    }

    @Test("a corrupt byte is noticed, and the files beside it are read", arguments: ["zstd -q", "gzip", "xz", "bzip2"])
    func corrupt(_ compressor: String) throws {
        let scratch = try Scratch()
        try dump(scratch)
        try scratch.run("sh", ["-c", "\(compressor) < relay.ndjson > dump/relay.log"])
        let file = scratch.folder.appending(path: "dump/relay.log")
        var data = try Data(contentsOf: file)
        for index in (data.count / 2)..<(data.count / 2 + 4) { data[index] ^= 0x5a }
        try data.write(to: file)
        try FileManager.default.moveItem(atPath: scratch.path("relay.ndjson"), toPath: scratch.path("dump/good.ndjson"))
        let caseFile = try scratch.analyze([scratch.path("dump")])
        // What could be read of it stands in the whole log, and counts there; that it is damaged is still told.
        let corrupt = try source("relay.log", caseFile)
        #expect(corrupt.state == .damaged || corrupt.state == .duplicate)
        #expect(corrupt.reason?.contains("at byte") == true, "\(corrupt.reason ?? "")")
        #expect(try Summary(of: caseFile).damagedFiles == 1)
        #expect(try source("good.ndjson", caseFile).accepted == 4000)
        #expect(try Summary(of: caseFile).deliveries == 4000)
    }

    @Test("archives in archives: tar.zst and zip with compressed members, names that climb out, folders and links")
    func containers() throws {
        let scratch = try Scratch()
        try dump(scratch)
        try scratch.run(
            "sh",
            [
                "-c",
                """
                mkdir -p logs/deep && split -l 1000 relay.ndjson logs/part- && gzip logs/part-aa && zstd -q --rm logs/part-ab \
                && mv logs/part-ac logs/deep/plain.log && ln -s part-ad logs/link \
                && tar --zstd -cf dump/logs.tar.zst --transform 's,logs/part-ad,../../escape,' logs && zip -q -r dump/one.zip logs/deep
                """,
            ])
        let caseFile = try scratch.analyze([scratch.path("dump")])
        #expect(try source("logs.tar.zst!logs/part-aa.gz", caseFile).accepted == 1000)
        #expect(try source("logs.tar.zst!logs/part-ab.zst", caseFile).accepted == 1000)
        #expect(try source("logs.tar.zst!../../escape", caseFile).accepted == 1000)
        #expect(try source("one.zip!logs/deep/plain.log", caseFile).lines == 1000)
        // The member of the other archive is the same log.
        #expect(try source("one.zip!logs/deep/plain.log", caseFile).state == .duplicate)
        #expect(try caseFile.count("SELECT count(*) FROM delivery") == 4000)
        #expect(
            try caseFile.count("SELECT count(*) FROM source WHERE state = 'unreadable' AND reason LIKE '%link%'") >= 1)
        let outside = scratch.folder.deletingLastPathComponent().appending(path: "escape").path
        #expect(!FileManager.default.fileExists(atPath: outside))
        #expect(try Verification(of: caseFile).isSound)
    }

    @Test("an unknown file is listed, and read once a profile for it is given")
    func unknown() throws {
        let scratch = try Scratch()
        try dump(scratch)
        try scratch.write("dump/relay.ndjson", String(contentsOfFile: scratch.path("relay.ndjson"), encoding: .utf8))
        try scratch.write("dump/odd.log", "10:00|a|k|2019-12-26T10:00:30Z\n10:01|a|k|2019-12-26T10:00:31Z\n")
        let caseFile = try scratch.analyze([scratch.path("dump")])
        #expect(try source("odd.log", caseFile).state == .unrecognized)
        #expect(try Summary(of: caseFile).unrecognizedFiles == 1)
        let profile =
            "name: odd\nsyntax: pattern\npattern: '{_}|{who}|{key}|{when}'\ndelivery: {time: when, requester: who, key: key}\n"
        let again = try scratch.analyze([scratch.path("dump")], profiles: [("odd.yaml", profile)])
        #expect(try source("odd.log", again).accepted == 2)
        #expect(try Summary(of: again).unrecognizedFiles == 0)
    }

    @Test("links out of the dump are listed and not followed; carriage returns and a missing last newline do no harm")
    func oddities() throws {
        let scratch = try Scratch()
        try dump(scratch)
        let text = try String(contentsOfFile: scratch.path("relay.ndjson"), encoding: .utf8)
        try scratch.write("dump/relay.ndjson", String(text.replacing("\n", with: "\r\n").dropLast()))
        try FileManager.default.createSymbolicLink(
            atPath: scratch.path("dump/link"), withDestinationPath: scratch.path("relay.ndjson"))
        let caseFile = try scratch.analyze([scratch.path("dump")])
        #expect(try source("relay.ndjson", caseFile).accepted == 4000)
        #expect(try source("link", caseFile).reason == "a symbolic link, not followed")
    }

    @Test("directory tables as NDJSON give what the CSV gives")
    func ndjsonTables() throws {
        let scratch = try Scratch()
        try dump(scratch)
        try scratch.write("dump/relay.ndjson", String(contentsOfFile: scratch.path("relay.ndjson"), encoding: .utf8))
        let table = try scratch.analyze([scratch.path("dump")])
        try scratch.write("dump/cameras.csv", #"{"camera":"c","owner":"a","from":null,"until":"","model":"m"}"# + "\n")
        let json = try scratch.analyze([scratch.path("dump")], case: "json.sqlite")
        let sql = "SELECT camera || owner || model FROM cameras"
        #expect(try json.read { try String.fetchAll($0, sql: sql) } == table.read { try String.fetchAll($0, sql: sql) })
        #expect(try json.count("SELECT count(*) FROM exposure") == 0)
        #expect(try json.count("SELECT count(*) FROM unresolved") == 0)
    }
}
