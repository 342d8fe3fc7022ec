import Testing

@testable import LogRecords

/// Servers of streams.
@Suite struct RelayFormatTests {
    static let samples = [
        FormatSample(
            profile: "nginx-rtmp", backing: .server,
            lines: [
                #"127.0.0.1 [25/Nov/2026:02:06:59 +0000] PLAY "live" "cam-5525" "acct=acct-7" - 443 8303 "" "LNX 9,0,124,2" (2s)"#,
                #"127.0.0.1 [25/Nov/2026:02:07:00 +0000] PUBLISH "live" "cam-5525" "owner=acct-1" - 20124 529 "" "FMLE/3.0 (compatible; Lavf59.27" (5s)"#,
            ],
            reads: [
                "requester": "acct-7", "key": "live/cam-5525", "camera": "cam-5525", "bytes": "8303", "kind": "stream",
                // It played for two seconds and less than a third.
                "earliest": "2026-11-25T02:06:56.000001Z", "fill.key": "live/cam-5525", "fill.owner": "acct-1",
            ], fills: 1),
        FormatSample(
            profile: "srs", backing: .documented,
            lines: [
                "[2024-09-27 10:32:46.245][INFO][58467][f951w1of] RTMP client ip=127.0.0.1:57591, fd=13",
                "[2024-09-27 10:32:46.246][INFO][58467][f951w1of] complex handshake success",
                "[2024-09-27 10:32:46.247][INFO][58467][f951w1of] connect app, tcUrl=rtmp://localhost:1935/live, pageUrl=, swfUrl=, schema=rtmp, vhost=localhost, port=1935, app=live, args=null",
                "[2024-09-27 10:32:46.247][INFO][58467][f951w1of] client identified, type=fmle-publish, vhost=localhost, app=live, stream=livestream, param=, duration=0ms",
            ],
            reads: ["fill.key": "live/livestream", "fill.camera": "livestream"], deliveries: 0, fills: 1),
        FormatSample(
            profile: "srs", backing: .documented,
            // An older version: the application stands on another line of the same connection.
            lines: [
                "[2014-08-06 10:09:34.589][trace][22288][107] RTMP client ip=127.0.0.1",
                "[2014-08-06 10:09:34.591][trace][22288][107] complex handshake success",
                "[2014-08-06 10:09:34.631][trace][22288][107] connect app, tcUrl=rtmp://dev:1935/live, pageUrl=http://www.ossrs.net/players/srs_player.html?vhost=dev&stream=livestream&server=dev&port=1935, swfUrl=, schema=rtmp, vhost=dev, port=1935, app=live, args=null",
                "[2014-08-06 10:09:34.671][trace][22288][107] client identified, type=Play, stream_name=livestream, duration=-1.00",
            ],
            reads: ["key": "live/livestream", "camera": "livestream", "time": "2014-08-06T10:09:34.671000Z"]),
        FormatSample(
            profile: "mediamtx", backing: .documented,
            lines: [
                "2025/07/07 21:03:01 INF [RTMP] [conn 192.0.2.7:34668] opened",
                "2025/07/07 21:03:03 INF [RTMP] [conn 192.0.2.7:34668] is publishing to path 'live/stream', 1 track (H264)",
                "2025/07/07 21:03:10 INF [RTSP] [conn 192.0.2.9:62634] opened",
                "2025/07/07 21:03:10 INF [RTSP] [session c7b3d9d8] created by 192.0.2.9:62634",
                "2025/07/07 21:03:11 INF [RTSP] [session c7b3d9d8] is reading from path 'live/stream', with UDP, 1 track (H264)",
            ],
            reads: [
                "key": "live/stream", "client": "RTSP", "time": "2025-07-07T21:03:11.000000Z",
                "latest": "2025-07-07T21:03:11.999999Z", "fill.key": "live/stream",
                "fill.time": "2025-07-07T21:03:03.000000Z",
            ], fills: 1),
        FormatSample(
            // Each of bluenviron/mediamtx's servers has its own sentence, which its internal/servers and a report of a log
            // agree in.
            profile: "mediamtx", backing: .names,
            lines: [
                "2026/08/22 13:02:03 INF [SRT] [conn 192.0.2.7:34668] is publishing to path 'cam-77', 1 track (H264)",
                "2026/08/22 13:02:04 INF [HLS] [session 77aa0011] created by 192.0.2.9",
                "2026/08/22 13:02:04 INF [HLS] [session 77aa0011] is reading from muxer 'cam-77'",
                "2026/08/22 13:02:05 INF [MoQ] [session 99aa0011] created by 192.0.2.9:40000",
                "2026/08/22 13:02:05 INF [MoQ] [session 99aa0011] is reading from path cam-77",
                "2026/08/22 13:02:06 INF [WebRTC] [session 55bb0011] created by 192.0.2.9:4444",
                "2026/08/22 13:02:06 INF [WebRTC] [session 55bb0011] is reading from path 'cam-77', 1 track (H264)",
                "2026/08/22 13:02:07 INF [SRT] [conn 192.0.2.9:50001] is reading from path 'cam-77', 1 track (H264)",
                "2026/08/22 13:02:08 INF [RTMP] [conn 192.0.2.9:50002] is reading from path 'cam-77', 1 track (H264)",
            ],
            reads: ["key": "cam-77", "camera": "cam-77", "client": "RTMP", "time": "2026-08-22T13:02:08.000000Z"],
            deliveries: 5, fills: 1),
        FormatSample(
            // logStructured: the same sentences as the member `message`.
            profile: "mediamtx-json", backing: .names,
            lines: [
                #"{"timestamp":"2026-08-22T13:02:03.1Z","level":"INF","message":"[RTSP] [session 3c1f0d47] is publishing to path 'cam-77', 1 track (H264)"}"#,
                #"{"timestamp":"2026-08-22T13:02:04.2Z","level":"INF","message":"[HLS] [session 77aa0011] created by 192.0.2.9"}"#,
                #"{"timestamp":"2026-08-22T13:02:04.3Z","level":"INF","message":"[HLS] [session 77aa0011] is reading from muxer 'cam-77'"}"#,
                #"{"timestamp":"2026-08-22T13:02:05.4Z","level":"WAR","message":"[path cam-77] no frames"}"#,
                #"{"timestamp":"2026-08-22T13:02:06.5Z","level":"INF","message":"[RTMP] [conn 192.0.2.9:50001] is reading from path 'cam-77', 1 track (H264)"}"#,
            ],
            reads: [
                "key": "cam-77", "client": "RTMP", "time": "2026-08-22T13:02:06.500000Z", "fill.key": "cam-77",
                "fill.time": "2026-08-22T13:02:03.100000Z",
            ], deliveries: 2, fills: 1),
        FormatSample(
            // ossrs/srs, srs_app_rtc_api.cpp and srs_app_srt_conn.cpp: "client identified" is written for RTMP alone.
            profile: "srs", backing: .names,
            lines: [
                "[2024-10-15 12:00:00.103][INFO][1234][a1b2c3d4] client identified, type=rtmp-play, vhost=h, app=live, stream=cam-77, param=?account=bob, duration=0ms",
                "[2024-10-15 12:00:01.103][INFO][1234][e5f6a7b8] RTC play webrtc://h/live/cam-77?account=bob, api=http://h/rtc/v1/play/, tid=x1, clientip=192.0.2.9, app=live, stream=cam-77, offer=1234B, eip=, codec=, srtp=, dtls=",
                "[2024-10-15 12:00:01.203][INFO][1234][e5f6a7b8] RTC player nack=1, nnc=0",
                "[2024-10-15 12:00:02.103][INFO][1234][e5f6a7b9] SRT client ip=192.0.2.7:9000, fd=13",
                "[2024-10-15 12:00:02.203][INFO][1234][e5f6a7b9] @srt, streamid=#!::r=live/cam-77,m=publish, stream_url=h/live/cam-77, vhost=h, app=live, stream=cam-77, param=",
                "[2024-10-15 12:00:03.103][INFO][1234][e5f6a7c0] SRT client ip=192.0.2.9:9001, fd=14",
                "[2024-10-15 12:00:03.203][INFO][1234][e5f6a7c0] @srt, streamid=#!::r=live/cam-77,m=request, stream_url=h/live/cam-77, vhost=h, app=live, stream=cam-77, param=account=carl",
            ],
            reads: [
                "requester": "carl", "key": "live/cam-77", "time": "2024-10-15T12:00:03.203000Z",
                "fill.key": "live/cam-77", "fill.time": "2024-10-15T12:00:02.203000Z",
            ], deliveries: 3, fills: 1),
        FormatSample(
            profile: "nginx-rtmp", backing: .names,
            // ngx_rtmp_log_module.c: days, hours, minutes and seconds, from the largest on that is not zero.
            lines: [
                #"192.0.2.8 [07/Feb/2020:12:00:00 +0000] PLAY "live" "78" "account=bob" - 17025 409 "" "LNX 11" (1d 0h 2m 3s)"#
            ],
            // 86,523 s before, and less than a second more.
            reads: ["requester": "bob", "earliest": "2020-02-06T11:57:56.000001Z"]),
        FormatSample(
            profile: "coturn", backing: .documented,
            lines: [
                "2026-07-21T22:51:39+0000(7): INFO: session 000000000000000001: usage: realm=<cam.test>, username=<1784674400:acct-7>, rp=14, rb=2112, sp=14, sb=1416",
                "2026-07-21T22:51:39+0000(7): INFO: session 000000000000000001: peer usage: realm=<cam.test>, username=<1784674400:acct-7>, rp=14, rb=1416, sp=14, sb=2112",
            ],
            reads: ["requester": "acct-7", "bytes": "1416", "time": "2026-07-21T22:51:39.000000Z"]),
        FormatSample(
            profile: "coturn", backing: .names,
            lines: [
                "2026-07-21T22:51:38+0000: (7): INFO: IPv4. tcp or tls connected to: 192.0.2.9:56328",
                "2026-07-21T22:51:39+0000: (7): INFO: session 000000000000000001: usage: realm=<cam.test>, username=<acct-7>, rp=14, rb=2112, sp=14, sb=1416",
            ],
            reads: ["requester": "acct-7", "bytes": "1416", "time": "2026-07-21T22:51:39.000000Z"]),
        FormatSample(
            profile: "wowza", backing: .names,
            lines: [
                "#Version: 1.0",
                "#Fields: date\ttime\ttz\tx-event\tx-category\tx-severity\tx-status\tx-ctx\tx-comment\tx-vhost\tx-app\tx-appinst\tx-duration\ts-ip\ts-port\ts-uri\tc-ip\tc-proto\tc-referrer\tc-user-agent\tc-client-id\tcs-bytes\tsc-bytes\tx-stream-id\tx-spos\tcs-stream-bytes\tsc-stream-bytes\tx-sname\tx-sname-query\tx-file-name\tx-file-ext\tx-file-size\tx-file-length\tx-suri\tx-suri-stem\tx-suri-query\tcs-uri-stem\tcs-uri-query",
                "2018-10-02\t09:00:01\tUTC\tconnect\tsession\tINFO\t200\t192.0.2.9\t-\t_defaultVHost_\tlive\t_definst_\t0.0\t[any]\t1935\trtmp://media.test/live\t192.0.2.9\trtmp\t-\tLNX 9,0,124,2\t1093\t3325\t3073\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\trtmp://media.test/live\t-",
                "2018-10-02\t09:00:02\tUTC\tplay\tstream\tINFO\t200\tcam-5525\t-\t_defaultVHost_\tlive\t_definst_\t0.4\t[any]\t1935\trtmp://media.test/live\t192.0.2.9\trtmp\t-\tLNX 9,0,124,2\t1093\t3500\t3500\t1\t0\t0\t0\tcam-5525\tacct=acct-7\t-\t-\t-\t-\trtmp://media.test/live/cam-5525\trtmp://media.test/live/cam-5525\tacct=acct-7\trtmp://media.test/live\t-",
            ],
            reads: [
                "requester": "acct-7", "key": "live/cam-5525", "camera": "cam-5525", "client": "rtmp",
                "time": "2018-10-02T09:00:02.000000Z",
            ]),
        FormatSample(
            profile: "ant-media", backing: .names,
            lines: [
                #"{"event":"publishStarted","timeMs":1700000000000,"app":"LiveApp","streamId":"cam-5525","protocol":"rtmp"}"#,
                #"{"event":"playStarted","timeMs":1700000002500,"app":"LiveApp","streamId":"cam-5525","logSource":"server","protocol":"WebRTC","subscriberId":"acct-7","clientIP":"192.0.2.9"}"#,
                // The player reports the same.
                #"{"event":"playStarted","timeMs":1700000002600,"app":"LiveApp","streamId":"cam-5525","logSource":"client","subscriberId":"acct-7"}"#,
            ],
            reads: [
                "requester": "acct-7", "key": "LiveApp/cam-5525", "client": "WebRTC",
                "time": "2023-11-14T22:13:22.500000Z", "fill.key": "LiveApp/cam-5525",
            ], fills: 1),
        FormatSample(
            profile: "janus-videoroom", backing: .documented,
            lines: [
                #"{"type":64,"timestamp":1499105782594990,"session_id":8274653218,"handle_id":1024724638386209,"event":{"plugin":"janus.plugin.videoroom","data":{"event":"subscribed","room":1234,"feed":5620321221303244}}}"#
            ],
            reads: [
                "requester": "", "key": "1234/5620321221303244", "camera": "5620321221303244",
                "time": "2017-07-03T18:16:22.594990Z",
            ]),
        FormatSample(
            profile: "livekit-webhook", backing: .names,
            lines: [
                #"{"event":"track_published","room":{"sid":"RM_a","name":"cam-5525"},"participant":{"sid":"PA_a","identity":"acct-1"},"track":{"sid":"TR_a","type":"VIDEO"},"id":"EV_a","createdAt":"1700000000"}"#,
                #"{"event":"participant_joined","room":{"sid":"RM_a","name":"cam-5525"},"participant":{"sid":"PA_b","identity":"acct-7"},"id":"EV_b","createdAt":"1700000002"}"#,
            ],
            reads: [
                "requester": "acct-7", "key": "cam-5525", "time": "2023-11-14T22:13:22.000000Z",
                "fill.owner": "acct-1", "fill.frame": "TR_a",
            ], fills: 1),
        FormatSample(
            profile: "coturn", backing: .server,
            lines: [
                "2026-11-25T02:08:08+0000: session 001000000000000002: new, realm=<cam.test>, username=<acct-7>, lifetime=777",
                "2026-11-25T02:08:19+0000: session 001000000000000002: usage: realm=<cam.test>, username=<acct-7>, rp=208, rb=21632, sp=208, sb=21492",
                "2026-11-25T02:08:19+0000: session 001000000000000002: delete: realm=<cam.test>, username=<acct-7>",
            ],
            reads: ["requester": "acct-7", "bytes": "21492", "key": "", "time": "2026-11-25T02:08:19.000000Z"]),
    ]

