import Testing

@testable import LogRecords

/// What every format of a media server must get right: each row is what its documentation or source says of a viewing.
@Suite struct RelayConformanceTests {
    struct Server: Sendable, CustomTestStringConvertible {
        var profile: String
        /// What stands before the viewing, by its client's address.
        var before: @Sendable (_ address: String) -> [String] = { _ in [] }
        /// The viewing, by the client's address and its account; nil: it names none.
        var viewing: @Sendable (_ address: String, _ account: String?) -> String
        /// A publisher's line of the same stream.
        var publishing: String?
        /// What stands before that.
        var beforePublishing: [String] = []
        /// A line of the same log that is no viewing.
        var other: String
        /// Whether the log says who the viewer is.
        var namesAccount = true
        /// Whether the viewer can be told by the client's address.
        var namesAddress = true
        var key = "live/cam-77"
        var testDescription: String { profile }
    }

    private static let wowzaFields =
        "#Fields: date\ttime\ttz\tx-event\tx-app\tc-ip\tc-proto\tx-sname\tx-sname-query\tx-file-name"

    /// An address with its port as Go's net package writes it (JoinHostPort).
    private static func endpoint(_ address: String) -> String {
        address.contains(":") ? "[\(address)]:4711" : "\(address):4711"
    }

    static let servers = [
        // ngx_rtmp_log_module.c, the default format.
        Server(
            profile: "nginx-rtmp",
            viewing: { address, account in
                #"\#(address) [26/Feb/2026:10:00:05 +0000] PLAY "live" "cam-77" "x=1\#(account.map { "&account=\($0)" } ?? "")" - 443 8303 "" "LNX 9,0,124,2" (2s)"#
            },
            publishing:
                #"192.0.2.7 [26/Feb/2026:10:00:09 +0000] PUBLISH "live" "cam-77" "owner=alice" - 20124 529 "" "FMLE/3.0" (1m 5s)"#,
            other: #"192.0.2.9 [26/Feb/2026:10:00:05 +0000] NONE "live" "" "" - 443 829 "" "LNX 9" (0s)"#),
        // ossrs/srs, srs_app_rtmp_conn.cpp.
        Server(
            profile: "srs",
            before: { address in ["[2026-02-26 10:00:05.100][INFO][7][f951w1of] RTMP client ip=\(address):4711, fd=13"]
            },
            viewing: { _, account in
                "[2026-02-26 10:00:05.300][INFO][7][f951w1of] client identified, type=rtmp-play, vhost=h, app=live, stream=cam-77, param=\(account.map { "?x=1&account=\($0)" } ?? ""), duration=0ms"
            },
            publishing:
                "[2026-02-26 10:00:04.300][INFO][7][a1b2c3d4] client identified, type=fmle-publish, vhost=h, app=live, stream=cam-77, param=?owner=alice, duration=0ms",
            other: "[2026-02-26 10:00:05.400][INFO][7][f951w1of] simple handshake success."),
        // bluenviron/mediamtx, internal/servers/rtsp.
        Server(
            profile: "mediamtx",
            before: { ["2026/02/26 10:00:05 INF [RTSP] [session c7b3d9d8] created by \(endpoint($0))"] },
            viewing: { _, _ in
                "2026/02/26 10:00:05 INF [RTSP] [session c7b3d9d8] is reading from path 'live/cam-77', with UDP, 1 track (H264)"
            },
            publishing:
                "2026/02/26 10:00:04 INF [RTMP] [conn 192.0.2.7:34668] is publishing to path 'live/cam-77', 1 track (H264)",
            other: "2026/02/26 10:00:06 WAR [RTSP] [session c7b3d9d8] 12 RTP packets lost", namesAccount: false),
        Server(
            profile: "mediamtx-json",
            before: {
                [
                    #"{"timestamp":"2026-02-26T10:00:05.1Z","level":"INF","message":"[RTSP] [session c7b3d9d8] created by \#(endpoint($0))"}"#
                ]
            },
            viewing: { _, _ in
                #"{"timestamp":"2026-02-26T10:00:05.3Z","level":"INF","message":"[RTSP] [session c7b3d9d8] is reading from path 'live/cam-77', with UDP, 1 track (H264)"}"#
            },
            publishing:
                #"{"timestamp":"2026-02-26T10:00:04.3Z","level":"INF","message":"[RTMP] [conn 192.0.2.7:34668] is publishing to path 'live/cam-77', 1 track (H264)"}"#,
            other: #"{"timestamp":"2026-02-26T10:00:06Z","level":"WAR","message":"[path live/cam-77] no frames"}"#,
            namesAccount: false),
        // wowza.com, the fields of the access log.
        Server(
            profile: "wowza", before: { _ in [wowzaFields] },
            viewing: { address, account in
                "2026-02-26\t10:00:05\tUTC\tplay\tlive\t\(address)\trtmp\tcam-77\t\(account.map { "x=1&account=\($0)" } ?? "-")\t-"
            }, publishing: "2026-02-26\t10:00:04\tUTC\tpublish\tlive\t192.0.2.7\trtmp\tcam-77\towner=alice\t-",
            beforePublishing: [wowzaFields],
            other: "2026-02-26\t10:00:06\tUTC\tstop\tlive\t192.0.2.9\trtmp\tcam-77\taccount=bob\t-"),
        // antmedia.io, analytics events.
        Server(
            profile: "ant-media",
            viewing: { address, account in
                #"{"event":"playStarted","timeMs":1772100005300,"app":"live","streamId":"cam-77","logSource":"server","protocol":"WebRTC","clientIP":"\#(address)"\#(account.map { ",\"subscriberId\":\"\($0)\"" } ?? "")}"#
            },
            publishing:
                #"{"event":"publishStarted","timeMs":1772100004300,"app":"live","streamId":"cam-77","protocol":"rtmp"}"#,
            other:
                #"{"event":"playEnded","timeMs":1772100009300,"app":"live","streamId":"cam-77","subscriberId":"bob"}"#),
        // meetecho/janus-gateway, events.md and janus_videoroom.c.
        Server(
            profile: "janus-videoroom",
            viewing: { _, account in
                #"{"type":64,"timestamp":1772100005300000,"session_id":1,"handle_id":2,\#(account.map { "\"opaque_id\":\"\($0)\"," } ?? "")"event":{"plugin":"janus.plugin.videoroom","data":{"event":"subscribed","room":1234,"feed":77}}}"#
            },
            publishing:
                #"{"type":64,"timestamp":1772100004300000,"session_id":3,"handle_id":4,"opaque_id":"alice","event":{"plugin":"janus.plugin.videoroom","data":{"event":"published","room":1234,"id":77}}}"#,
            other:
                #"{"type":64,"timestamp":1772100009300000,"session_id":1,"handle_id":2,"event":{"plugin":"janus.plugin.videoroom","data":{"event":"unsubscribed","room":1234,"feed":77}}}"#,
            namesAddress: false, key: "1234/77"),
        // docs.livekit.io, Webhooks.
        Server(
            profile: "livekit-webhook",
            viewing: { _, account in
                #"{"event":"participant_joined","room":{"sid":"RM_a","name":"cam-77"},"participant":{"sid":"PA_b"\#(account.map { ",\"identity\":\"\($0)\"" } ?? "")},"id":"EV_b","createdAt":"1772100005"}"#
            },
            publishing:
                #"{"event":"track_published","room":{"sid":"RM_a","name":"cam-77"},"participant":{"sid":"PA_a","identity":"alice"},"track":{"sid":"TR_a","type":"VIDEO"},"id":"EV_a","createdAt":"1772100004"}"#,
            other:
                #"{"event":"participant_left","room":{"sid":"RM_a","name":"cam-77"},"participant":{"sid":"PA_b","identity":"bob"},"id":"EV_c","createdAt":"1772100009"}"#,
            namesAddress: false, key: "cam-77"),
        // coturn/coturn, ns_ioalib_engine_impl.c.
        Server(
            profile: "coturn",
            viewing: { _, account in
                "2026-02-26T10:00:05+0000: session 001000000000000002: usage: realm=<cam.test>, username=<\(account ?? "")>, rp=208, rb=21632, sp=208, sb=21492"
            },
            other:
                "2026-02-26T10:00:05+0000: session 001000000000000002: peer usage: realm=<cam.test>, username=<bob>, rp=208, rb=21492, sp=208, sb=21632",
            namesAddress: false, key: ""),
    ]

    private func read(_ server: Server, _ lines: [String]) throws -> Parsed {
        var library = try ProfileLibrary()
        for (address, account) in [("192.0.2.9", "carol"), ("2001:db8::17", "dave")] {
            library.sessions.add(session: "", address: address, account: account, live: Validity())
        }
        let known = server.before("192.0.2.9") + [server.viewing("192.0.2.9", "bob")]
        let recognized = library.recognize(Array((known.joined(separator: "\n") + "\n").utf8).span.bytes)
        let profile = try #require(recognized, "no profile knows \(known)")
        #expect(profile.name == server.profile)
        return Parsed(lines.map { Array($0.utf8) }, profile)
    }

    @Test("a viewing is a delivery of the stream to the account that the line names", arguments: servers)
    func viewing(_ server: Server) throws {
        let parsed = try read(server, server.before("192.0.2.9") + [server.viewing("192.0.2.9", "bob")])
        #expect(parsed.batch.deliveries.count == 1 && parsed.batch.fills.isEmpty, "\(parsed.outcomes)")
        let delivery = try #require(parsed.batch.deliveries.first)
        if server.namesAccount { #expect(parsed.text(delivery.requester) == "bob") }
        #expect(parsed.text(delivery.key) == server.key && delivery.content == .frame)
        // The stamps have whole seconds, or tenths.
        #expect(delivery.time.stamp.rfc3339.hasPrefix("2026-02-26T10:00:05"))
    }

    @Test(
        "without an account the client's address says who it was, be it IPv4 or IPv6; else nobody is named",
        arguments: servers)
    func nobody(_ server: Server) throws {
        for (address, account) in [("192.0.2.9", "carol"), ("2001:db8::17", "dave"), ("2001:db8::99", "")] {
            let parsed = try read(server, server.before(address) + [server.viewing(address, nil)])
            // A session of nobody's has no name to be counted for.
            if server.profile == "coturn" {
                #expect(parsed.batch.deliveries.isEmpty)
                continue
            }
            let delivery = try #require(parsed.batch.deliveries.first, "\(parsed.outcomes)")
            #expect(parsed.text(delivery.requester) == (server.namesAddress ? account : ""), "\(address)")
        }
    }

    @Test("a publisher's line is a fill, and no delivery", arguments: servers.filter { $0.publishing != nil })
    func publishing(_ server: Server) throws {
        let line = try #require(server.publishing)
        let parsed = try read(server, server.beforePublishing + [line])
        #expect(parsed.batch.deliveries.isEmpty && parsed.batch.fills.count == 1, "\(parsed.outcomes)")
        #expect(parsed.text(parsed.batch.fills.first?.key) == server.key)
    }

    @Test("what is no viewing is no record", arguments: servers)
    func others(_ server: Server) throws {
        let header = server.before("192.0.2.9").filter { $0.hasPrefix("#") }
        let parsed = try read(server, header + [server.other])
        #expect(parsed.batch.deliveries.isEmpty && parsed.batch.fills.isEmpty)
        #expect(parsed.outcomes.last == .ignored)
    }

    @Test(
        "a viewing that is cut anywhere is refused, or says nothing that the whole line does not say",
        arguments: servers)
    func cuts(_ server: Server) throws {
        let line = server.viewing("192.0.2.9", "bob")
        let before = server.before("192.0.2.9")
        let whole = try read(server, before + [line])
        let delivery = try #require(whole.batch.deliveries.first)
        let profile = try #require(try ProfileLibrary().profile(named: server.profile))
        for count in 1..<line.utf8.count {
            let parsed = Parsed((before.map { Array($0.utf8) }) + [Array(line.utf8.prefix(count))], profile)
            for cut in parsed.batch.deliveries {
                for field in [\Delivery.requester, \Delivery.camera, \Delivery.key, \Delivery.owner] {
                    let text = parsed.text(cut[keyPath: field])
                    #expect(text.isEmpty || text == whole.text(delivery[keyPath: field]), "\(line.prefix(count))")
                }
            }
        }
    }
}
