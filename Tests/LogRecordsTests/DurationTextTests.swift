import Testing

@testable import LogRecords

@Suite struct DurationTextTests {
    /// Go's `time.Duration.String`, nginx-rtmp's log, and numbers; in microseconds.
    @Test(
        "a length of time with its units",
        arguments: [
            ("1m0s", 60_000_000), ("1.5s", 1_500_000), ("120ms", 120_000), ("1.4388ms", 1438), ("500µs", 500),
            ("500us", 500),
            ("1500ns", 1), ("1h2m3.5s", 3_723_500_000), ("1m 0s", 60_000_000), ("1d 2h 3m 4s", 93_784_000_000),
            ("5s", 5_000_000),
        ] as [(String, Int64)])
    func units(_ text: String, _ microseconds: Int64) {
        let read = Array(text.utf8).withUnsafeBytes { LoggedDuration(bytes: $0, unit: .milliseconds) }
        #expect(read?.microseconds == microseconds)
    }

    @Test("what is none is none", arguments: ["", "s", "1x", "1.2.3s", "m1", "1m0", "-1s", "99999999999999999999s"])
    func others(_ text: String) {
        #expect(Array(text.utf8).withUnsafeBytes { LoggedDuration(bytes: $0, unit: .zap) } == nil)
    }

    /// caddyserver/caddy, modules/logging/encoders.go: seconds, nano, string.
    @Test(
        "Caddy's three ways to write one",
        arguments: [
            ("0.001438792", 1438), ("60", 60_000_000), ("60000000000", 60_000_000), ("1438792", 1438),
            ("1m0s", 60_000_000),
            ("1.438792ms", 1438), ("3600000000000000", 3_600_000_000_000),
        ] as [(String, Int64)])
    func zap(_ text: String, _ microseconds: Int64) {
        #expect(
            Array(text.utf8).withUnsafeBytes { LoggedDuration(bytes: $0, unit: .zap) }?.microseconds == microseconds)
    }
}
