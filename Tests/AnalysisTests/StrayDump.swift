import Foundation

/// A dump of a few lines whose counts can be told without running anything: two cameras share one cache key, and from
/// the second fill on every hit of alice shows bob's room.
struct StrayDump {
    static let cameras = "camera,owner,from,until,model\ncam-a,alice,,,m\ncam-b,bob,,,m\n"
    static let cache = """
        {"ts":"2019-12-26T10:00:09.000000Z","node":"edge","op":"FILL","key":"slot/1","frame":"f-1","camera":"cam-a"}
        {"ts":"2019-12-26T10:00:19.000000Z","node":"edge","op":"FILL","key":"slot/1","frame":"f-2","camera":"cam-b"}

        """

    /// Deliveries to alice, a millisecond apart, from `first` milliseconds after 10:00:20 on: each an exposure.
    static func relay(_ count: Int, from first: Int = 0) -> String {
        (first..<(first + count)).map { step in
            #"{"ts":"2019-12-26T10:00:\#(20 + step / 1000).\#(String(1000 + step % 1000).dropFirst())000Z","node":"edge","requester":"alice","#
                + #""camera":"cam-a","key":"slot/1","cache":"HIT","status":200,"bytes":9000}"# + "\n"
        }.joined()
    }

    /// Writes the tables and the cache's log into `dump`, and a relay's log of `count` lines if asked to.
    static func write(to scratch: Scratch, relay count: Int? = nil) throws {
        try scratch.write("dump/cameras.csv", cameras)
        try scratch.write("dump/cache/edge.ndjson", cache)
        if let count { try scratch.write("dump/relay/edge.ndjson", relay(count)) }
    }
}

extension Scratch {
    /// Runs a line of shell in this folder.
    func shell(_ line: String) throws { try run("sh", ["-c", line]) }
}
