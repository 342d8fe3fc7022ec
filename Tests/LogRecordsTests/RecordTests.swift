import Testing

@testable import LogRecords

/// Every kind of record, from the native format's lines and from both dialects of the directory.
@Suite struct RecordTests {
    /// 2019-12-26T10:00:20Z, from `date -u -d … +%s`.
    private static let moment: Int64 = 1_577_354_420_000_000

    @Test("a relay's line with every field")
    func relay() throws {
        let parsed = try Parsed(
            #"{"ts":"2019-12-26T10:00:20.000000Z","node":"edge","session":"s","requester":"alice","camera":"cam-a","key":"slot/1","#
                + #""cache":"HIT","status":200,"bytes":9000,"frame":"f-1","owner":"bob","frame_camera":"cam-b","duration_ms":12,"#
                + #""rtt_ms":740,"loss_pct":3.25,"client":"nest-hub","network":"poor","kind":"still"}"#,
            shipped: "native-relay")
        #expect(parsed.outcomes == [.accepted])
        let it = try #require(parsed.batch.deliveries.first)
        let names = [
            it.node, it.requester, it.camera, it.key, it.cacheWord, it.frame, it.owner, it.frameCamera, it.client,
        ]
        #expect(
            names.map { parsed.text($0) } == [
                "edge", "alice", "cam-a", "slot/1", "HIT", "f-1", "bob", "cam-b", "nest-hub",
            ])
        #expect([it.network, it.kind].map { parsed.text($0) } == ["poor", "still"])
        #expect(it.clock == it.node)
        #expect(it.cacheStatus == .hit)
        #expect(it.status == 200 && it.bytes == 9000 && it.rttMilliseconds == 740)
        #expect(it.lossBasisPoints == 325)
        #expect(it.time.stamp == Self.moment)
        #expect(it.content == .frame)
        #expect(!it.flags.contains(.aborted))
    }

    @Test("a relay's line with next to nothing is a delivery all the same")
    func bareRelay() throws {
        let parsed = try Parsed(
            #"{"ts":1577354420,"status":0}"#, #"{"ts":1577354420,"status":null,"key":"-","node":""}"#,
            shipped: "native-relay")
        #expect(parsed.outcomes == [.accepted, .accepted])
        for it in parsed.batch.deliveries {
            #expect(
                [it.node, it.requester, it.camera, it.key, it.frame, it.owner, it.cacheWord].allSatisfy {
                    !$0.isPresent
                })
            #expect(it.status == 0 && it.bytes == -1 && it.rttMilliseconds == -1 && it.lossBasisPoints == -1)
            #expect(it.cacheStatus == .unknown)
            #expect(parsed.text(it.clock) == "native-relay")
            #expect(it.content == .frame, "a line that says nothing against it carried a frame")
        }
    }

    @Test(
        "a line that cannot be a record says why",
        arguments: [
            (#"{"requester":"alice"}"#, RejectReason.noTime), (#"{"ts":"yesterday","key":"k"}"#, .badTime),
            (#"{"ts":null,"key":"k"}"#, .noTime),
            (#"{"ts":1577354420,"key":"k","status":"OK"}"#, .badStatus),
            // It has none of what a relay's line is recognised by.
            (#"{"ts":1577354420,"level":"info","msg":"started"}"#, .noRecord), (#"["ts"]"#, .malformedJSON),
        ])
    func rejected(_ line: String, _ reason: RejectReason) throws {
        let parsed = try Parsed(line, shipped: "native-relay")
        #expect(parsed.outcomes == [.rejected(reason, offset: 0)])
        #expect(parsed.batch.count == 0)
    }

    @Test("a cache's fills, purges, expiries and rollouts")
    func cache() throws {
        let parsed = try Parsed(
            #"{"ts":"2019-12-26T10:00:20Z","node":"n","op":"FILL","key":"k","frame":"f","camera":"c","owner":"o","version":"v","ttl_s":5}"#,
            #"{"ts":"2019-12-26T10:00:20Z","op":"FILL","frame":"f"}"#,
            #"{"ts":"2019-12-26T10:00:20Z","op":"PURGE","node":"n","key":"k"}"#,
            #"{"ts":"2019-12-26T10:00:20Z","op":"EXPIRE","key":"k"}"#,
            #"{"ts":"2019-12-26T10:00:20Z","op":"ROLLOUT","version":"v2","note":"why"}"#,
            #"{"ts":"2019-12-26T10:00:20Z","op":"FILL","camera":"c"}"#, #"{"ts":"2019-12-26T10:00:20Z","op":"PURGE"}"#,
            #"{"ts":"2019-12-26T10:00:20Z","op":"ROLLOUT"}"#, #"{"ts":"2019-12-26T10:00:20Z","op":"WARM","key":"k"}"#,
            shipped: "native-cache")
        let refused: [LineOutcome] = [.noName, .noName, .noName, .noRecord].map { .rejected($0, offset: 0) }
        #expect(parsed.outcomes == Array(repeating: .accepted, count: 5) + refused)
        let fill = try #require(parsed.batch.fills.first)
        #expect(
            [fill.node, fill.key, fill.frame, fill.camera, fill.owner, fill.version].map { parsed.text($0) } == [
                "n", "k", "f", "c", "o", "v",
            ])
        #expect(fill.kind == .stored && fill.ttlSeconds == 5)
        #expect(parsed.batch.fills.map(\.ttlSeconds) == [5, -1])
        #expect(parsed.batch.purges.map(\.isExpiry) == [false, true])
        #expect(parsed.batch.purges.map { parsed.text($0.node) } == ["n", ""])
        #expect(parsed.batch.rollouts.map { parsed.text($0.name) } == ["v2"])
        #expect(parsed.batch.rollouts.map(\.node.isPresent) == [false])
        #expect(parsed.batch.rollouts.map { parsed.text($0.note) } == ["why"])
    }

    /// A table's rows as text: names and the interval.
    private func rows(_ parsed: Parsed) -> [String] {
        func span(_ validity: Validity) -> String {
            "\(validity.from.map(\.rfc3339) ?? "")/\(validity.until.map(\.rfc3339) ?? "")"
        }
        let batch = parsed.batch
        return batch.accounts.map { parsed.text($0.account) }
            + batch.cameras.map {
                "\(parsed.text($0.camera)) \(parsed.text($0.owner)) \(parsed.text($0.model)) \(span($0.owned))"
            }
            + batch.grants.map {
                "\(parsed.text($0.camera)) \(parsed.text($0.owner))>\(parsed.text($0.grantee)) \(span($0.live))"
            }
            + batch.rollouts.map {
                "\(parsed.text($0.name)) \(parsed.text($0.node)) \($0.time.stamp.rfc3339) \(parsed.text($0.note))"
            }
    }

    struct Table: Sendable {
        var profile: String
        var csv: [String]
        var json: String
        var row: String
    }

    @Test(
        "a table of the directory reads alike as CSV and as NDJSON, under either names",
        arguments: [
            Table(profile: "accounts", csv: ["account", "acct-1"], json: #"{"account":"acct-1"}"#, row: "acct-1"),
            Table(
                profile: "accounts", csv: ["account_id,region", "acct-1,de"],
                json: #"{"account_id":"acct-1","region":"de"}"#, row: "acct-1"),
            Table(
                profile: "cameras", csv: ["camera,owner,from,until,model", "c,o,2019-12-26T10:00:20Z,,Basic 1080p"],
                json: #"{"camera":"c","owner":"o","from":"2019-12-26T10:00:20Z","until":null,"model":"Basic 1080p"}"#,
                row: "c o Basic 1080p 2019-12-26T10:00:20.000000Z/"),
            Table(
                profile: "cameras",
                csv: ["camera_id,owner_account,owned_from,owned_to", "c,o,,2019-12-26T10:00:20.5Z"],
                json: #"{"owner_account":"o","camera_id":"c","owned_from":"","owned_to":"2019-12-26T10:00:20.5Z"}"#,
                row: "c o  /2019-12-26T10:00:20.500000Z"),
            Table(
                profile: "grants",
                csv: ["owner,camera,grantee,from,until", "o,c,g,2019-12-26T10:00:20Z,2019-12-26T10:00:21Z"],
                json:
                    #"{"owner":"o","camera":"c","grantee":"g","from":"2019-12-26T10:00:20Z","until":"2019-12-26T10:00:21Z"}"#,
                row: "c o>g 2019-12-26T10:00:20.000000Z/2019-12-26T10:00:21.000000Z"),
            Table(
                profile: "grants", csv: ["camera_id,granted_by,grantee_account,granted_at,revoked_at", "c,o,g,,"],
                json: #"{"camera_id":"c","granted_by":"o","grantee_account":"g"}"#, row: "c o>g /"),
            Table(
                profile: "rollouts", csv: ["rollout,node,from,note", #"v2,,2019-12-26T10:00:20Z,"a, b""#],
                json: #"{"rollout":"v2","node":null,"from":"2019-12-26T10:00:20Z","note":"a, b"}"#,
                row: "v2  2019-12-26T10:00:20.000000Z a, b"),
            Table(
                profile: "rollouts",
                csv: ["version,component,started_at,finished_at,note", "v2,relay-cache,2019-12-26T10:00:20Z,,"],
                json: #"{"version":"v2","component":"relay-cache","started_at":"2019-12-26T10:00:20Z"}"#,
                row: "v2  2019-12-26T10:00:20.000000Z "),
            Table(
                profile: "rollouts", csv: ["rollout,from,description", "v2,2019-12-26T10:00:20Z,why"],
                json: #"{"rollout":"v2","from":"2019-12-26T10:00:20Z","notes":"why"}"#,
                row: "v2  2019-12-26T10:00:20.000000Z why"),
        ])
    func directory(_ table: Table) throws {
        let library = try ProfileLibrary()
        let csv = Parsed(
            table.csv.map { Array($0.utf8) }, try #require(library.profile(named: "directory-\(table.profile)")))
        let json = Parsed(
            [Array(table.json.utf8)], try #require(library.profile(named: "directory-\(table.profile)-json")))
        #expect(csv.outcomes == [.ignored, .accepted])
        #expect(json.outcomes == [.accepted])
        #expect(rows(csv) == [table.row])
        #expect(rows(json) == [table.row])
    }

    @Test("an interval that ends before it begins is refused, one that ends as it begins is empty but said")
    func intervals() throws {
        let parsed = try Parsed(
            "camera,owner,from,until,model", "c,o,2019-12-26T10:00:21Z,2019-12-26T10:00:20Z,",
            "c,o,2019-12-26T10:00:20Z,2019-12-26T10:00:20Z,",
            "c,o,soon,,", "c,,,,", ",o,,,", shipped: "directory-cameras")
        let refused: [LineOutcome] = [.badTime, .noName, .noName].map { .rejected($0, offset: 0) }
        #expect(parsed.outcomes == [.ignored, .rejected(.emptyInterval, offset: 0), .accepted] + refused)
        // What says nothing readable of a time says whose the camera is all the same.
        #expect(parsed.batch.cameras.map(\.openEnds) == [.both, [], .from])
        #expect(!parsed.batch.cameras[1].owned.contains(Self.moment))
    }

    @Test("what an answer carried: 200 and 206 a frame, 304 shows one again, HEAD, empty and denied ones nothing")
    func content() throws {
        let yaml = """
            name: x
            syntax: csv
            columns: [status, bytes, method, inm, frame, aborted]
            delivery:
              time: {value: x}
              status: status
              bytes: bytes
              method: method
              frame: frame
              if_none_match: inm
              aborted: {field: aborted, yes: ['1']}
            """
        let timed = yaml.replacing("{value: x}", with: "ts").replacing("[status", with: "[ts, status")
        let parsed = try Parsed(
            "1577354420,200,10,GET,-,f,0", "1577354420,206,10,GET,-,f,1", "1577354420,200,0,GET,-,f,0",
            "1577354420,200,10,HEAD,-,f,0",
            #"1577354420,304,0,GET,"W/""v""",-,0"#, #"1577354420,304,0,GET,v,f,0"#, "1577354420,403,10,GET,-,-,0",
            "1577354420,-,10,GET,-,f,0",
            yaml: timed)
        let deliveries = parsed.batch.deliveries
        #expect(deliveries.map(\.content) == [.frame, .frame, .none, .none, .redisplay, .redisplay, .none, .frame])
        #expect(
            deliveries.map { $0.flags.contains(.aborted) } == [false, true, false, false, false, false, false, false])
        #expect(
            deliveries[4...5].map { parsed.text($0.frame) } == ["v", "f"],
            "a 304 names its frame itself, or its validator does")
        #expect(
            deliveries.map { $0.flags.contains(.conditional) } == [
                false, false, false, false, true, true, false, false,
            ])
    }
}
