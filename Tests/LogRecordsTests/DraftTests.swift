import Interning
import ProfileAuthoring
import Testing

@testable import LogRecords

/// A drafted profile reads a log as the profile that a person wrote for it does, as far as names and values can tell.
@Suite struct DraftTests {
    /// A log, the shipped profile that reads it, and what cannot be told from its lines alone.
    struct Log: CustomTestStringConvertible, Sendable {
        var shipped: String
        var lines: [String]
        var untold: Set<String> = []
        var testDescription: String { shipped }
    }

    static let logs = [
        Log(
            shipped: "native-relay",
            lines: (0..<9).map {
                #"{"ts":"2019-12-26T10:00:0\#($0).000123Z","node":"edge-\#($0 % 2)","requester":"acct-\#($0)","camera":"cam-\#($0)","key":"slot/\#($0 % 3)","cache":"\#($0 % 2 == 0 ? "HIT" : "MISS")","status":200,"bytes":90\#($0),"duration_ms":1\#($0),"client":"nest-hub","network":"poor","rtt_ms":40}"#
            }),
        Log(
            shipped: "native-cache",
            lines: (0..<9).map {
                $0 % 4 == 3
                    ? #"{"ts":"2019-12-26T10:00:0\#($0)Z","node":"edge","op":"PURGE","key":"slot/\#($0)"}"#
                    : #"{"ts":"2019-12-26T10:00:0\#($0)Z","node":"edge","op":"FILL","key":"slot/\#($0)","frame":"f-\#($0)","camera":"cam-\#($0)","owner":"o"}"#
            }),
        Log(
            shipped: "nginx-json",
            lines: (0..<9).map {
                #"{"ts":157735440\#($0).187,"remote":"127.0.0.1","account":"18\#($0)","client":"app","net":"ok","rtt":"87","method":"GET","uri":"/v1/cameras/55\#($0)/snapshot","status":200,"body_bytes":71\#($0),"rt":0.00\#($0),"cache":"HIT","key":"snap/\#($0)","frame":"c0\#($0)","frame_owner":"4\#($0)","frame_cam":"55","inm":"","completion":"OK"}"#
            }),
        Log(
            shipped: "nginx-text",
            lines: (0..<9).map {
                #"127.0.0.1 - 18\#($0) [23/Nov/2026:23:15:4\#($0) +0000] "\#($0 == 5 ? "DELETE" : $0 == 7 ? "PUT" : "GET") /v1/cameras/55\#($0)/snapshot HTTP/1.1" 200 71\#($0) "-" "MiHome/5.6 (Android 9; MI 8)" rt=0.00\#($0) cs=\#($0 % 3 == 0 ? "EXPIRED" : "HIT") fid=c0\#($0) cl=app net=ok rid=2c\#($0)"#
            }, untold: ["requester", "client", "key"]),
        Log(
            shipped: "cloudfront",
            lines: [
                "#Version: 1.0",
                "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status x-edge-result-type time-taken",
            ]
                + (0..<9).map {
                    "2019-12-26\t10:00:0\($0)\tAMS1\t71\($0)\t10.0.0.\($0)\tGET\td.example.net\t/v1/cameras/55\($0)/snapshot\t200\tHit\t0.00\($0)"
                }, untold: ["requester", "camera", "node", "key"]),
        Log(
            shipped: "squid-native",
            lines: (0..<9).map {
                "157735440\($0).237     7\($0) 127.0.0.1 TCP_MEM_HIT/200 32\($0) GET http://r.example.net/v1/cameras/74\($0)/snapshot?acct=48\($0) - HIER_NONE/- image/jpeg"
            }, untold: ["client", "time", "key"]),
        Log(
            shipped: "directory-cameras",
            lines: ["camera,owner,from,until,model"] + (0..<9).map { "cam-\($0),acct-\($0),,,m" }),
    ]

