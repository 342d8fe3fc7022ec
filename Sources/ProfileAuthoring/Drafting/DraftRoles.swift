import LogRecords

/// What the fields of an unknown log are good for, by their names and by what stands in them.
struct DraftRoles {
    /// Where a record's field comes from: YAML, and the field that it was told by.
    struct Source {
        var yaml: String
        var field: DraftField
        /// What a person should look at.
        var doubt: String?
    }

    private(set) var sources: [Role: Source] = [:]
    /// The fields that some source reads.
    private(set) var used: Set<String> = []
    /// The words for a cache's verdict that only this log has.
    private(set) var ownVerdicts: [String] = []
    private let fields: [DraftField]

    /// The names that logs have for a field, in lower case, the last part of a path, the likeliest first.
    private static let names: [(role: Role, names: [String])] = [
        (
            .time,
            [
                "ts", "time", "timestamp", "@timestamp", "datetime", "date_time", "time_local", "time_iso8601", "msec",
                "at", "date",
            ]
        ),
        (
            .requester,
            [
                "requester", "account", "account_id", "acct", "user_id", "userid", "uid", "user", "username", "viewer",
                "viewer_id", "sub", "customer", "customer_id", "member", "remote_user", "x_account", "subject",
            ]
        ),
        (
            .camera,
            [
                "camera", "camera_id", "cam", "cam_id", "device", "device_id", "did", "serial", "sn", "stream",
                "stream_id", "channel",
            ]
        ),
        (.key, ["key", "cache_key", "cachekey", "ck", "object", "object_key", "surrogate_key"]),
        (.frame, ["frame", "frame_id", "frameid", "fid", "etag", "image_id", "snapshot_id", "segment_id"]),
        (.owner, ["owner", "owner_id", "owner_account", "frame_owner", "tenant", "home_owner", "granted_by"]),
        (.frameCamera, ["frame_camera", "frame_cam", "source_camera"]),
        (
            .cache,
            [
                "cache", "cache_status", "cachestatus", "cache_result", "x_cache", "xcache", "upstream_cache_status",
                "verdict", "handling", "cs", "result_type", "hit",
            ]
        ),
        (
            .status,
            [
                "status", "status_code", "code", "response_code", "sc_status", "http_status", "http_status_code",
                "elb_status_code", "resp_status", "rc",
            ]
        ),
        (
            .bytes,
            [
                "bytes", "bytes_sent", "body_bytes", "body_bytes_sent", "size", "length", "sc_bytes", "resp_bytes",
                "response_size", "sent_bytes", "bytes_read",
            ]
        ),
        (.node, ["node", "host", "hostname", "server", "edge", "pop", "relay", "node_id", "instance", "cache_node"]),
        (.client, ["client", "cl", "app", "integration", "platform", "client_type", "user_agent", "ua", "agent"]),
        (.network, ["network", "net", "network_grade", "network_type", "conn", "connection"]),
        (.kind, ["kind", "media", "media_type", "content_type", "type"]),
        (.method, ["method", "verb", "http_method", "request_method", "cs_method"]),
        (.ifNoneMatch, ["if_none_match", "inm"]),
        (.requestID, ["request_id", "req_id", "x_request_id", "reqid", "requestid", "ray_id", "cf_ray", "unique_id"]),
        (.rtt, ["rtt", "rtt_ms", "tcp_rtt"]),
        (.loss, ["loss", "loss_pct", "packet_loss"]),
        (
            .duration,
            [
                "duration", "duration_ms", "dur", "rt", "request_time", "elapsed", "elapsed_ms", "latency",
                "latency_ms",
                "time_taken", "took", "took_ms", "total_time", "ms",
            ]
        ),
        (.version, ["version", "release", "build", "config"]), (.ttl, ["ttl", "ttl_s", "max_age"]),
        (.model, ["model", "camera_model", "product"]),
        (.grantee, ["grantee", "grantee_id", "shared_with", "guest", "grantee_account"]),
        (.from, ["from", "valid_from", "since", "start", "owned_from", "granted_from", "granted_at", "valid_since"]),
        (
            .until,
            [
                "until", "valid_until", "valid_to", "to", "end", "owned_until", "owned_to", "granted_until",
                "granted_to",
                "expires", "revoked_at",
            ]
        ),
    ]

