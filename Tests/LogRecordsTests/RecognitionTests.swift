import Chance
import Interning
import Testing

@testable import LogRecords

/// Which profile a file's first lines call for. The lines are those that the servers wrote.
@Suite struct RecognitionTests {
    static let real: [(String, String)] = [
        (
            "native-relay",
            #"{"ts":"2019-12-26T10:00:10.000000Z","node":"edge","requester":"alice","camera":"cam-a","key":"slot/1","cache":"HIT","status":200,"bytes":9000}"#
        ),
        (
            "native-cache",
            #"{"ts":"2019-12-26T10:00:09.000000Z","node":"edge","op":"FILL","key":"slot/1","frame":"f-1","camera":"cam-a","owner":"bob","requester":"alice"}"#
        ),
        (
            "nginx-json",
            #"{"ts":1795475742.187,"remote":"127.0.0.1","conn":147,"req_n":47,"rid":"2c605647d6c75285","account":"1815187656","client":"mi-home-app","net":"ok","rtt":"87","method":"GET","uri":"/v1/cameras/552516016/snapshot?acct=1815187656","status":200,"body_bytes":718,"rt":0.000,"urt":"","ustatus":"","cache":"HIT","key":"snap/552516016","frame":"c03532fbcb26cf2f","frame_owner":"4800466732","frame_cam":"552516016","inm":"\"5db9d71b5c25d23d\"","range":"","completion":"OK","ua":"MiHome/5.6.91 (Android 9; MI 8)"}"#
        ),
        (
            "nginx-text",
            #"127.0.0.1 - 1815187656 [23/Nov/2026:23:15:42 +0000] "GET /v1/cameras/552516016/snapshot?acct=1815187656 HTTP/1.1" 200 718 "-" "MiHome/5.6.91 (Android 9; MI 8)" rt=0.000 cs=HIT fid=c03532fbcb26cf2f cl=mi-home-app net=ok rid=2c605647d6c75285"#
        ),
        (
            "nginx-thin",
            #"1795475742.187 127.0.0.1 1815187656 mi-home-app ok/87 "GET /v1/cameras/*/snapshot" 200 718 0.000 HIT key=snap/552516016"#
        ),
        (
            "origin-json",
            #"{"ts": "2026-11-23T23:15:37.889929Z", "key": "snap/511625445", "path": "/v1/cameras/511625445/snapshot", "acct": "6172284127", "status": 200, "frame": "a22150bcb4ce0b85", "owner": "6172284127", "inm": "dd031a1c3547c8b3", "bytes": 718, "dur_us": 14342}"#
        ),
        (
            "squid",
            #"1795475845.450     71 127.0.0.1 TCP_CF_REFRESH_UNMODIFIED/200 1212 GET http://relay-eu1.camcloud.test/v1/cameras/291357381/snapshot?acct=2947922965 - HIER_NONE/- image/jpeg acct=2947922965 client=mi-home-app net=ok rtt=67 ck=snap/291357381 fid=5e02b7971e2c29d2 owner=2947922965 cam=291357381 inm="\"5e02b7971e2c29d2\"" range=- ua="MiHome/5.6.91 (Android 9; MI 8)" err=- rid=6a7c80b523cf62f4"#
        ),
        (
            "squid-thin",
            #"[23/Nov/2026:23:17:25.450 +0000] 2947922965 mi-home-app ok TCP_CF_REFRESH_UNMODIFIED:HIER_NONE 200 1212 71 "snap/291357381""#
        ),
        (
            "trafficserver",
            #"ts=1795475885.655 ttms=0 chi=127.0.0.1 acct=6932281735 client=nest-hub net=ok rtt=32 cqhm=GET cqup="v1/cameras/318661509/snapshot" pssc=200 pscl=718 crc=TCP_MEM_HIT chm=HIT_RAM cfsc=FIN phr=NONE sssc=000 cluc="http://relay.ats.internal/snap/318661509" fid=afc630da7b909ea4 owner=6932281735 cam=318661509 inm="-" range="-" ua="GoogleNestHub/1.42.171861 CrKey" rid=944650ec96474730"#
        ),
        (
            "trafficserver-thin",
            #"23/Nov/2026:23:18:05 -0000 1795475885.614 3860014689 nest-hub ok TCP_REFRESH_MISS/200 718 21 DIRECT http://relay.ats.internal/snap/231725313"#
        ),
        (
            "varnishncsa",
            #"127.0.0.1 - 3743930681 [23/Nov/2026:23:11:52.476 +0000] "GET http://relay-eu1.camcloud.test/v1/cameras/152881605/snapshot?acct=3743930681 HTTP/1.1" 200 718 "MiHome/5.6.91 (Android 9; \"K\xc3\xbcche\" tablet \\ 2)" hm=hit hd=hit st=grace ck=snap/152881605 fid=ca720d4bf3bf1348 fo=3743930681 fc=152881605 hits=6 cl=mi-home-app net=ok rtt=24 ttfb=0.000073 us=101 vxid=688600 rid=62322cfcb38e719d"#
        ),
        (
            "varnishncsa-thin",
            #"2026-11-23T23:11:51.558832Z 3363528792 nest-hub ok 200 718 76 hit/fresh snap/251985677"#
        ),
        (
            "varnishncsa-backend",
            #"2026-11-23T23:12:05.847265Z 2303098497 "GET http://relay-eu1.camcloud.test/v1/cameras/805730948/snapshot?acct=2303098497 HTTP/1.1" 200 0 17396 vxid=1311145 ck=snap/s48 fid=bd932e4c67aa6907 fo=2303098497"#
        ),
        (
            "varnishlog",
            "*   << Request  >> 360797    \n-   Begin          req 720900 rxreq\n-   ReqMethod      GET\n-   End            "
        ),
        (
            "varnishlog",
            "    360797 Begin          c req 720900 rxreq\n    360797 VCL_use        c v3\n    360797 End            c "
        ),
        ("directory-accounts", "account_id,region\n3522798642,de"),
        ("directory-accounts-json", #"{"account":"3522798642"}"#),
        ("directory-cameras", "camera_id,owner_account,owned_from,owned_to\n620611087,3522798642,,"),
        ("directory-cameras-json", #"{"camera":"cam-a","owner":"alice","from":null,"until":null,"model":"m"}"#),
        (
            "directory-grants",
            "camera_id,granted_by,grantee_account,granted_at,revoked_at\n116562978,6878888394,4800466732,,2026-11-23T23:15:53.573Z"
        ),
        ("directory-grants-json", #"{"owner":"o","camera":"c","grantee":"g"}"#),
        (
            "directory-rollouts",
            "version,component,started_at,finished_at,note\n2019.12.2,relay-cache,2026-11-23T23:15:06.266Z,2026-11-23T23:15:06.571Z,\"log buffering\""
        ),
        ("directory-sessions", "session,account,from,until\ns-7f3a,acct-7,2026-11-25T02:00:00Z,2026-11-25T03:00:00Z"),
        ("directory-sessions-json", #"{"address":"192.0.2.9","account":"acct-7","from":null,"until":null}"#),
        ("directory-rollouts-json", #"{"rollout":"v2","node":"n","from":"2019-12-26T10:00:20Z"}"#),
    ]

    private func recognize(_ text: String, own: String...) throws -> String? { try recognize(text, own) }

    private func recognize(_ text: String, _ own: [String]) throws -> String? {
        let library = try ProfileLibrary(own: own.enumerated().map { ("own\($0).yaml", $1) })
        return library.recognize(Array(text.utf8).span.bytes)?.name
    }

    @Test(
        "columns without a label are read only by a profile that was asked for",
        arguments: real.filter { $0.0.hasSuffix("-thin") })
    func onRequest(_ profile: String, _ lines: String) throws {
        #expect(try recognize(lines) == nil)
        #expect(try recognize(lines, [try #require(ProfileLibrary.shippedText(of: profile))]) == profile)
        // An operator's own columns, which the profile fits too.
        #expect(
            try recognize("2024-05-17T10:05:01Z 192.0.2.7 GET /v1/cameras/77/snap 200 1234 15000 miss cam.example")
                == nil)
    }

    @Test(
        "a server's own lines are recognised as its own, be they one or many, with or without a last newline",
        arguments: real)
    func recognised(_ profile: String, _ lines: String) throws {
        let asked = profile.hasSuffix("-thin") ? [try #require(ProfileLibrary.shippedText(of: profile))] : []
        #expect(try recognize(lines, asked) == profile)
        #expect(try recognize(lines + "\n", asked) == profile)
        #expect(try recognize(lines.replacing("\n", with: "\r\n") + "\r\n", asked) == profile)
        #expect(
            try recognize(
                lines + "\n" + lines.split(separator: "\n").suffix(1).joined() + "\n" + lines.prefix(9), asked)
                == profile)
    }

    @Test("whoever is sent ahead turns away no profile that fits, however the lines are broken", arguments: 0..<6)
    func scouts(seed: UInt64) throws {
        let library = try ProfileLibrary()
        var random = Chance(seed: seed)
        let samples =
            Self.real.map(\.1)
            + (EdgeFormatTests.samples + RelayFormatTests.samples).map { $0.lines.joined(separator: "\n") }
        let slices = FieldSlices(count: 100)
        var turnedAway = 0
        for _ in 0..<60 {
            // Lines of one or two logs, some cut, some mixed up.
            var lines: [[UInt8]] = []
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                lines += (samples.randomElement(using: &random) ?? "").split(separator: "\n").map { Array($0.utf8) }
            }
            for index in lines.indices where Int.random(in: 0..<6, using: &random) == 0 {
                lines[index].removeLast(Int.random(in: 0..<lines[index].count, using: &random))
            }
            lines.removeAll { $0.isEmpty }
            for profile in library.profiles {
                let fits = FormatSniffer.fit(profile, lines, StringInterner()) != nil
                if ProfilePrefilter(profile).mayFit(lines, slices) { continue }
                turnedAway += 1
                #expect(!fits, "\(profile.name): \(lines.map { String(decoding: $0, as: UTF8.self) })")
            }
        }
        #expect(turnedAway > 1000)
    }

    @Test("what was found of earlier files never changes what is found of the next", arguments: 0..<4)
    func again(seed: UInt64) throws {
        var random = Chance(seed: seed)
        let mine = (file: "mine.yaml", text: "name: mine\nsyntax: json\nrecognize: [ts]\ndelivery: {time: ts}\n")
        let library = try ProfileLibrary(own: seed % 2 == 0 ? [] : [mine])
        let samples =
            Self.real.map(\.1)
            + (EdgeFormatTests.samples + RelayFormatTests.samples).map { $0.lines.joined(separator: "\n") }
        let recognizer = FormatSniffer(library)
        var sample = samples[0]
        var repeated = 0
        for _ in 0..<300 {
            // Files of one kind come in runs, and some are not quite of their kind.
            if Int.random(in: 0..<4, using: &random) == 0 { sample = samples.randomElement(using: &random) ?? "" }
            var lines = sample.split(separator: "\n").map(String.init)
            if Int.random(in: 0..<4, using: &random) == 0 {
                lines.insert(
                    samples.randomElement(using: &random) ?? "", at: Int.random(in: 0...lines.count, using: &random))
            }
            if Int.random(in: 0..<8, using: &random) == 0 { lines[0].removeLast(lines[0].count / 2) }
            let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
            let fresh = FormatSniffer(library).recognize(bytes.span.bytes)?.label
            #expect(recognizer.recognize(bytes.span.bytes)?.label == fresh, "\(lines)")
            if fresh != nil { repeated += 1 }
        }
        #expect(repeated > 100)
    }

    @Test(
        "lines read by the profile of the source before are read as if it had been recognised, or nothing is left of them",
        arguments: 0..<4)
    func readOn(seed: UInt64) throws {
        var random = Chance(seed: seed)
        let library = try ProfileLibrary()
        let samples =
            Self.real.map(\.1)
            + (EdgeFormatTests.samples + RelayFormatTests.samples).map { $0.lines.joined(separator: "\n") }
        let names = StringInterner()
        let known = ThreadInternCache(names)
        let recognizer = FormatSniffer(library)
        var last: LineParser?
        var sample = samples[0]
        var (read, unread) = (0, 0)
        for source in 1...400 as ClosedRange<Int64> {
            if Int.random(in: 0..<4, using: &random) == 0 { sample = samples.randomElement(using: &random) ?? "" }
            var lines = sample.split(separator: "\n").map(String.init)
            lines += lines
            if Int.random(in: 0..<4, using: &random) == 0 {
                lines.insert(
                    Bool.random(using: &random) ? "" : samples.randomElement(using: &random) ?? "",
                    at: Int.random(in: 0...lines.count, using: &random))
            }
            let text = lines.joined(separator: "\n") + (Bool.random(using: &random) ? "\n" : "")
            let bytes = Array(text.utf8)
            lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let found = FormatSniffer(library).recognize(bytes.span.bytes)
            var batch = RecordBatch()
            let count = names.count
            last?.beginSource()
            if var parser = last,
                let first = recognizer.readOn(
                    bytes.span.bytes, &parser, source: source, longest: 100_000, into: &batch)
            {
                read += 1
                #expect(found?.isSame(as: parser.profile) == true)
                parser.settle(&batch)
                var plain = RecordBatch()
                var outcomes: [LineOutcome] = []
                var fresh = LineParser(profile: parser.profile, names: names)
                for (index, line) in lines.prefix(Int(first.count)).enumerated() {
                    let id = EventID(source: source, line: Int64(index + 1))
                    outcomes.append(fresh.parse(Array(line.utf8).span.bytes, id: id, into: &plain))
                }
                fresh.settle(&plain)
                #expect("\(batch)" == "\(plain)")
                #expect(first.accepted == outcomes.count { $0 == .accepted })
                #expect(first.ignored == outcomes.count { $0 == .ignored })
                #expect(first.count >= lines.count - 1)
                last = parser
                continue
            }
            unread += 1
            #expect(batch.count == 0)
            #expect(names.count == count)
            guard let profile = recognizer.recognize(bytes.span.bytes) else { continue }
            #expect(found?.isSame(as: profile) == true)
            var parser = LineParser(profile: profile, known: known)
            for line in lines {
                _ = parser.parse(Array(line.utf8).span.bytes, id: EventID(source: source, line: 1), into: &batch)
            }
            parser.settle(&batch)
            last = parser
        }
        #expect(read > 40)
        #expect(unread > 40)
    }

    @Test("a parser that has read one source reads the next as a new one does", arguments: 0..<Self.real.count)
    func nextSource(index: Int) throws {
        let profile = try #require(try ProfileLibrary().profile(named: Self.real[index].0))
        let lines = Self.real[index].1.split(separator: "\n").map { Array($0.utf8) }
        let names = StringInterner()
        func read(_ parser: inout LineParser) -> [String] {
            var batch = RecordBatch()
            var outcomes: [String] = []
            for (number, line) in lines.enumerated() {
                let id = EventID(source: 1, line: Int64(number + 1))
                outcomes.append("\(parser.parse(line.span.bytes, id: id, into: &batch))")
            }
            let unfinished = parser.finish(source: 1, into: &batch)
            parser.settle(&batch)
            return outcomes + ["\(batch)", "\(unfinished)"]
        }
        var parser = LineParser(profile: profile, names: names)
        let first = read(&parser)
        parser.beginSource()
        #expect(read(&parser) == first)
        #expect(!first.isEmpty)
    }

    @Test("every shipped profile has a line here or among the formats")
    func complete() throws {
        let formats =
            (EdgeFormatTests.samples + RelayFormatTests.samples).map(\.profile)
            + ConformanceTests.formats.map(\.profile)
        #expect(try Set(ProfileLibrary().profiles.map(\.name)) == Set(Self.real.map(\.0) + formats))
    }

    @Test(
        "a file that is no log of ours is not recognised",
        arguments: [
            "", "\n\n", "just a note\nabout the dump\n", "{}", "{\"level\":\"info\",\"msg\":\"started\"}",
            "<html>\n</html>\n", "a,b,c\n1,2,3\n",
            "\u{0}\u{1}\u{2}",
        ])
    func strangers(_ text: String) throws {
        #expect(try recognize(text) == nil)
    }

    @Test(
        "somebody's log is not taken for a table of the directory because it names accounts and cameras",
        arguments: [
            #"{"time":"2019-12-26T10:00:10Z","account":"a","uri":"/v1/cameras/1","code":200}"#,
            #"{"@timestamp":"2019-12-26T10:00:10Z","camera":"c","owner":"o"}"#,
            #"{"timestamp":1577354410,"owner":"o","camera":"c","grantee":"g"}"#,
            "time,account_id,code\n1577354410,a,200\n1577354411,b,200\n", "camera,owner,path\nc,o,/v1/cameras/c\n",
        ])
    func similar(_ text: String) throws {
        #expect(try recognize(text) == nil)
    }

    @Test("broken lines do not hide what the rest is, as long as half of them fit")
    func broken() throws {
        let line = Self.real[0].1
        #expect(try recognize([line, "junk", line, "{", ""].joined(separator: "\n")) == "native-relay")
        #expect(try recognize([line, "junk", "{", "more junk", ""].joined(separator: "\n")) == nil)
    }

    @Test(
        "a profile of one's own that fits comes before every shipped one, and one that does not fit is in nobody's way")
    func own() throws {
        let mine = "name: mine\nsyntax: json\nrecognize: [ts]\ndelivery: {time: ts, requester: who}\n"
        let other = "name: other\nsyntax: logfmt\nrecognize: [when]\ndelivery: {time: when}\n"
        #expect(try recognize(Self.real[0].1, own: mine) == "mine")
        #expect(try recognize(Self.real[0].1, own: other, mine) == "mine")
        #expect(try recognize(Self.real[0].1, own: other) == "native-relay")
        #expect(try recognize("when=1577354420 x=y", own: mine, other) == "other")
    }

    @Test(
        "an own CSV profile that asks for no field does not take a short file just because its first line may be a header"
    )
    func unasked() throws {
        let csv = "name: mine\nsyntax: csv\ndelivery: {time: when, requester: who}\n"
        #expect(try recognize("camera,owner,from,until,model\ncam-a,alice,,,m\n", own: csv) == "directory-cameras")
        #expect(try recognize(Self.real[0].1, own: csv) == "native-relay")
        #expect(try recognize("when,who\n1577354420,alice\n", own: csv) == "mine")
        #expect(try recognize("when,who\n", own: csv) == "mine")
    }

    private func resemblance(_ text: String) throws -> String? {
        try ProfileLibrary().resemblance(Array(text.utf8).span.bytes).map { "\($0)" }
    }

    @Test("an unknown file says what it looks most like, and what is in the way")
    func resemblance() throws {
        // Cloudflare without the ray: two of three are there.
        let edge = #"{"EdgeStartTimestamp":"2023-03-03T05:29:06Z","ClientRequestURI":"/a","EdgeResponseStatus":200}"#
        #expect(try recognize(edge) == nil)
        #expect(try resemblance(edge) == "it looks most like cloudflare, but lacks RayID")
        // Combined, but for a field that the operator put before the agent.
        let combined = #"127.0.0.1 - bob [25/Nov/2026:02:02:41 +0000] "GET /a HTTP/1.1" 200 34 "-" 0.003 "MiHome/5.6""#
        #expect(try recognize(combined) == nil)
        let said = try #require(try resemblance(combined))
        #expect(said.hasPrefix("it looks most like ") && said.contains(", but stops fitting at byte 71"))
        // An object of JSON is like no format of values side by side, also behind a text.
        let request =
            #"{"request":{"remote_ip":"192.0.2.1","method":"GET","uri":"/v1/cameras/7/snap?account=bob"},"status":200}"#
        #expect(
            try resemblance("2026/03/01 10:00:00.123\tINFO\thttp.log.access.log0\thandled request\t\(request)\n") == nil
        )
        #expect(
            try resemblance(
                #"{"events":[{"timestamp":1772359200000,"message":"192.0.2.1 - bob [01/Mar/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"x\" MISS","eventId":"0"}]}"#
            ) == nil)
        #expect(try resemblance("just a note\nabout the dump\n") == nil)
        #expect(try resemblance("") == nil)
    }
}