    @Test("a colon is no address, and a verdict's words may be a log's own in part")
    func oddValues() throws {
        let colon = try draft((0..<3).map { #"{"ts":"2026-02-26T10:00:0\#($0)Z","a":":","uri":"/a/b","code":200}"# })
        #expect(colon?.text.contains("time: ts") == true)
        let words = ["HIT", "MISS", "WARM"]
        let partly = try draft(
            (0..<6).map {
                "2026-02-26T10:00:0\($0)Z | acct-\($0) | /v1/cameras/7\($0)/snap | 200 | 81\($0) | \(words[$0 % 3])"
            })
        let text = try #require(partly?.text)
        #expect(text.contains("cache_status: {WARM: unknown}"), "\(text)")
    }

    private func draft(_ lines: [String]) throws -> ProfileDraft? {
        try ProfileDraft(of: lines.map { Array($0.utf8) }, name: "drafted")
    }

    /// What was read, a record a row.
    private func rows(_ lines: [String], _ profile: Profile) -> [[String: String]] {
        let parsed = Parsed(lines.map { Array($0.utf8) }, profile)
        func row(_ kind: String, _ time: EventTime?, _ names: [(String, SymbolID)]) -> [String: String] {
            var row = ["record": kind, "time": time.map { "\($0.stamp) \($0.earliest) \($0.latest)" } ?? ""]
            for (name, value) in names { row[name] = parsed.text(value) }
            return row
        }
        let batch = parsed.batch
        return batch.deliveries.map {
            row(
                "delivery", $0.time,
                [
                    ("requester", $0.requester), ("camera", $0.camera), ("key", $0.key), ("node", $0.node),
                    ("frame", $0.frame), ("owner", $0.owner), ("client", $0.client), ("network", $0.network),
                ]
            ).merging(["status": "\($0.status)", "cache": "\($0.cacheStatus)", "bytes": "\($0.bytes)"]) { $1 }
        }
            + batch.fills.map {
                row(
                    "fill", $0.time,
                    [
                        ("key", $0.key), ("frame", $0.frame), ("camera", $0.camera), ("owner", $0.owner),
                        ("node", $0.node),
                    ])
            } + batch.purges.map { row("purge", $0.time, [("key", $0.key), ("node", $0.node)]) }
            + batch.cameras.map {
                row("camera", nil, [("camera", $0.camera), ("owner", $0.owner), ("model", $0.model)])
            }
    }

    @Test("it reads what the shipped profile reads, but for what no line tells", arguments: logs)
    func shipped(_ log: Log) throws {
        let draft = try #require(try draft(log.lines))
        let theirs = rows(log.lines, try #require(try ProfileLibrary().profile(named: log.shipped)))
        let own = rows(log.lines, try ProfileReader.read(draft.text))
        #expect(theirs.count >= 9 && own.count == theirs.count, "\(draft.text)")
        #expect(draft.usableCount >= 9)
        for (mine, one) in zip(own, theirs) {
            for (name, value) in one where !log.untold.contains(name) {
                #expect(mine[name] == value, "\(name)\n\(draft.text)")
            }
        }
        if log.untold.contains("requester") { #expect(draft.text.contains("--sessions")) }
    }

    @Test("a log that nobody has seen: lines of text, and logfmt, with names of their own")
    func unknown() throws {
        let text = try #require(
            try draft(
                (0..<9).map {
                    #"2019-12-26 10:00:0\#($0).123 edge-7 viewer=acct-\#($0) "GET /v2/device/cam-\#($0)/snap.jpg?x=1 HTTP/1.1" 200 812\#($0) hit took=12.\#($0)"#
                }))
        let row = rows(
            [
                #"2019-12-26 10:00:09.123 edge-7 viewer=acct-9 "GET /v2/device/cam-9/snap.jpg?x=1 HTTP/1.1" 404 5 miss took=1.5"#
            ],
            try ProfileReader.read(text.text))[0]
        #expect(
            row["requester"] == "acct-9" && row["camera"] == "cam-9" && row["status"] == "404" && row["bytes"] == "5")
        // 2019-12-26T10:00:09Z is 1577354409 (date -u); the line took 1.5 s, and its end is known to a millisecond.
        #expect(row["cache"] == "miss" && row["time"]?.hasPrefix("1577354409123000 ") == true)

        let logfmt = try #require(
            try draft(
                (0..<9).map {
                    #"at=2019-12-26T10:00:0\#($0)Z level=info msg="sent it" user_id=u\#($0) cam=c\#($0) cache_key="k \#($0)" x_cache=HIT code=200 size=7\#($0)"#
                }))
        let one = rows(
            [
                #"at=2019-12-26T10:00:09Z level=info msg="sent it" user_id=u9 cam=c9 cache_key="k 9" x_cache=MISS code=206 size=1"#
            ],
            try ProfileReader.read(logfmt.text))[0]
        #expect(one["requester"] == "u9" && one["camera"] == "c9" && one["key"] == "k 9" && one["status"] == "206")
        #expect(one["cache"] == "miss" && one["bytes"] == "1")
    }

    @Test("lines that a collector has wrapped are drafted by what is inside")
    func wrapped() throws {
        let draft = try #require(
            try draft(
                (0..<9).map {
                    #"{"log":"{\"ts\":\"2019-12-26T10:00:0\#($0)Z\",\"viewer\":\"v\#($0)\",\"ck\":\"k\",\"verdict\":\"HIT\",\"code\":200}\n","stream":"stdout","time":"2019-12-26T10:00:0\#($0).5Z"}"#
                }))
        #expect(draft.envelopes.count == 1 && draft.usableCount == 9)
        #expect(draft.text.contains("requester: viewer") && draft.text.contains("key: ck"))
    }