    init(_ fields: [DraftField]) {
        self.fields = fields
        findTime()
        // A verdict's words are its own; a name such as `cs` is not.
        let isVerdict = [\DraftField.isCacheVerdict, \.isPartlyCacheVerdict]
        let candidates = named(.cache) + fields
        if let field = isVerdict.lazy.compactMap({ holds in candidates.first { $0[keyPath: holds] } }).first {
            set(.cache, field)
            ownVerdicts = Set(field.present).filter { CacheStatus(logged: $0) == nil }.sorted()
            if !ownVerdicts.isEmpty { sources[.cache]?.doubt = Self.verdictDoubt }
        }
        findOwnVerdicts()
        if let field = named(.status).first(where: \.isHTTPStatus) ?? fields.first(where: \.isHTTPStatus) {
            set(.status, field)
        }
        for (role, _) in Self.names where sources[role] == nil {
            let fitting = named(role).filter { !used.contains($0.name) && isFit($0, role) }
            guard let field = fitting.first else { continue }
            set(role, field)
            let others = fitting.dropFirst().filter { $0.values != field.values }.map { "'\($0.name)'" }
            if !others.isEmpty { sources[role]?.doubt = "or \(others.joined(separator: ", "))?" }
        }
        // In a log whose places have no names.
        if sources[.method] == nil, let field = fields.first(where: { !used.contains($0.name) && $0.isMethod }) {
            set(.method, field)
        }
        findInURL()
        findDuration()
        findBytes()
        if sources[.requester] == nil, let field = fields.first(where: { $0.isAddress && !used.contains($0.name) }) {
            sources[.requester] = Source(
                yaml: "{field: \(ProfileDraft.scalar(field.name)), account_by: address}", field: field,
                doubt: "the account by the client's address: give --sessions a table that has it")
            used.insert(field.name)
        }
    }

    /// The fields whose names say that they are one, the likeliest first.
    private func named(_ role: Role) -> [DraftField] {
        let names = Self.names.first { $0.role == role }?.names ?? []
        return names.flatMap { name in fields.filter { Self.known($0.name) == name } }
    }

    /// Whether a field is called a time, be it understood or not.
    var namesTime: Bool { !named(.time).isEmpty }

    /// The name by which it is known: `owner.account` is `owner_account`, which says more than `account` does, and
    /// `request.status` is `status`.
    private static func known(_ name: String) -> String {
        let parts = name.split(separator: ".")
        let pair = plain(parts.suffix(2).joined(separator: "_"))
        let last = plain(parts.last.map(String.init) ?? name)
        if isName(pair) { return pair }
        // An owner's `uid` is no requester.
        let parent = parts.dropLast().last.map { plain(String($0)) } ?? ""
        return isName(parent, of: .owner) && isName(last, of: .requester) ? parent : last
    }

    /// How likely a field's name is one of the role's: the least first.
    static func rank(of name: String, as role: Role) -> Int {
        names.first { $0.role == role }?.names.firstIndex(of: known(name)) ?? Int.max
    }

    /// What a field is good for as far as its name tells.
    static func role(named name: String) -> Role? {
        let known = known(name)
        return names.first { $0.names.contains(known) }?.role
    }

    /// The last part of a field's path, as the names here are written: `request.headers.User-Agent` is `user_agent`.
    static func lastName(_ name: String) -> String { plain(name.split(separator: ".").last.map(String.init) ?? name) }

    private static func isName(_ name: String, of role: Role? = nil) -> Bool {
        names.contains { (role == nil || $0.role == role) && $0.names.contains(name) }
    }

