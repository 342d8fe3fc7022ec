/// The profiles at hand: the user's own first, then the shipped ones.
public struct ProfileLibrary: Sendable {
    public let profiles: [Profile]
    private let scouts: [Scout]
    private let ownCount: Int
    /// The user's profiles and the shipped ones: of those that fit equally many lines the better one first.
    private let ranked: [[Int]]
    /// For profiles that derive the account from a session or an address.
    public var sessions = SessionTable()

    /// - Parameter own: the user's profiles, each with the file it was read from.
    /// - Throws: `ProfileProblem` with file and line.
    public init(own: [(file: String, text: String)] = []) throws(ProfileProblem) {
        let shipped = try Self.read.get()
        var profiles: [Profile] = []
        for (file, text) in own {
            do {
                profiles.append(
                    try ProfileReader.read(text) { name in shipped.first { $0.name == name }?.text })
            } catch {
                var problem = error
                problem.file = file
                throw problem
            }
        }
        ownCount = profiles.count
        profiles += shipped
        self.profiles = profiles
        scouts = profiles.map { Scout($0) }
        let reads = profiles.map(\.mapping.count)
        ranked = [Array(0..<ownCount), Array(ownCount..<profiles.count)].map { group in
            group.sorted { (a, b) in
                let (mine, theirs) = (profiles[a], profiles[b])
                if mine.required.count != theirs.required.count { return mine.required.count > theirs.required.count }
                return reads[a] == reads[b] ? (mine.name, a) < (theirs.name, b) : reads[a] > reads[b]
            }
        }
    }

    /// The user's.
    public var own: [Profile] { Array(profiles.prefix(ownCount)) }

    public func profile(named name: String) -> Profile? { profiles.first { $0.name == name } }

    /// The profile that fits the first lines of a file best, or nil if none fits at least half of them.
    ///
    /// A user's profile that fits comes before every shipped one. Among others the one that fits most lines wins, then
    /// the one that asks for most fields, then the one that reads most fields, then the first by name.
    ///
    /// - Parameter sample: the file's first bytes; a cut last line does not count, unless it is the only one.
    public func recognize(_ sample: RawSpan) -> Profile? {
        let lines = Self.lines(sample)
        guard var profile = recognize(lines.filter { !$0.isEmpty }) ?? recognizeWrapped(lines, depth: 0) else {
            return nil
        }
        profile.sessions = sessions
        return profile
    }

    /// The profile of lines that a collector has wrapped.
    private func recognizeWrapped(_ lines: [[UInt8]], depth: Int) -> Profile? {
        guard depth < 3, !lines.isEmpty else { return nil }
        for envelope in Envelope.allCases {
            let inner = Self.unwrapped(lines, envelope)
            guard !inner.isEmpty,
                var profile = recognize(inner.filter { !$0.isEmpty }) ?? recognizeWrapped(inner, depth: depth + 1)
            else { continue }
            profile.envelopes.insert(envelope, at: 0)
            return profile
        }
        return nil
    }

    /// The lines inside; none if fewer than half are in this envelope.
    static func unwrapped(_ lines: [[UInt8]], _ envelope: Envelope) -> [[UInt8]] {
        let unwrapper = Unwrapper(envelope)
        var inner: [[UInt8]] = []
        var strangers = 0
        for (number, line) in lines.enumerated() {
            do {
                let result = try line.withUnsafeBytes { try unwrapper.take($0, number: Int64(number + 1)) }
                if case .line = result { inner.append(unwrapper.line) }
            } catch {
                strangers += 1
                if strangers * 2 > lines.count { return [] }
            }
        }
        return inner
    }

