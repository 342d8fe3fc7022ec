import Interning
import Testing

@testable import LogRecords

/// Names as servers write them: escapes undone, an entity tag's quotes taken off, foreign bytes kept apart.
@Suite struct NameTests {
    private static let nginx = #"""
        127.0.0.1 - 3743930681 [23/Nov/2026:23:15:43 +0000] "GET /v1/cameras/152881605/snapshot?acct=3743930681 HTTP/1.1" 200 718 "-" "MiHome/5.6.91 (Android 9; \x22K\xC3\xBCche\x22 tablet \x5C 2)" rt=0.000 cs=HIT fid=3b505658409e0cd7 cl=CLIENT net=ok rid=62322cfcb38e719d
        """#
    private static let squid = #"""
        1795475845.450     14 127.0.0.1 TCP_REFRESH_MODIFIED/200 1205 GET http://relay-eu1.camcloud.test/v1/cameras/152881605/snapshot?acct=3743930681 - FIRSTUP_PARENT/127.0.0.1 image/jpeg acct=3743930681 client=CLIENT net=ok rtt=49 ck=snap/152881605 fid=f55e32be9169d5ba owner=3743930681 cam=152881605 inm="INM" range=- ua="MiHome/5.6.91 (Android 9; \"Küche\" tablet \\ 2)" err=- rid=9683cf478c4dc9b9
        """#
    private static let varnish = #"""
        127.0.0.1 - 3743930681 [23/Nov/2026:23:11:52.476 +0000] "GET http://relay-eu1.camcloud.test/v1/cameras/152881605/snapshot?acct=3743930681 HTTP/1.1" 200 718 "MiHome/5.6.91 (Android 9; \"K\xc3\xbcche\" tablet \\ 2)" hm=hit hd=hit st=grace ck=snap/152881605 fid=ca720d4bf3bf1348 fo=3743930681 fc=152881605 hits=6 cl=CLIENT net=ok rtt=24 ttfb=0.000073 us=101 vxid=688600 rid=62322cfcb38e719d
        """#
    private static let trafficserver = #"""
        ts=1795475886.166 ttms=0 chi=127.0.0.1 acct=3732391716 client=CLIENT net=ok rtt=57 cqhm=GET cqup="v1/cameras/808071362/snapshot" pssc=304 pscl=0 crc=TCP_IMS_HIT chm=HIT_RAM cfsc=FIN phr=NONE sssc=000 cluc="http://relay.ats.internal/snap/808071362" fid=- owner=- cam=- inm="INM" range="-" ua="MiHome/5.6.88 (iPhone; iOS 13.3)" rid=e796eef3cd4c90de
        """#

    @Test(
        "a name that each server escapes in its own way is the same name",
        arguments: [
            ("nginx-text", nginx, #"\x22K\xC3\xBCche\x22-\x5C-2"#), ("squid", squid, #"\"Küche\"-\\-2"#),
            ("varnishncsa", varnish, #"\"K\xc3\xbcche\"-\\-2"#), ("trafficserver", trafficserver, #""Küche"-\-2"#),
        ])
    func escapes(_ profile: String, _ line: String, _ written: String) throws {
        let parsed = try Parsed(line.replacing("CLIENT", with: written), shipped: profile)
        #expect(parsed.batch.deliveries.map { parsed.text($0.client) } == [#""Küche"-\-2"#])
    }

    @Test(
        "an entity tag is the frame id that it quotes",
        arguments: [
            ("squid", squid, #"\"5e02b7971e2c29d2\""#), ("squid", squid, "5e02b7971e2c29d2"),
            ("squid", squid, #"W/\"5e02b7971e2c29d2\""#),
            ("trafficserver", trafficserver, #""5e02b7971e2c29d2""#),
            ("trafficserver", trafficserver, #"W/"5e02b7971e2c29d2""#),
        ])
    func tags(_ profile: String, _ line: String, _ written: String) throws {
        let text = line.replacing("INM", with: written).replacing("MODIFIED/200", with: "MODIFIED/304")
        let parsed = try Parsed(text, shipped: profile)
        #expect(
            parsed.batch.deliveries.map { parsed.text($0.frame) } == ["5e02b7971e2c29d2"],
            "the 304 shows what the validator names")
    }

    @Test("nginx' JSON line: the validator's quotes are JSON's escapes, and an empty completion is an abort")
    func nginxJSON() throws {
        let line =
            #"{"ts":1795475742.187,"account":"1815187656","client":"mi-home-app","net":"ok","rtt":"87","method":"GET","#
            + #""uri":"/v1/cameras/552516016/snapshot?acct=1815187656","status":304,"body_bytes":0,"rt":0.020,"cache":"HIT","#
            + #""key":"snap/552516016","frame":"","frame_owner":"","inm":"\"5db9d71b5c25d23d\"","completion":""}"#
        let parsed = try Parsed(line, shipped: "nginx-json")
        let delivery = try #require(parsed.batch.deliveries.first)
        #expect(parsed.text(delivery.frame) == "5db9d71b5c25d23d")
        #expect(parsed.text(delivery.camera) == "552516016")
        #expect(delivery.flags.contains(.aborted))
    }

    @Test("of several fields the one that has the value is decoded by its own escapes")
    func secondField() throws {
        let parsed = try Parsed(
            #"{"account_id":"J\u00f6rg"}"#, #"{"account":"Jörg"}"#, #"{"account":"-","account_id":"J\u00f6rg"}"#,
            shipped: "directory-accounts-json")
        #expect(parsed.batch.accounts.map { parsed.text($0.account) } == ["Jörg", "Jörg", "Jörg"])
    }

    @Test("a camera is found in a path whose slashes JSON escapes, as Lua's and PHP's encoders do")
    func escapedSlashes() throws {
        let yaml = #"""
            name: x
            syntax: json
            delivery: {time: ts, camera: {field: uri, extract: '/v1/cameras/{value}/{_}'}}
            """#
        let parsed = try Parsed(
            #"{"ts":1577354420,"uri":"\/v1\/cameras\/55\/snapshot"}"#,
            #"{"ts":1577354420,"uri":"/v1/cameras/5\u0035/snapshot"}"#,
            #"{"ts":1577354420,"uri":"\/v2"}"#,
            yaml: yaml)
        #expect(parsed.batch.deliveries.map { parsed.text($0.camera) } == ["55", "55", ""])
    }

    /// A relay's lines whose requester is these bytes.
    private func requesters(_ names: [[UInt8]]) throws -> (Parsed, [SymbolID]) {
        let profile = try #require(try ProfileLibrary().profile(named: "native-relay"))
        let lines = names.map { Array(#"{"ts":1577354420,"key":"k","requester":""#.utf8) + $0 + Array(#""}"#.utf8) }
        let parsed = Parsed(lines, profile)
        return (parsed, parsed.batch.deliveries.map(\.requester))
    }

    @Test("names that are not UTF-8, or hold a NUL, are different names that can be stored and read again")
    func foreignBytes() throws {
        let written: [[UInt8]] = [
            [0xff], [0xfe], [0x61, 0xe9], [0x61, 0xe8], [0xc3, 0xbc], Array(#"a\u0000b"#.utf8),
            Array(#"a\u0000c"#.utf8),
        ]
        let (parsed, ids) = try requesters(written)
        #expect(Set(ids).count == written.count)
        let texts = ids.map { parsed.text($0) }
        #expect(texts == [#"\xff"#, #"\xfe"#, #"a\xe9"#, #"a\xe8"#, "ü", #"a\x00b"#, #"a\x00c"#])
        #expect(texts.allSatisfy { !$0.utf8.contains(0) })
        let again = StringInterner()
        #expect(Set(texts.map { again.intern($0) }).count == written.count)
    }

    @Test("equal names are one name however the line writes them, canonical equivalence does not make one of two")
    func equality() throws {
        let (_, ids) = try requesters([
            Array("Jörg".utf8), Array(#"J\u00f6rg"#.utf8), Array("Jo\u{308}rg".utf8), Array("jörg".utf8),
        ])
        #expect(ids[0] == ids[1])
        #expect(Set(ids).count == 3)
    }
}
