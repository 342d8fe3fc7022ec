import Analysis
import Casefile
import Foundation
import GRDB
import LogRecords
import ProfileAuthoring
import Reports
import Testing

/// Several lines of one request in one log are one answer; of two requests that nothing tells apart one may be.
@Suite struct RequestStepTests {
    /// Two cameras of alice's; what bob receives of them is an exposure.
    private static let fills = [77, 78].map { camera in
        #"{"ts":"2026-02-26T10:00:00.000Z","op":"FILL","key":"/v1/cameras/\#(camera)/snap?account=bob","frame":"f\#(camera)","camera":"\#(camera)"}"#
    }

    private func counted(_ lines: [String], _ profile: [(file: String, text: String)] = []) throws -> Count {
        let scratch = try Scratch()
        try scratch.write("dump/cameras.csv", "camera,owner,from,until\n77,alice,,\n78,alice,,\n")
        try scratch.write("dump/cache.ndjson", Self.fills.joined(separator: "\n") + "\n")
        try scratch.write("dump/relay.log", lines.joined(separator: "\n") + "\n")
        let summary = try Summary(of: try scratch.analyze([scratch.path("dump")], profiles: profile))
        let entry = summary.assumptions.first { $0.assumption == "answers_logged_once" }
        return Count(
            certain: summary.exposuresCertain, possible: summary.exposuresPossible,
            isInDoubt: entry?.status == "contradicted", same: summary.sameAnswers)
    }

    struct Count: Equatable {
        var certain: Int
        var possible: Int
        var isInDoubt = false
        /// Lines that count by another.
        var same = 0
    }

    /// A line of HAProxy's, as 3.2.26 wrote it with log-steps.
    private static func step(
        _ port: Int = 48918, at time: String = "10:00:05.328", status: Int = 200, bytes: Int = 3000,
        state: String = "LR--", captures: String = "{bob} {f77} ", request: String = "<BADREQ>",
        frontend: String = "pair"
    ) -> String {
        "192.0.2.9:\(port) [26/Feb/2026:\(time)] \(frontend) \(frontend)/<CACHE> 0/0/0/0/0 \(status) \(bytes) - - \(state) 1/1/0/0/0 0/0 \(captures)\"\(request)\""
    }

    private static func get(_ camera: Int) -> String { "GET /v1/cameras/\(camera)/snap?account=bob HTTP/1.1" }

    @Test("HAProxy: response and close, alike in every field, are one answer each")
    func responseAndClose() throws {
        let lines = (0..<3).flatMap { number in
            let line = Self.step(48918 + number, at: "10:00:0\(5 + number).328")
            return [line, line]
        }
        #expect(try counted(lines) == Count(certain: 3, possible: 0, same: 3))
    }

    @Test("HAProxy: the last line says whether the client left")
    func abort() throws {
        let lines = [Self.step(state: "----"), Self.step(state: "CD--")]
        #expect(try counted(lines) == Count(certain: 0, possible: 1, same: 1))
    }

