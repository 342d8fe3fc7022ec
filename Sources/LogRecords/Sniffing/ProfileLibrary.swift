import Dispatch
import Synchronization

/// The profiles at hand: the user's own first, then the shipped ones.
public struct ProfileLibrary: Sendable {
    public let profiles: [Profile]
    let scouts: [ProfilePrefilter]
    let members: MemberIndex
    private let ownCount: Int
    /// Of each of the user's profiles, where it is from.
    private let origins: [String]
    /// The user's profiles and the shipped ones: of those that fit equally many lines the better one first.
    let ranked: [[Int]]
    /// For profiles that derive the account from a session or an address.
    public var sessions = SessionTable()
    /// How long an answer may have taken whose line has its end and no duration, microseconds.
    public var longestAnswer = Self.longestAnswer
    /// Whether accounts that differ by case, blanks, leading zeros or `.0` alone are one (`AccountSpelling`).
    public var foldsAccounts = false
    /// How a file's path names its node, for lines that name none.
    public var nodeFromPath: NodeFromPath?
    /// The bound where none is stated: a minute.
    public static let longestAnswer: Int64 = 60_000_000

    /// - Parameter own: the user's profiles, each with the file it was read from, or the option with the log format that it
    ///   was made of.
    /// - Throws: `ProfileProblem` with file and line.
    public init(own: [(file: String, text: String)] = []) throws(ProfileProblem) {
        let shipped = try Self.read.get()
        var profiles: [Profile] = []
        for (file, text) in own {
            do {
                var profile = try ProfileReader.read(text) { name in shipped.first { $0.name == name }?.text }
                profile.isForced = shipped.contains { $0.name == profile.name && $0.text == text }
                if file.hasPrefix("--") { profile.formatOption = file }
                profiles.append(profile)
            } catch {
                var problem = error
                problem.file = file
                throw problem
            }
        }
        ownCount = profiles.count
        origins = own.map(\.file)
        profiles += shipped
        self.profiles = profiles
        scouts = profiles.map { ProfilePrefilter($0) }
        members = MemberIndex(scouts)
        let reads = profiles.map(\.mapping.count)
        ranked = [Array(0..<ownCount), Array(ownCount..<profiles.count)].map { [ownCount] group in
            // One that must be asked for stands among the user's if it was.
            group.filter { $0 < ownCount || !profiles[$0].isOnRequest }.sorted { (a, b) in
                let (mine, theirs) = (profiles[a], profiles[b])
                if mine.required.count != theirs.required.count { return mine.required.count > theirs.required.count }
                return reads[a] == reads[b] ? (mine.name, a) < (theirs.name, b) : reads[a] > reads[b]
            }
        }
    }

    /// The user's.
    public var own: [Profile] { Array(profiles.prefix(ownCount)) }

    var shippedCount: Int { profiles.count - ownCount }

    /// What the user gave: each file or format with the profiles that it came to.
    public var given: [(origin: String, profiles: [Profile])] {
        var given: [(origin: String, profiles: [Profile])] = []
        for (origin, profile) in zip(origins, profiles) {
            if given.last?.origin == origin {
                given[given.count - 1].profiles.append(profile)
            } else {
                given.append((origin, [profile]))
            }
        }
        return given
    }

    /// The text of a shipped profile, to ask for it by name; nil if there is none.
    public static func shippedText(of name: String) -> String? {
        (try? read.get())?.first { $0.name == name }?.text
    }

    public func profile(named name: String) -> Profile? { profiles.first { $0.name == name } }

    /// The profile that fits the first lines of a file best; see `FormatSniffer`, which serves those who have many files.
    ///
    /// - Parameter sample: the file's first bytes; a cut last line does not count, unless it is the only one.
    public func recognize(_ sample: RawSpan, isWhole: Bool = false) -> Profile? {
        FormatSniffer(self).recognize(sample, isWhole: isWhole)
    }

