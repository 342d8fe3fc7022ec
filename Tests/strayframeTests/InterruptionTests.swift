import Foundation
import Testing

/// A run that is killed anywhere and run again ends in the reports of an undisturbed one.
@Suite(.serialized) struct InterruptionTests {
    private static let reports = [
        "summary.json", "summary.csv", "exposures.csv", "exposed_accounts.csv", "receiving_accounts.csv",
        "affected_accounts.csv", "timeline.csv", "rollouts.csv", "sources.csv", "rejects.csv",
    ]

    /// Several files, one of them long enough (more than two batches) that a kill falls into the middle of it.
    private func writeDump(_ folder: Folder) throws {
        var cameras = "camera,owner,from,until,model\n"
        for camera in 0..<40 { cameras += "cam-\(camera),acct-\(camera),,,m\n" }
        try folder.write("dump/cameras.csv", cameras)
        for node in 0..<4 {
            var relay = ""
            var cache = ""
            for step in 0..<(node == 0 ? 9000 : 2000) {
                let camera = (step * 7 + node) % 40
                // Most of them ask for what is their own, so that a run is short.
                let strays = step % 8 == 0
                let key = strays ? "slot/\(camera % 9)" : "own/\(camera)"
                let requester = (camera + (strays ? step % 3 : 0)) % 40
                let minute = step / 600 % 60
                let time =
                    "2019-12-26T\(10 + step / 36_000):\(minute < 10 ? "0" : "")\(minute):\(10 + step / 12 % 50).\(100_000 + step % 12 * 70_000)Z"
                cache +=
                    #"{"ts":"\#(time)","node":"n\#(node)","op":"FILL","key":"\#(key)","frame":"f\#(step)","camera":"cam-\#(camera)"}"#
                    + "\n"
                relay +=
                    #"{"ts":"\#(time)","node":"n\#(node)","requester":"acct-\#(requester)","camera":"cam-\#(camera)","key":"\#(key)","cache":"HIT","status":200,"bytes":1}"#
                    + "\n"
                if step % 500 == 0 { relay += "broken line \(step)\n" }
            }
            try folder.write("dump/relay/n\(node).ndjson", relay)
            try folder.write("dump/cache/n\(node).ndjson", cache)
        }
    }

    @Test("killed at many points", arguments: [SIGKILL, SIGTERM])
    func killed(_ signal: Int32) throws {
        let folder = try Folder()
        try writeDump(folder)
        func arguments(_ name: String) -> [String] {
            ["analyze", "dump", "--case", "\(name).sqlite", "--reports", name, "-q", "--jobs", "2"]
        }
        let begun = Date()
        try #require(try Tool.run(arguments("whole"), in: folder.url).status == 0)
        // How long a run takes when nothing else does: the machine may be busier now than later.
        var duration = Date().timeIntervalSince(begun)

        var cuts = 0
        // Fractions of a run's time, far apart and in no order: multiples of the golden section. Not the first moments, for a
        // thread may hand down that it blocks the signal, and what comes before the tool listens is lost then.
        for attempt in 1...60 where cuts < 4 {
            let fraction = 0.1 + 0.8 * (Double(attempt) * 0.618).truncatingRemainder(dividingBy: 1)
            let start = Date()
            let process = try Tool.start(arguments("cut"), in: folder.url)
            Thread.sleep(forTimeInterval: fraction * duration)
            if process.isRunning { kill(process.processIdentifier, signal) }
            process.waitUntilExit()
            if process.terminationReason == .exit { #expect([0, 130].contains(process.terminationStatus)) }
            if process.terminationReason == .exit, process.terminationStatus == 0 {
                // It came to its end first; begin anew, so that there is something to cut.
                duration = min(duration, Date().timeIntervalSince(start))
                try FileManager.default.removeItem(at: folder.url.appending(path: "cut.sqlite"))
            } else {
                cuts += 1
            }
        }
        #expect(cuts > 0, "no run was cut; the dump is too small")
        #expect(try Tool.run(arguments("cut"), in: folder.url).status == 0)
        for report in Self.reports {
            #expect(try folder.data("cut/\(report)") == folder.data("whole/\(report)"), "\(report)")
        }
        #expect(try Tool.run(["verify", "--case", "cut.sqlite"], in: folder.url).status == 0)
    }

    @Test("runs that make one case at once leave one that a later run goes on with")
    func together() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        for attempt in 0..<4 {
            let name = "case\(attempt)"
            func arguments(_ reports: String) -> [String] {
                ["analyze", "dump", "--case", "\(name).sqlite", "--reports", reports, "-q"]
            }
            let runs = try (0..<3).map { try Tool.start(arguments("\(name).\($0)"), in: folder.url) }
            for run in runs { run.waitUntilExit() }
            #expect(try Tool.run(arguments(name), in: folder.url).status == 0, "\(name)")
            let exposures = try String(decoding: folder.data("\(name)/exposures.csv"), as: UTF8.self)
            // The header, and bob's frame that alice was sent.
            #expect(exposures.split(whereSeparator: \.isNewline).count == 2, "\(name)")
            #expect(try Tool.run(["verify", "--case", "\(name).sqlite"], in: folder.url).status == 0)
            #expect(!folder.exists("\(name).sqlite.new"))
        }
    }