    @Test("HAProxy: of all steps of a request the last one counts")
    func allSteps() throws {
        let lines = [
            Self.step(status: 0, bytes: 0, captures: ""),
            Self.step(status: -1, bytes: 0, captures: "", request: Self.get(77)),
            Self.step(status: -1, bytes: 0, captures: "", request: Self.get(77)),
            Self.step(captures: "{} {} ", request: Self.get(77)), Self.step(captures: "{} {} ", request: Self.get(77)),
        ]
        #expect(try counted(lines) == Count(certain: 1, possible: 0, same: 1))
        // The manual's example: what was accepted, and what it became.
        #expect(
            try counted([Self.step(status: 0, bytes: 0, captures: ""), Self.step()])
                == Count(certain: 1, possible: 0))
    }

    @Test("HAProxy: requests on one kept connection have times of their own, and all count")
    func keepAlive() throws {
        let lines = (0..<4).map { Self.step(at: "10:00:0\(5 + $0).328", request: Self.get(77)) }
        #expect(try counted(lines) == Count(certain: 4, possible: 0))
        // So have their steps.
        #expect(
            try counted(
                (0..<4).flatMap { number in
                    let line = Self.step(at: "10:00:05.32\(number)")
                    return [line, line]
                }) == Count(certain: 4, possible: 0, same: 4))
    }

    @Test("HAProxy: requests of one moment on one connection of HTTP/2 are told by their URLs")
    func multiplexed() throws {
        #expect(
            try counted([Self.step(request: Self.get(77)), Self.step(captures: "{bob} {f78} ", request: Self.get(78))])
                == Count(certain: 2, possible: 0))
        // Of the same URL nothing tells whether they are two, nor whether four lines without one are.
        #expect(
            try counted([Self.step(request: Self.get(77)), Self.step(request: Self.get(77))])
                == Count(certain: 1, possible: 1, isInDoubt: true))
        #expect(
            try counted(Array(repeating: Self.step(), count: 4)) == Count(certain: 1, possible: 3, isInDoubt: true))
    }

    @Test("HAProxy: another port or another frontend at the same moment is another request")
    func others() throws {
        let request = Self.get(77)
        #expect(
            try counted([
                Self.step(1, request: request), Self.step(2, request: request),
                Self.step(2, request: request, frontend: "b"),
            ]) == Count(certain: 3, possible: 0))
    }

    // MARK: nginx

    private static func nginx(_ second: Int, _ rest: String = "") -> String {
        "192.0.2.9 - bob [26/Feb/2026:10:00:0\(second) +0000] \"\(get(77))\" 200 3000 \"-\" \"App/1.0\" \"HIT\"\(rest)"
    }

    @Test("nginx: a line that comes again at once may be a subrequest's; which are many count as possible at best")
    func unmarkedParts() throws {
        #expect(
            try counted([Self.nginx(5), Self.nginx(5), Self.nginx(5)])
                == Count(certain: 1, possible: 2, isInDoubt: true))
        #expect(try counted([Self.nginx(5), Self.nginx(6), Self.nginx(7)]) == Count(certain: 3, possible: 0))
        // With ids of their own they are two requests; with one id a line that came again, or a part: one answer either way.
        let ids = ["8d4ab4d2e1d5f0a3c6b7a8d9e0f1a2b3", "8d4ab4d2e1d5f0a3c6b7a8d9e0f1a2b4"]
        #expect(
            try counted(ids.map { Self.nginx(5, " \($0)") }) == Count(certain: 2, possible: 0))
        #expect(
            try counted([ids[0], ids[0]].map { Self.nginx(5, " \($0)") })
                == Count(certain: 1, possible: 0, same: 1))
        // One of very many is a client that asked twice.
        let many = (0..<400).map { number in
            Self.nginx(5).replacing(
                "10:00:05", with: "10:\(10 + number / 60):\(String(100 + number % 60).dropFirst())")
        }
        #expect(try counted(many + [many[399]]) == Count(certain: 401, possible: 0))
    }

    @Test("nginx: lines with one $request_id are one answer's, and the last of them is the client's")
    func requestID() throws {
        let format =
            #"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent $upstream_cache_status $request_id"#
        func line(_ status: Int, _ id: Int) -> String {
            #"192.0.2.9 - bob [26/Feb/2026:10:00:05 +0000] "\#(Self.get(77))" \#(status) 3000 HIT 8d4ab4d2e1d5f0a3c6b7a8d9e0f1a2b\#(id)"#
        }
        let profile = [(file: "own", text: try FormatString(.nginx, format).profile())]
        #expect(
            try counted([line(206, 1), line(206, 1), line(200, 1), line(200, 2)], profile)
                == Count(certain: 2, possible: 0, same: 2))
        // What answered the request itself was an error.
        #expect(try counted([line(200, 1), line(403, 1)], profile) == Count(certain: 0, possible: 0, same: 1))
    }
}