    /// The shipped profiles, read once.
    private static let read: Result<[Profile], ProfileProblem> = {
        let texts = shipped.map { String(decoding: $0, as: UTF8.self) }
        // Each begins with its name.
        @Sendable func text(of name: String) -> String? { texts.first { $0.hasPrefix("name: \(name)\n") } }
        // On all cores: it is the first thing that most commands wait for.
        let read = Mutex([Result<Profile, ProfileProblem>?](repeating: nil, count: texts.count))
        DispatchQueue.concurrentPerform(iterations: texts.count) { index in
            let one = Result { () throws(ProfileProblem) in
                try ProfileReader.read(texts[index], base: text(of:))
            }
            read.withLock { $0[index] = one }
        }
        return Result { () throws(ProfileProblem) in
            var profiles: [Profile] = []
            for one in read.withLock({ $0 }) { if let one { profiles.append(try one.get()) } }
            return profiles
        }
    }()

    private static let shipped: [[UInt8]] = [
        PackageResources.akamai_datastream_yaml,
        PackageResources.ant_media_yaml,
        PackageResources.apache_common_yaml,
        PackageResources.apache_vhost_yaml,
        PackageResources.apisix_yaml,
        PackageResources.aws_alb_yaml,
        PackageResources.aws_elb_yaml,
        PackageResources.aws_s3_yaml,
        PackageResources.azure_application_gateway_yaml,
        PackageResources.azure_front_door_yaml,
        PackageResources.bunny_yaml,
        PackageResources.caddy_yaml,
        PackageResources.cloudflare_yaml,
        PackageResources.cloudfront_json_yaml,
        PackageResources.cloudfront_realtime_yaml,
        PackageResources.cloudfront_yaml,
        PackageResources.coturn_yaml,
        PackageResources.directory_accounts_json_yaml,
        PackageResources.directory_accounts_yaml,
        PackageResources.directory_cameras_json_yaml,
        PackageResources.directory_cameras_yaml,
        PackageResources.directory_grants_json_yaml,
        PackageResources.directory_grants_yaml,
        PackageResources.directory_rollouts_json_yaml,
        PackageResources.directory_rollouts_yaml,
        PackageResources.directory_sessions_json_yaml,
        PackageResources.directory_sessions_yaml,
        PackageResources.ecs_json_yaml,
        PackageResources.envoy_gateway_yaml,
        PackageResources.envoy_json_yaml,
        PackageResources.envoy_yaml,
        PackageResources.fastly_yaml,
        PackageResources.google_cloud_cdn_yaml,
        PackageResources.google_media_cdn_yaml,
        PackageResources.haproxy_http_yaml,
        PackageResources.iis_yaml,
        PackageResources.imperva_yaml,
        PackageResources.ingress_nginx_yaml,
        PackageResources.janus_videoroom_yaml,
        PackageResources.kong_yaml,
        PackageResources.keycdn_yaml,
        PackageResources.livekit_webhook_yaml,
        PackageResources.mediamtx_json_yaml,
        PackageResources.mediamtx_yaml,
        PackageResources.native_cache_yaml,
        PackageResources.native_relay_yaml,
        PackageResources.nginx_amplify_yaml,
        PackageResources.nginx_combined_yaml,
        PackageResources.nginx_json_yaml,
        PackageResources.nginx_proxy_manager_yaml,
        PackageResources.nginx_rtmp_yaml,
        PackageResources.nginx_text_yaml,
        PackageResources.nginx_thin_yaml,
        PackageResources.origin_json_yaml,
        PackageResources.squid_combined_yaml,
        PackageResources.squid_common_yaml,
        PackageResources.squid_native_yaml,
        PackageResources.squid_thin_yaml,
        PackageResources.squid_yaml,
        PackageResources.srs_yaml,
        PackageResources.traefik_json_yaml,
        PackageResources.traefik_yaml,
        PackageResources.trafficserver_extended_yaml,
        PackageResources.trafficserver_extended2_yaml,
        PackageResources.trafficserver_json_yaml,
        PackageResources.trafficserver_squid_yaml,
        PackageResources.trafficserver_thin_yaml,
        PackageResources.trafficserver_yaml,
        PackageResources.varnishlog_yaml,
        PackageResources.varnishncsa_backend_yaml,
        PackageResources.varnishncsa_combined_yaml,
        PackageResources.varnishncsa_thin_yaml,
        PackageResources.varnishncsa_yaml,
        PackageResources.w3c_yaml,
        PackageResources.wowza_yaml,
    ]
}
