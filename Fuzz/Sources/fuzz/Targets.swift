/// Takes one input; what must hold for any input is checked by `precondition`.
typealias Target = @Sendable (_ input: [UInt8]) -> Void

/// Every way in for bytes from outside, by name; what a target needs is made when it is chosen.
let targets: [String: @Sendable () -> Target] = [
    "zstd": { Framing.target(mark: [0x28, 0xB5, 0x2F, 0xFD]) },
    "gzip": { Framing.target(mark: [0x1F, 0x8B, 8]) },
    "xz": { Framing.target(mark: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]) },
    "bzip2": { Framing.target(mark: Array("BZh9".utf8)) },
    "lz4": { Framing.target(mark: [0x04, 0x22, 0x4D, 0x18]) },
    "tar": { Framing.target(mark: Array("ustar".utf8), at: 257) },
    "zip": { Framing.target(mark: [0x50, 0x4B, 3, 4]) },
    "json": { Lines.target(["native-relay", "nginx-json", "cloudfront-json", "livekit-webhook", "origin-json"]) },
    "logfmt": { Lines.target(own: [Lines.logfmt]) },
    "w3c": { Lines.target(["cloudfront", "wowza"]) },
    "delimited": { Lines.target(["aws-alb"], own: [Lines.semicolons, Lines.tabs]) },
    "pattern": { Lines.target(["nginx-text", "nginx-combined", "squid", "haproxy-http", "varnishncsa", "envoy"]) },
    "varnishlog": { Lines.target(["varnishlog"]) },
    "directory": {
        Lines.target([
            "directory-accounts", "directory-cameras", "directory-grants", "directory-rollouts", "directory-sessions",
            "directory-cameras-json", "directory-grants-json", "directory-sessions-json",
        ])
    },
    "token": { Lines.target(own: [Lines.tokens]) },
    "recognition": { Recognition.read },
    "profile": { Profiles.read },
    "format-string": { Profiles.convert },
    "timestamp": { Stamps.read },
    "parameters": { Questions.ask },
    "block": { Blocks.read },
]