    private func recognize(_ lines: [[UInt8]]) -> Profile? {
        guard !lines.isEmpty else { return nil }
        lazy var names = NameTable()
        let slices = FieldSlices(count: profiles.reduce(0) { max($0, $1.fields.count) })
        for group in ranked {
            var best: (index: Int, fit: Int)?
            for index in group {
                guard scouts[index].mayFit(lines, slices), let fit = Self.fit(profiles[index], lines, names),
                    fit > best?.fit ?? 0
                else { continue }
                best = (index, fit)
                // Those that follow cannot fit more lines, and yield to it if they fit as many.
                if fit == lines.count { break }
            }
            if let best { return profiles[best.index] }
        }
        return nil
    }

    /// How many of the lines the profile can use, if at least half.
    static func fit(_ profile: Profile, _ lines: [[UInt8]], _ names: NameTable) -> Int? {
        var parser = LineParser(profile: profile, names: names)
        var batch = RecordBatch()
        var usable = 0
        var headers = 0
        for (number, line) in lines.enumerated() {
            let outcome = parser.parse(line.span.bytes, id: EventID(source: 1, line: Int64(number + 1)), into: &batch)
            switch outcome {
            case .accepted where parser.hasRequiredFields: usable += 1
            case .ignored where parser.hasRequiredFields: usable += 1
            // A header or a directive is not against a profile whose columns are there, but alone it is not for it.
            case .ignored where parser.hasRequiredColumns: headers += 1
            default: break
            }
        }
        let fit = usable + headers
        return fit * 2 >= lines.count && (usable > 0 || fit == lines.count) ? fit : nil
    }

    static func lines(_ sample: RawSpan) -> [[UInt8]] {
        sample.withUnsafeBytes { bytes in
            var parts = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
            if parts.count > 1 { parts.removeLast() }
            return parts.prefix(200).map { part in
                var line = Array(part)
                if line.last == 0x0d { line.removeLast() }
                return line
            }
        }
    }

    /// The shipped profiles, read once.
    private static let read: Result<[Profile], ProfileProblem> = {
        let texts = shipped.map { String(decoding: $0, as: UTF8.self) }
        // Each begins with its name.
        func text(of name: String) -> String? { texts.first { $0.hasPrefix("name: \(name)\n") } }
        return Result { () throws(ProfileProblem) in
            var profiles: [Profile] = []
            for text in texts { profiles.append(try ProfileReader.read(text, base: text(of:))) }
            return profiles
        }
    }()

    private static let shipped: [[UInt8]] = [
        PackageResources.akamai_datastream_yaml,
        PackageResources.ant_media_yaml,
        PackageResources.aws_alb_yaml,
        PackageResources.caddy_yaml,
        PackageResources.cloudflare_yaml,
        PackageResources.cloudfront_json_yaml,
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
        PackageResources.envoy_json_yaml,
        PackageResources.envoy_yaml,
        PackageResources.fastly_yaml,
        PackageResources.google_cloud_cdn_yaml,
        PackageResources.haproxy_http_yaml,
        PackageResources.janus_videoroom_yaml,
        PackageResources.livekit_webhook_yaml,
        PackageResources.mediamtx_yaml,
        PackageResources.native_cache_yaml,
        PackageResources.native_relay_yaml,
        PackageResources.nginx_combined_yaml,
        PackageResources.nginx_json_yaml,
        PackageResources.nginx_rtmp_yaml,
        PackageResources.nginx_text_yaml,
        PackageResources.nginx_thin_yaml,
        PackageResources.origin_json_yaml,
        PackageResources.squid_combined_yaml,
        PackageResources.squid_native_yaml,
        PackageResources.squid_thin_yaml,
        PackageResources.squid_yaml,
        PackageResources.srs_yaml,
        PackageResources.trafficserver_squid_yaml,
        PackageResources.trafficserver_thin_yaml,
        PackageResources.trafficserver_yaml,
        PackageResources.varnishlog_yaml,
        PackageResources.varnishncsa_backend_yaml,
        PackageResources.varnishncsa_combined_yaml,
        PackageResources.varnishncsa_thin_yaml,
        PackageResources.varnishncsa_yaml,
        PackageResources.wowza_yaml,
    ]
}