    @Test("a server's lines say what a person reads in them", arguments: samples)
    func sample(_ sample: FormatSample) throws { try sample.check() }

    @Test("a TURN user name with its time limit is the account behind it")
    func timeLimited() throws {
        let line =
            "2026-11-25T02:08:19+0000: session 001000000000000002: usage: realm=<cam.test>, username=<1795579699:acct-7>, rp=208, rb=21632, sp=208, sb=21492"
        let parsed = try Parsed(line, shipped: "coturn")
        #expect(parsed.text(parsed.batch.deliveries.first?.requester) == "acct-7")
    }

    @Test("Wowza's column tz says in which zone a line is stamped")
    func wowzaZone() throws {
        let parsed = try Parsed(
            "#Fields: date\ttime\ttz\tx-event\tx-app\tx-sname",
            "2018-10-02\t09:00:02\tEDT\tplay\tlive\tcam-1", shipped: "wowza")
        // Eastern daylight time is four hours behind UTC.
        #expect(parsed.batch.deliveries.first?.time.stamp.rfc3339 == "2018-10-02T13:00:02.000000Z")
    }

    @Test("coturn's seconds since its start are no time, and are said to be none")
    func secondsSinceStart() throws {
        let usage = "usage: realm=<cam.test>, username=<acct-7>, rp=208, rb=21632, sp=208, sb=21492"
        for start in ["11: : ", "7: ", "7: (77): INFO: ", "123456789: "] {
            let line = start + "session 001000000000000002: " + usage
            #expect(try Parsed(line, shipped: "coturn").outcomes == [.rejected(.sinceStart, offset: 0)], "\(line)")
            let likeness = try ProfileLibrary().resemblance(Array("\(line)\n".utf8).span.bytes)
            #expect(
                "\(likeness.map { "\($0)" } ?? "")".contains(
                    "coturn, but what stands there for a time is seconds since"))
        }
    }
}