    @Test(
        "a time before the text is the line's own, though a collector could have written it; shapes share their start")
    func timeFirst() throws {
        // 2019-12-26T10:00:00Z is 1577354400 (date -u).
        let lines = (0..<12).map { number in
            let start = "2019-12-26T10:00:\(10 + number)Z edge-1"
            return number % 3 == 0
                ? "\(start) PURGE key=k\(number)"
                : "\(start) DELIVER user=u\(number) cam=c1 key=k\(number) \(number % 2 == 0 ? "HIT" : "MISS") 200 9"
        }
        let draft = try #require(try draft(lines))
        let records = rows(lines, try ProfileReader.read(draft.text))
        #expect(draft.envelopes.isEmpty && draft.usableCount == 12 && records.count == 12, "\(draft.text)")
        let deliveries = records.filter { $0["record"] == "delivery" }
        #expect(deliveries.map { $0["requester"] } == [1, 2, 4, 5, 7, 8, 10, 11].map { "u\($0)" })
        #expect(deliveries.map { $0["cache"] } == [1, 2, 4, 5, 7, 8, 10, 11].map { $0 % 2 == 0 ? "hit" : "miss" })
        #expect(deliveries.first?["time"]?.hasPrefix("1577354411000000 ") == true)
        #expect(records.filter { $0["record"] == "purge" }.map { $0["key"] } == ["k0", "k3", "k6", "k9"])
    }