    /// `User-ID` is `user_id`.
    private static func plain(_ name: String) -> String {
        let spaced = name.reduce(into: "") { text, character in
            if character.isUppercase, let before = text.last, before.isLowercase { text.append("_") }
            text.append(character)
        }
        let words = spaced.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "@" }.map(String.init)
        let start = ["cs", "sc", "http", "x"].contains(words.first) && words.count > 1 && words[0] != "x" ? 1 : 0
        return words[start...].joined(separator: "_")
    }

    private func isFit(_ field: DraftField, _ role: Role) -> Bool {
        switch role {
        case .bytes, .rtt, .loss, .ttl: field.isNumber
        case .duration: field.isNumber || field.isDuration
        case .time, .cache, .status: false
        case .from, .until: field.present.isEmpty || field.isTime
        case .method: field.mostly { $0.allSatisfy(\.isUppercase) }
        // A container's stream is no camera's.
        case .camera: !field.isTime && !field.mostly { $0 == "stdout" || $0 == "stderr" } || field.isNumber
        case .client, .network, .kind: !field.isNumber && !field.isTime
        default: !field.isTime || field.isNumber
        }
    }

    private mutating func set(_ role: Role, _ field: DraftField) {
        sources[role] = Source(yaml: ProfileDraft.scalar(field.name), field: field)
        used.insert(field.name)
    }

    private mutating func findTime() {
        if let field = named(.time).first(where: \.isTime) { return set(.time, field) }
        for (first, second) in zip(fields, fields.dropFirst()) where first.values.count == second.values.count {
            let joined = DraftField(
                name: "\(first.name) \(second.name)", values: zip(first.values, second.values).map { "\($0) \($1)" },
                timeFormat: first.timeFormat)
            guard !first.isTime, joined.isTime else { continue }
            sources[.time] = Source(
                yaml: "{join: [\(ProfileDraft.scalar(first.name)), \(ProfileDraft.scalar(second.name))]}", field: joined
            )
            used.formUnion([first.name, second.name])
            return
        }
        // A table's columns are times of validity.
        let validities = (named(.from) + named(.until)).map(\.name)
        let field = fields.first { field in
            field.isTime && !validities.contains(field.name) && field.present.count * 2 > field.values.count
        }
        if let field { set(.time, field) }
    }

    private static let verdictDoubt = "say above of each word what it means"

    /// Words of the log's own, in a field that is called as a verdict is: few on many lines, and no numbers.
    private mutating func findOwnVerdicts() {
        guard sources[.cache] == nil,
            let field = named(.cache).first(where: { field in
                let words = Set(field.present)
                return (1...8).contains(words.count)
                    && field.mostly { $0.contains(where: \.isLetter) && $0.count <= 32 }
            })
        else { return }
        set(.cache, field)
        sources[.cache]?.doubt = Self.verdictDoubt
        ownVerdicts = Set(field.present).sorted()
    }

    private static let units = [("_ms", "ms"), ("_us", "us"), ("_ns", "ns"), ("_s", "s")]

    /// Whether a field's name ends in a unit of time.
    private static func namesUnit(_ field: DraftField) -> Bool {
        units.prefix(3).contains { field.name.lowercased().hasSuffix($0.0) }
    }

    private mutating func findDuration() {
        let free = fields.filter { !used.contains($0.name) }
        if sources[.duration] == nil,
            let field = free.first(where: \.isDuration) ?? free.first(where: { $0.isNumber && Self.namesUnit($0) })
        {
            set(.duration, field)
        }
        guard let source = sources[.duration] else { return }
        // A value's own unit counts.
        if source.field.isDuration { return }
        let name = source.field.name.lowercased()
        let units = Self.units
        let told = name == "ms" ? "ms" : units.first { name.hasSuffix($0.0) }?.1
        let unit = told ?? (source.field.present.contains { $0.contains(".") } ? "s" : "ms")
        sources[.duration]?.yaml = "{field: \(ProfileDraft.scalar(source.field.name)), unit: \(unit)}"
        if told == nil { sources[.duration]?.doubt = "is the unit \(unit)?" }
    }

    /// In a log whose places have no names the response's size nearly always follows its status, as in the Common Log
    /// Format.
    private mutating func findBytes() {
        guard sources[.bytes] == nil, let status = sources[.status]?.field,
            let place = fields.firstIndex(where: { $0.name == status.name }), place + 1 < fields.count
        else { return }
        let field = fields[place + 1]
        guard field.isUnnamed, !used.contains(field.name), field.isNumber else { return }
        set(.bytes, field)
        sources[.bytes]?.doubt = "the size of the response?"
    }

    // MARK: In the URL

    /// Segments behind which a camera's name stands in a path.
    private static let cameraSegments = ["cameras", "camera", "cams", "cam", "devices", "device", "streams", "stream"]
    private static let accountParameters = ["account", "acct", "user", "user_id", "uid"]

    private mutating func findInURL() {
        guard let url = fields.first(where: \.isURL) else { return }
        let name = ProfileDraft.scalar(url.name)
        if sources[.camera] == nil, let templates = Self.cameraTemplates(url.present), !templates.isEmpty {
            let list = templates.map { "{field: \(name), extract: \(ProfileDraft.quoted($0))}" }
            sources[.camera] = Source(yaml: list.count == 1 ? list[0] : "[\(list.joined(separator: ", "))]", field: url)
            used.insert(url.name)
        }
        let parameter = Self.accountParameters.first { parameter in
            url.mostly { $0.contains("?\(parameter)=") || $0.contains("&\(parameter)=") }
        }
        if sources[.requester] == nil, let parameter {
            sources[.requester] = Source(yaml: "{field: \(name), query: \(parameter)}", field: url)
            used.insert(url.name)
        }
        if sources[.key] == nil {
            sources[.key] = Source(yaml: name, field: url, doubt: "is the URL the cache's key?")
            used.insert(url.name)
        }
    }

    /// How a camera's name is taken out of most of the URLs.
    private static func cameraTemplates(_ urls: [String]) -> [String]? {
        guard
            let segment = cameraSegments.first(where: { segment in
                urls.count(where: { $0.contains("/\(segment)/") }) * 2 > urls.count
            })
        else { return nil }
        var counts: [String: Int] = [:]
        for url in urls {
            guard let start = url.firstRange(of: "/\(segment)/")?.upperBound else { continue }
            let rest = url[start...]
            let end = rest.firstIndex { "/?.".contains($0) }
            let mark = end.map { String(rest[$0]) }
            counts["{_}/\(segment)/{value}" + (mark.map { "\($0){_}" } ?? ""), default: 0] += 1
        }
        // The one that ends at a mark comes before the one that takes all that is left.
        return counts.sorted { ($0.key.count, $1.value, $0.key) > ($1.key.count, $0.value, $1.key) }.map(\.key)
    }
}
