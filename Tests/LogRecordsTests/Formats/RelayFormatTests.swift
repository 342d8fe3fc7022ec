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

    @Test("coturn's seconds since its start are no time, and are said to be none")
    func secondsSinceStart() throws {
        let parsed = try Parsed(
            "11: : session 001000000000000002: usage: realm=<cam.test>, username=<acct-7>, rp=208, rb=21632, sp=208, sb=21492",
            shipped: "coturn")
        #expect(parsed.outcomes == [.rejected(.badTime, offset: 0)])
    }
}
