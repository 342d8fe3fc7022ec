import Testing

@testable import LogRecords

/// Which variants of a line the table of formats has for every shipped profile, and why not the others.
@Suite struct ConformanceVariants {
    /// What differs from line to line; each line is also cut at every byte.
    enum Variant: CaseIterable {
        /// The client's address, IPv4 and IPv6.
        case address
        /// A client that left.
        case aborted
        /// Each verdict, and none.
        case verdict
        /// The account in the URL, also as its last parameter, and the camera as its last segment.
        case target
        /// A method that brings no frame.
        case method

        fileprivate func isThere(_ format: ConformanceTests.Format) -> Bool {
            switch self {
            case .address: format.namesAddress
            case .aborted: format.tellsAborts
            case .verdict: format.words != nil
            case .target: format.namesTarget
            case .method: format.namesMethod
            }
        }
    }

    private static let silent = "no field of the line says that a client left"
    private static let length = "told by a Content-Length, where the log has that field: ServiceFormatTests"
    private static let cacheless = "no cache, or none whose verdict is logged"
    private static let named = "the account stands in a field of its own, and the address is not looked at"
    private static let apart = "the line has no URL with an account: account and camera stand apart"
    private static let noMethod = "the line has no method"

    /// By profile: what its lines cannot vary in, and why.
    static let missing: [String: [Variant: String]] = [
        "nginx-combined": [.aborted: silent], "nginx-amplify": [.aborted: silent],
        "nginx-proxy-manager": [.aborted: silent], "nginx-text": [.aborted: silent, .address: named],
        "nginx-json": [.address: named],
        "nginx-thin": [.aborted: silent, .address: named, .target: apart],
        "ingress-nginx": [.aborted: silent, .verdict: cacheless],
        "apache-common": [.aborted: silent, .verdict: cacheless],
        "apache-vhost": [.aborted: silent, .verdict: cacheless],
        "varnishncsa": [.aborted: silent, .address: named],
        "varnishncsa-thin": [.aborted: silent, .address: named, .target: apart, .method: noMethod],
        "varnishncsa-combined": [.aborted: silent, .verdict: cacheless],
        "varnishlog": [.aborted: "what was sent before the client left is not told apart", .address: named],
        "squid": [.address: named], "squid-thin": [.address: named, .target: apart, .method: noMethod],
        "trafficserver": [.address: named],
        "trafficserver-thin": [.address: named, .target: apart, .method: noMethod],
        "trafficserver-extended": [
            .aborted: "its code for the client's end is not in the format", .verdict: cacheless,
        ],
        "traefik": [.aborted: silent, .verdict: cacheless], "traefik-json": [.aborted: length],
        "kong": [.aborted: length], "apisix": [.aborted: length], "ecs-json": [.aborted: silent],
        "cloudflare": [.aborted: silent], "fastly": [.aborted: silent], "akamai-datastream": [.aborted: silent],
        "azure-front-door": [.aborted: silent], "azure-application-gateway": [.aborted: silent, .verdict: cacheless],
        "bunny": [.aborted: silent, .method: noMethod],
        "keycdn": [.aborted: silent, .address: "the last part of each address is cut off"],
        "imperva": [.aborted: silent], "aws-alb": [.aborted: silent, .verdict: cacheless],
        "aws-elb": [.aborted: silent, .verdict: cacheless], "aws-s3": [.verdict: cacheless],
        "w3c": [.aborted: silent],
        "native-relay": [.aborted: silent, .address: named, .target: apart, .method: noMethod],
    ]

    /// Logs of which no line is an answer to a client.
    private static let fillsAlone: Set = ["native-cache", "origin-json", "varnishncsa-backend"]

    @Test("every shipped profile has its lines in a table, and a reason for each variant that they lack")
    func complete() throws {
        let rows = Dictionary(grouping: ConformanceTests.formats, by: \.profile)
        let relays = Set(RelayConformanceTests.servers.map(\.profile))
        let profiles = try ProfileLibrary().profiles
        for profile in profiles where profile.isLog && !Self.fillsAlone.contains(profile.name) {
            // A viewing of a stream has no method, no verdict and no length.
            if relays.contains(profile.name) { continue }
            let own = rows[profile.name] ?? []
            #expect(!own.isEmpty, "\(profile.name) has no row")
            for variant in Variant.allCases {
                let isThere = own.contains(where: variant.isThere)
                let reason = Self.missing[profile.name]?[variant]
                #expect(isThere == (reason == nil), "\(profile.name), \(variant): \(reason ?? "no reason")")
            }
        }
        let names = Set(profiles.map(\.name))
        #expect(names.isSuperset(of: Self.missing.keys) && names.isSuperset(of: Self.fillsAlone))
        #expect(names.isSuperset(of: rows.keys) && names.isSuperset(of: relays))
        for name in Self.fillsAlone {
            let profile = try #require(profiles.first { $0.name == name })
            #expect(!profile.recordKinds.contains(.delivery))
        }
    }
}
