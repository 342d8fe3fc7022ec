import Testing

@testable import LogRecords

/// Viewings in Janus 1.x, whose event "subscribed" names no feed: the events before it do (janus_videoroom.c, 1.4: "subscribing",
/// "updated" and "switched" of the video room; the members of a stream are those of its streams summary).
@Suite struct JanusTests {
    private func event(_ data: String, handle: Int = 11, at second: Int) -> String {
        #"{"emitter":"j1","type":64,"timestamp":17721000\#(second)000000,"session_id":5,"handle_id":\#(handle),"opaque_id":"bob","event":{"plugin":"janus.plugin.videoroom","data":{\#(data)}}}"#
    }

    /// Streams of these feeds, each with sound and picture; nil: one that is no longer fed.
    private func streams(_ feeds: [Int?]) -> String {
        let all = feeds.flatMap { feed in
            ["audio", "video"].map { type in
                feed.map {
                    #"{"type":"\#(type)","active":true,"mindex":0,"mid":"0","ready":true,"send":true,"feed_id":\#($0),"feed_display":"a, \"b\" {","feed_mid":"1","codec":"opus"}"#
                } ?? #"{"type":"\#(type)","active":false,"mindex":0,"mid":"0","ready":false,"send":true}"#
            }
        }
        return "[\(all.joined(separator: ","))]"
    }

    private func read(_ lines: [String]) throws -> (Parsed, [String]) {
        let profile = try #require(try ProfileLibrary().profile(named: "janus-videoroom"))
        let parsed = Parsed(lines.map { Array($0.utf8) }, profile)
        return (parsed, parsed.batch.deliveries.map { "\(parsed.text($0.camera)) \(parsed.text($0.key))" })
    }

    @Test("a viewing is of the feed that the request for it named")
    func single() throws {
        let (parsed, watched) = try read([
            event(#""event":"subscribing","room":1,"streams":\#(streams([7])),"private_id":3"#, at: 10),
            event(#""event":"subscribing","room":1,"streams":\#(streams([8])),"private_id":3"#, handle: 12, at: 11),
            event(#""event":"subscribed","room":1"#, at: 12),
            event(#""event":"subscribed","room":1"#, handle: 12, at: 13),
        ])
        #expect(watched == ["7 1/7", "8 1/8"] && parsed.outcomes.prefix(2) == [.ignored, .ignored])
        #expect(parsed.batch.deliveries.map { parsed.text($0.requester) } == ["bob", "bob"])
    }

    @Test("what is added while it runs is a viewing of its own; what goes on or ends is none")
    func updates() throws {
        let (parsed, watched) = try read([
            event(#""event":"subscribing","room":1,"streams":\#(streams([7]))"#, at: 10),
            event(#""event":"subscribed","room":1"#, at: 11),
            event(#""event":"updated","room":1,"streams":\#(streams([7, 9]))"#, at: 12),
            event(#""event":"updated","room":1,"streams":\#(streams([7, 9]))"#, at: 13),
            event(#""event":"updated","room":1,"streams":\#(streams([nil, 9]))"#, at: 14),
            event(#""event":"updated","room":1,"streams":\#(streams([nil, nil]))"#, at: 15),
            event(#""event":"updated","room":1,"streams":\#(streams([7, nil]))"#, at: 16),
        ])
        #expect(watched == ["7 1/7", "9 1/9", "7 1/7"])
        #expect(parsed.outcomes == [.ignored, .accepted, .accepted, .ignored, .ignored, .ignored, .accepted])
    }

    @Test("several at once, a switch, and a request that the log does not have: counted, and of no known feed")
    func unknown() throws {
        let (_, watched) = try read([
            event(#""event":"subscribing","room":1,"streams":\#(streams([7, 9]))"#, at: 10),
            event(#""event":"subscribed","room":1"#, at: 11), event(#""event":"switched","room":1"#, at: 12),
            event(#""event":"subscribed","room":1"#, handle: 12, at: 13),
        ])
        #expect(watched == [" ", " ", " "])
    }

    @Test("before 1.0 the line names the feed")
    func old() throws {
        let (_, watched) = try read([event(#""event":"subscribed","room":1,"feed":7"#, at: 10)])
        #expect(watched == ["7 1/7"])
    }

    @Test("a list that is none, or is broken, says nothing")
    func broken() throws {
        for streams in ["[]", "[1,2]", #"["a"]"#, "{}", "null", #"[{"feed_id":null}]"#, "[[{}]]"] {
            let (_, watched) = try read([
                event(#""event":"subscribing","room":1,"streams":\#(streams)"#, at: 10),
                event(#""event":"subscribed","room":1"#, at: 11),
            ])
            #expect(watched.allSatisfy { $0 == " " }, "\(streams)")
        }
    }
}
