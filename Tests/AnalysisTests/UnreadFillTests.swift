import Analysis
import Casefile
import Foundation
import LogRecords
import ProfileAuthoring
import Reports
import Testing

/// A fill that is there but cannot be read, is lost, or stands under another key never makes what follows surer.
@Suite struct UnreadFillTests {
    private static func relay(
        _ second: Double, _ account: Int, _ cache: String, key: String = "k", milliseconds: Int = 10
    ) -> String {
        #"{"ts":"\#(stamp(second))","node":"n1","requester":"acct-\#(account)","camera":"cam-\#(account)","key":"\#(key)","cache":"\#(cache)","status":200,"bytes":9000,"duration_ms":\#(milliseconds)}"#
    }

    private static func fill(_ second: Double, _ camera: Int, node: String = "n1", key: String? = "k") -> String {
        let key = key.map { #""key":"\#($0)","# } ?? ""
        return
            #"{"ts":"\#(stamp(second))","node":"\#(node)","op":"FILL",\#(key)"frame":"f-\#(camera)-\#(second)","camera":"cam-\#(camera)","ttl_s":5}"#
    }

    private static func stamp(_ second: Double) -> String {
        "2026-03-01T10:00:\(String(format: "%06.3f", second))Z"
    }

    private static let format =
        #"$msec $http_x_account "$request" $status $body_bytes_sent $request_time $upstream_cache_status key=$ck"#

    private func analyzed(
        _ relay: [String], _ cache: [String], _ profiles: [(file: String, text: String)] = [],
        log: String = "relay.ndjson"
    ) throws -> CaseFile {
        let scratch = try Scratch()
        let cameras = (0..<4).map { "cam-\($0),acct-\($0),,,m\n" }.joined()
        try scratch.write("dump/cameras.csv", "camera,owner,from,until,model\n" + cameras)
        try scratch.write("dump/grants.csv", "owner,camera,grantee,from,until\n")
        try scratch.write("dump/\(log)", relay.joined(separator: "\n") + "\n")
        if !cache.isEmpty { try scratch.write("dump/cache.ndjson", cache.joined(separator: "\n") + "\n") }
        return try scratch.analyze([scratch.path("dump")], options: .init(), profiles: profiles)
    }

    // MARK: Lines that cannot be used

    @Test(
        "a line of the fill log that cannot be used leaves open what came after it, and nothing that ended before",
        arguments: [
            fill(40, 1, key: nil), fill(40, 1).replacing("T10:", with: "T1x:"), String(fill(40, 1).prefix(60)),
            #"{"ts":"\#(stamp(40))","node":"n1","op":"PURGE"}"#,
        ])
    func unread(_ line: String) throws {
        // Between the fills of 20 and 45 the line may have been of k; the entry of 45 is newer.
        let relay = [
            Self.relay(30, 1, "HIT"), Self.relay(44, 1, "HIT"), Self.relay(44.2, 0, "HIT"), Self.relay(50, 1, "HIT"),
            Self.relay(51, 2, "HIT"),
        ]
        let cache = [Self.fill(20, 0), Self.fill(35, 3, key: "other"), line, Self.fill(45, 2)].map {
            // Fresh for as long as they are served.
            $0.replacing(#""ttl_s":5"#, with: #""ttl_s":30"#)
        }
        let caseFile = try analyzed(relay, cache)
        #expect(
            try caseFile.verdictsByLine() == [1: "certain", 2: "possible", 3: "unresolved", 4: "certain"],
            "\(line)")
        let whole = try #require(
            try Summary(of: caseFile).assumptions.first { $0.assumption == "fill_log_whole" })
        #expect(whole.status == "contradicted" && whole.against == 1, "\(whole)")
        // Without the line there is no doubt: 2 saw the first camera's frame, 3 its own.
        let without = try analyzed(relay, cache.enumerated().filter { $0.offset != 2 }.map(\.element))
        #expect(try without.verdictsByLine() == [1: "certain", 2: "certain", 4: "certain"])
    }

    @Test("a cut line of an access log that alone tells fills leaves open what came after it")
    func cutMiss() throws {
        func line(_ second: Int, _ account: Int, _ cache: String) -> String {
            "17723592\(second).000 acct-\(account) \"GET /v1/cameras/cam-\(account)/snapshot HTTP/1.1\" 200 9000 0.010 \(cache) key=k"
        }
        let profile = ("edge.yaml", try FormatString(.nginx, Self.format).profile())
        let miss = line(50, 1, "MISS")
        for (third, expected) in [(miss, [2: "certain"]), (String(miss.prefix(40)), [2: "possible", 4: "possible"])] {
            let lines = [line(20, 0, "MISS"), line(30, 1, "HIT"), third, line(60, 1, "HIT")]
            let found = try analyzed(lines, [], [profile], log: "access.log").verdictsByLine()
            // The cut line may have been written when an answer ended that began a minute before.
            #expect(found == expected, "\(third)")
        }
    }

    @Test("a line without a key, where keys are logged, does not get the URL for one")
    func dash() throws {
        let profile = ("edge.yaml", try FormatString(.nginx, Self.format).profile())
        let lines = [
            #"1772359220.000 acct-0 "GET /v1/cameras/cam-0/snapshot HTTP/1.1" 200 9000 0.010 MISS key=k"#,
            #"1772359250.000 acct-1 "GET /v1/cameras/cam-1/snapshot HTTP/1.1" 200 9000 0.010 MISS key=-"#,
            #"1772359260.000 acct-1 "GET /v1/cameras/cam-1/snapshot HTTP/1.1" 200 9000 0.010 HIT key=k"#,
        ]
        let caseFile = try analyzed(lines, [], [profile], log: "access.log")
        #expect(try caseFile.verdictsByLine() == [3: "possible"])
        #expect(try caseFile.count("SELECT count(*) FROM deliveries WHERE key LIKE '/v1%'") == 0)
    }

    // MARK: Lines that are lost

    @Test(
        "where lines of fills are lost, the refresh behind a stale answer may be one of them", arguments: [true, false])
    func lostRefresh(_ isLost: Bool) throws {
        let relay = [
            Self.relay(1.3, 0, "MISS", milliseconds: 300), Self.relay(8, 1, "STALE"),
            Self.relay(8.1, 2, "MISS", key: "k2", milliseconds: 100), Self.relay(9, 1, "HIT"),
            Self.relay(9.5, 0, "HIT"),
        ]
        let cache = [Self.fill(1.2, 0)] + (isLost ? [] : [Self.fill(8.05, 2, key: "k2")])
        let found = try analyzed(relay, cache).verdictsByLine()
        // A 304 that no log tells may have renewed the entry, or the stale answer's refresh brought the second home's frame.
        #expect(found == (isLost ? [2: "certain", 4: "possible", 5: "unresolved"] : [2: "certain", 4: "certain"]))
    }

    // MARK: A cache above with keys of its own

    @Test("a shield whose fills stand under other keys may have answered any fetch", arguments: ["e/1", "snap/0"])
    func shield(_ key: String) throws {
        let relay = [
            Self.relay(1.2, 0, "MISS", key: "e/0", milliseconds: 200),
            Self.relay(2, 1, "MISS", key: key, milliseconds: 20),
        ]
        let found = try analyzed(relay, [Self.fill(1.1, 0, node: "shield", key: "snap/0")]).verdictsByLine()
        #expect(found[2] != nil && found[2] != "certain")
    }
}