    @Test("who looked at a camera is never taken for its owner")
    func noOwners() throws {
        // A time that is none of those known, under its name and under another; the same camera seen by several.
        for name in ["time", "when"] {
            let lines = ["\(name),user,camera"] + (0..<9).map { "day \($0) at noon,u\($0),c\($0 % 2)" }
            #expect(try draft(lines) == nil)
        }
        let served = ["user,camera,cache"] + (0..<9).map { "u\($0),c\($0),HIT" }
        #expect(try draft(served) == nil)
        let nested = try #require(
            try draft(
                (0..<9).map {
                    #"{"ts":"2019-12-26T10:00:0\#($0)Z","owner":{"uid":"o\#($0)"},"req":{"user":{"id":"u\#($0)"}},"camera.id":"c","cache.key":"k","cache.status":"HIT","http.response.status_code":200}"#
                }))
        for source in ["owner: owner.uid", "requester: req.user.id", "camera: camera.id", "key: cache.key"] {
            #expect(nested.text.contains("  \(source) "), "\(nested.text)")
        }
    }

    @Test("a table whose cameras were seldom sold is a table still")
    func cameras() throws {
        let lines =
            ["camera_id,owner_account,owned_from,owned_to", "c1,o1,,2019-12-26T10:00:00Z"]
            + (2..<9).map { "c\($0),o\($0),," } + ["c1,o9,2019-12-26T10:00:00Z,"]
        let draft = try #require(try draft(lines))
        let records = rows(lines, try ProfileReader.read(draft.text))
        #expect(records.count == 9 && records.allSatisfy { $0["record"] == "camera" }, "\(draft.text)")
        #expect(records.last?["owner"] == "o9" && records.last?["camera"] == "c1")
    }

    @Test("names and values from a hostile log cannot break out of the YAML or act on a terminal")
    func hostile() throws {
        let names = [
            "a: b", "- x", "# c", "'q'", "\"d\"", "{e}", "l\\nine", "\u{202e}rtl", "null", "@at", "&anchor", "*alias",
            "%",
        ]
        for name in names {
            let member = name.replacing("\"", with: "\\\"")
            let lines = (0..<5).map {
                #"{"ts":"2019-12-26T10:00:0\#($0)Z","\#(member)":"x\u001b[31m # y\ndelivery: {}","account":"a\#($0)","key":"k","status":200,"cache":"HIT"}"#
            }
            let draft = try #require(try draft(lines), "\(name)")
            let profile = try ProfileReader.read(draft.text)
            #expect(draft.usableCount == 5 && profile.maps.count == 1, "\(draft.text)")
            #expect(!draft.text.contains("\u{1b}") && !draft.text.contains("\u{202e}"))
            #expect(rows(lines, profile).map { $0["requester"] } == (0..<5).map { "a\($0)" })
        }
    }

    @Test("what is no log gives no profile")
    func none() throws {
        for lines in [
            ["once upon a time there was a camera", "and nobody knew whose"], [""],
            [String(repeating: "x", count: 70_000)],
            ["\u{0}\u{1}\u{2}"], ["{}", "{}"], ["<html>", "<body>hello there</body>", "</html>"],
        ] { #expect(try draft(lines) == nil, "\(lines[0].prefix(40))") }
    }

    @Test("a time of day is no address, a length of time no size, and what has a unit of time is one")
    func types() throws {
        let piped = try #require(
            try draft([
                "01.03.2026 10:00:05 | bob | 2001:db8::1 | GET | /v2/device/cam-b/snap.jpg?x=1 | 200 | 3000 | HIT | slot/3 | 0.012",
                "01.03.2026 10:00:06 | alice | 192.0.2.1 | GET | /v2/device/cam-a/snap.jpg | 200 | 3100 | MISS | slot/3 | 0.112",
                "13.03.2026 10:00:07 | carol | 192.0.2.2 | GET | /v2/device/cam-c/snap.jpg | 404 | 0 | HIT | slot/4 | 0.001",
            ]))
        #expect(piped.text.contains("  requester: {field: field6, account_by: address}"), "\(piped.text)")
        let german = try #require(
            try draft([
                #"{"zeit":"2026-03-01T10:00:05.123","konto":"bob","ergebnis":"hit","code":200,"groesse":3000,"dauer_ms":12}"#,
                #"{"zeit":"2026-03-01T10:00:06.123","konto":"eve","ergebnis":"miss","code":200,"groesse":3100,"dauer_ms":112}"#,
            ]))
        #expect(
            german.text.contains("  duration: {field: dauer_ms, unit: ms}") && !german.text.contains("  bytes:"),
            "\(german.text)")
        for lines in [
            [
                "ts=2026-03-01T10:00:05Z user=bob key=a cache=hit status=200 dur=12ms",
                "ts=2026-03-01T10:00:06Z user=eve key=b cache=miss status=200 dur=112ms",
            ],
            ["<2026-03-01 10:00:05> <HIT> <200> <3000> <12ms>", "<2026-03-01 10:00:06> <MISS> <200> <3100> <112ms>"],
        ] {
            let draft = try #require(try draft(lines))
            let parsed = Parsed([Array(lines[0].utf8)], try ProfileReader.read(draft.text))
            let time = try #require(parsed.batch.deliveries.first?.time, "\(draft.text)")
            // 12 ms, of which the last is not known whole.
            #expect(time.latest - time.begunBy >= 12_000 && time.stamp - time.earliest < 13_000, "\(draft.text)")
        }
    }

    @Test("all ways to take the lines are tried, and the one that finds a place for most is kept")
    func allSyntaxes() throws {
        let piped = try draft([
            "<2026-02-26 10:00:01.123> | edge-7 | <acct-17> | /v2/device/cam-4/snap.jpg | 200 | 8123 | hit | 12.5",
            "<2026-02-26 10:00:02.223> | edge-7 | <acct-18> | /v2/device/cam-5/snap.jpg | 200 | 9123 | miss | 112.5",
            "<2026-02-26 10:00:03.323> | edge-8 | <acct-19> | /v2/device/cam-4/snap.jpg | 404 | 0 | hit | 1.5",
        ])
        let draft = try #require(piped)
        #expect(draft.usableCount == 3)
        for text in ["syntax: pattern", "<{field1:time}> | {field3}", "cache: ", "status: ", "bytes: "] {
            #expect(draft.text.contains(text), "\(draft.text)")
        }
        let semicolons = try #require(
            try self.draft(["time;account;device;cache_key;result", "2026-02-26T10:00:01Z;a;c;k;HIT"]))
        #expect(semicolons.text.contains("delimiter: ';'"))
    }

    @Test("a stamp in a notation of its own is read by its format, given or guessed")
    func timeFormats() throws {
        func lines(_ stamps: [String]) -> [[UInt8]] {
            stamps.map { Array("ts=\($0) node=edge-7 acct=\"acct-17\" st=200 cache=HIT ck=slot/3".utf8) }
        }
        let dotted = lines(["26.02.2026 10:00:01", "27.02.2026 10:00:02"])
        let guessed = try #require(try ProfileDraft(of: dotted, name: "x"))
        #expect(guessed.text.contains("time_format: '%d.%m.%Y %H:%M:%S'") && guessed.usableCount == 2)
        let slashed = lines(["02/03/2026 10:00:01", "03/03/2026 10:00:02"])
        #expect(try ProfileDraft(of: slashed, name: "x")?.text.contains("is the day first, or the month?") == true)
        let given = try #require(try ProfileDraft(of: slashed, name: "x", timeFormat: "%m/%d/%Y %H:%M:%S"))
        let parsed = Parsed(slashed, try ProfileReader.read(given.text))
        #expect(parsed.batch.deliveries.first?.time.stamp.rfc3339 == "2026-02-03T10:00:01.000000Z")
        #expect(throws: ProfileProblem.self) { try ProfileDraft(of: dotted, name: "x", timeFormat: "%q") }
    }

    @Test("words of a log's own for the cache's verdict are listed, for a person to say what they mean")
    func ownVerdicts() throws {
        let lines = ["warm", "cold", "warm"].enumerated().map {
            #"{"time":"2026-02-26T10:00:0\#($0)Z","account":"a\#($0)","cache_key":"k","x_cache":"\#($1)","status":200}"#
        }
        let text = try #require(try draft(lines)).text
        #expect(text.contains("cache_status: {cold: unknown, warm: unknown}"))
        #expect(text.contains("cache: x_cache"))
    }

    @Test(
        "a log whose MISS lines may be fills gets a section for them, to be taken or not; so does what may be an origin's"
    )
    func proposedFill() throws {
        let edge = try #require(
            try draft([
                "ts=2026-02-26T10:00:05.300 account=bob key=k1 cache=MISS status=200 bytes=9 frame=f1",
                "ts=2026-02-26T10:00:06.300 account=ann key=k1 cache=HIT status=200 bytes=9 frame=f1",
                "ts=2026-02-26T10:00:07.300 account=ann key=k2 cache=EXPIRED status=200 bytes=9 frame=f2",
            ]))
        let proposal = [
            "# fill:", "#   when: {cache: ['EXPIRED', 'MISS']}", "#   time: ts", "#   requester: account",
            "#   key: key",
        ].joined(separator: "\n")
        #expect(edge.text.contains(proposal))
        // A proposal is a comment: as it stands the draft reads no fill.
        #expect(try ProfileReader.read(edge.text).recordKinds == [.delivery])
        let section = edge.text.split(separator: "\n").drop { $0 != "# fill:" }.prefix {
            $0.hasPrefix("#") && $0 != "# Not used:"
        }
        let taken =
            edge.text
            + section.prefix { !$0.hasPrefix("# Where") }.map { String($0.dropFirst(2)) }.joined(separator: "\n")
        #expect(try ProfileReader.read(taken).recordKinds.contains(.fill))
        let origin = try #require(
            try draft([
                "ts=2026-02-26T10:00:05Z acct=bob key=k1 status=200 bytes=9 owner=ann",
                "ts=2026-02-26T10:00:06Z acct=ann key=k1 status=200 bytes=9 owner=ann",
                "ts=2026-02-26T10:00:07Z acct=ann key=k2 status=304 bytes=0 owner=bob",
            ]))
        #expect(origin.text.contains("# fills: sent\n# fill:\n"))
    }

    @Test(
        "what a guess leaves open stands beside it: a stamp's zone and end, a second field of the name, words that nobody knows"
    )
    func doubts() throws {
        let text = try #require(
            try draft([
                "2026-02-26 10:00:05.300 acct=bob uid=1 key=k1 cache=MISS status=200",
                "2026-02-26 10:00:06.300 acct=ann uid=2 key=k1 cache=HIT status=200",
                "2026-02-26 10:00:07.300 acct=ann uid=2 key=k1 cache=HIT status=200",
            ])
        ).text
        #expect(text.contains("the answer's end? else 'marks: start'; UTC? else 'zone: Europe/Berlin' above"))
        #expect(text.contains("or 'uid'?"))
        let zoned = try #require(
            try draft(
                [
                    "ts=2026-02-26T10:00:05Z account=bob key=k1 cache=MISS status=200",
                    "ts=2026-02-26T10:00:06Z account=ann key=k1 cache=HIT status=200",
                ] + (10..<30).map { "ts=2026-02-26T10:00:\($0)Z account=ann key=k1 cache=HIT status=200" }
                    + ["ts=2026-02-26T10:00:31Z account=ann key=k1 cache=LOOKASIDE status=200"])
        ).text
        #expect(!zoned.contains("UTC?") && zoned.contains("cache_status: {LOOKASIDE: unknown}"))
    }

    @Test("a method that stands alone is one, so that what answers another than GET is no frame")
    func method() throws {
        let text = try #require(
            try draft([
                "2026-02-26T10:00:05.300Z | <acct-17> | GET /v2/device/7/snap.jpg | 200 | 8123 | HIT",
                "2026-02-26T10:00:06.300Z | <acct-18> | POST /v2/device/8/snap.jpg | 200 | 9123 | MISS",
                "2026-02-26T10:00:07.300Z | <acct-19> | GET /v2/device/7/snap.jpg | 404 | 0 | HIT",
            ])
        ).text
        let parsed = try Parsed(
            "2026-02-26T10:00:06.300Z | <acct-18> | POST /v2/device/8/snap.jpg | 200 | 9123 | MISS", yaml: text)
        #expect(text.contains("method: field5") && parsed.batch.deliveries.map(\.content) == [Delivery.Content.none])
    }
}
