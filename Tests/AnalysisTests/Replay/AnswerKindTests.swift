import Foundation
import GRDB
import Testing

/// Answers that carry no frame, a part of one, or maybe one, on lines as the servers write them. Camera 1 is acct-1's,
/// camera 2 acct-2's, and both share a key; acct-1's frame is in the cache.
@Suite struct AnswerKindTests {
    private static let fill = """
        {"ts":"2019-12-26T09:13:00.010000Z","key":"snap/s01","path":"/v1/cameras/1/snapshot","acct":"acct-1","status":200,\
        "frame":"f1","owner":"acct-1","inm":"-","bytes":718,"dur_us":5000}
        """

    private func nginx(_ second: Double, _ account: Int, _ word: String, _ method: String, _ status: Int, _ bytes: Int)
        -> String
    {
        """
        \(String(format: "%.3f", 1_577_351_580 + second)) 127.0.0.1 acct-\(account) nest-hub poor/600 \
        "\(method) /v1/cameras/*/snapshot" \(status) \(bytes) 0.020 \(word) key=snap/s01
        """
    }

    private func squid(_ second: Double, _ account: Int, _ word: String, _ method: String, _ status: Int, _ bytes: Int)
        -> String
    {
        """
        \(String(format: "%.3f", 1_577_351_580 + second)) 20 127.0.0.1 \(word)/\(status) \(bytes) \(method) \
        http://cloud/v1/cameras/\(account)/snapshot - HIER_NONE/- image/jpeg acct=acct-\(account) client=app net=ok rtt=9 \
        ck=snap/s01 fid=- owner=- cam=- inm="-" range=- ua="-" err=- rid=0000000000000000
        """
    }

    /// The certainty of each line that is an exposure or unresolved.
    private func judge(_ relay: [String]) throws -> [Int: String] {
        let scratch = try Scratch()
        try scratch.write("dump/relay.log", relay.joined(separator: "\n") + "\n")
        try scratch.write("dump/origin.ndjson", Self.fill + "\n")
        try scratch.write("dump/cameras.csv", "camera,owner,from,until,model\n1,acct-1,,,m\n2,acct-2,,,m\n")
        let caseFile = try scratch.analyze(
            [scratch.path("dump")], profiles: relay[0].contains("TCP_") ? [] : Scratch.shipped("nginx-thin"))
        #expect(try caseFile.count("SELECT count(*) FROM source WHERE state <> 'complete' OR rejected > 0") == 0)
        return try caseFile.verdictsByLine()
    }

    /// Tests/CorrelationTests has each kind by itself.
    @Test("errors from the cache, answers to HEAD, parts and aborted answers, as nginx and Squid write them")
    func kinds() throws {
        let ofNginx = try judge([
            nginx(0.020, 1, "MISS", "GET", 200, 718), nginx(1, 2, "HIT", "GET", 200, 718),
            nginx(2, 2, "HIT", "GET", 404, 150), nginx(3, 2, "HIT", "GET", 502, 150),
            nginx(4, 2, "HIT", "GET", 206, 100),
            nginx(4.5, 2, "HIT", "GET", 416, 190),
        ])
        #expect(ofNginx == [2: "certain", 5: "certain"])
        // Squid counts the bytes of headers.
        let ofSquid = try judge([
            squid(0.020, 1, "TCP_MISS", "GET", 200, 1018), squid(1, 2, "TCP_MEM_HIT", "GET", 200, 1018),
            squid(2, 2, "TCP_NEGATIVE_HIT", "GET", 404, 450), squid(2.5, 2, "TCP_MEM_HIT", "HEAD", 200, 318),
            squid(3, 2, "TCP_MEM_HIT", "GET", 206, 400), squid(3.5, 2, "TCP_HIT_ABORTED", "GET", 200, 400),
            squid(4, 1, "TCP_HIT_ABORTED", "GET", 200, 400),
        ])
        #expect(ofSquid == [2: "certain", 5: "certain", 6: "possible"])
    }
}