    @Test("what an interrupted ingest left is not correlated unasked, and then it says that it is not all")
    func unfinished() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try #require(try Tool.run(["analyze", "dump", "-q"], in: folder.url).status == 0)
        // A pipe whose writer never ends keeps the next run reading until it is killed.
        try folder.shell("mkdir more && mkfifo more/pipe")
        let process = try Tool.start(["ingest", "more/pipe", "-q"], in: folder.url)
        let hasBegun =
            "test \"$(sqlite3 case.sqlite \"SELECT count(*) FROM journal WHERE action = 'ingest begun'\")\" = 2"
        var attempts = 0
        while try folder.status(hasBegun) != 0, attempts < 200 {
            Thread.sleep(forTimeInterval: 0.05)
            attempts += 1
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try #require(attempts < 200)

        let doctor = try Tool.run(["doctor", "--case", "case.sqlite"], in: folder.url)
        #expect(
            doctor.status == 1 && doctor.output.contains(#/problem +ingest .*did not come to its end/#),
            "\(doctor.output)")

        let refused = try Tool.run(["correlate"], in: folder.url)
        #expect(refused.status == 65 && refused.errors.contains("--incomplete"), "\(refused.errors)")
        try #require(try Tool.run(["correlate", "--incomplete", "-q"], in: folder.url).status == 0)
        let told = try Tool.run(["report"], in: folder.url)
        #expect(told.status == 0 && told.output.contains("too low"), "\(told.output)")
        #expect(try Tool.run(["query", "summary"], in: folder.url).output.contains("too low"))
        try #require(try Tool.run(["publish", "--out", "public", "-q"], in: folder.url).status == 0)
        let aggregates = try JSONSerialization.jsonObject(with: folder.data("public/aggregates.json")) as? [String: Any]
        #expect(aggregates?["more_possible"] as? Bool == true)
        let summary = try JSONSerialization.jsonObject(with: folder.data("reports/summary.json")) as? [String: Any]
        #expect((summary?["missing"] as? [String: Any])?["incomplete"] as? Bool == true)
        #expect(try String(decoding: folder.data("reports/report.html"), as: UTF8.self).contains("not read to its end"))
        #expect(try Tool.run(["verify"], in: folder.url).output.contains("did not come to its end"))

        try #require(try Tool.run(["analyze", "dump", "-q"], in: folder.url).status == 0)
        let whole = try JSONSerialization.jsonObject(with: folder.data("reports/summary.json")) as? [String: Any]
        #expect((whole?["missing"] as? [String: Any])?["incomplete"] as? Bool == false)
        #expect(try Tool.run(["verify"], in: folder.url).status == 0)
    }
}
