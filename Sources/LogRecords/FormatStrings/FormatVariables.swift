internal import Yams

/// What each server's values are good for.
extension FormatString.Server {
    /// Where a record's field comes from, by the variables of a format; several in order of preference.
    func sources(of fields: [FormatString.Field], as role: Role) -> [Node] {
        let urls = fields.filter { isURL($0.variable) }
        return switch role {
        case .requester:
            // A name of its own, then a parameter of the URL, then the address, which only the session table knows.
            fields.filter { isAccount($0.variable) }.map(whole)
                + urls.flatMap {
                    [["field": Node($0.name), "query": "account"], ["field": Node($0.name), "query": "acct"]]
                }
                + fields.filter { isAddress($0.variable) }.map { ["field": Node($0.name), "account_by": "address"] }
        case .duration:
            fields.compactMap { field in
                duration(field.variable).map { ["field": Node(field.name), "unit": Node($0)] }
            }.suffix(1)
        case .camera: urls.map { ["field": Node($0.name), "extract": "{_}/cameras/{value}/{_}"] }
        // A key that is logged as one says more than the URL.
        case .key:
            named(fields, role).filter { node in !urls.contains { node.string == $0.name } }
                + urls.map { Node($0.name) }
        case .client:
            named(fields, role)
                + fields.filter { isAgent($0.variable) }.map { ["field": Node($0.name), "extract": "{value}/{_}"] }
        case .aborted:
            fields.filter { $0.variable == "request_completion" }
                .map { ["field": Node($0.name), "yes": [Node("", .implicit, .singleQuoted)]] }
        default: named(fields, role)
        }
    }

    private func named(_ fields: [FormatString.Field], _ role: Role) -> [Node] {
        fields.filter { plain[role]?.contains($0.variable.lowercased()) == true }.map(whole)
    }

    /// A field as it stands.
    private func whole(_ field: FormatString.Field) -> Node {
        field.isEncoded ? ["field": Node(field.name), "decode": "percent"] : Node(field.name)
    }

    private func isAccount(_ variable: String) -> Bool {
        let name = variable.lowercased()
        let users = self == .goaccess ? ["e"] : ["remote_user", "u", "un", "ul", "ui"]
        let words = ["account", "acct", "user_id", "user-id", "uid"]
        return users.contains(name) || words.contains { name.contains($0) }
    }

    private func isAddress(_ variable: String) -> Bool {
        ["remote_addr", "h", ">a", "http_x_forwarded_for", "{x-forwarded-for}i"].contains(variable.lowercased())
    }

    func isURL(_ variable: String) -> Bool {
        ["uri", "request_uri", "ru", ">ru", "U"].contains(variable) && !(self == .squid && variable == "U")
    }

    private func isAgent(_ variable: String) -> Bool {
        let name = variable.lowercased()
        return name == "http_user_agent" || name.contains("{user-agent}") || (self == .goaccess && variable == "u")
    }

    private func duration(_ variable: String) -> String? {
        switch (self, variable) {
        case (.nginx, "request_time"), (.apache, "T"), (.varnishncsa, "T"), (.goaccess, "T"): "s"
        case (.apache, "D"), (.varnishncsa, "D"), (.goaccess, "D"): "us"
        case (.squid, "tr"), (.goaccess, "L"): "ms"
        case (.goaccess, "n"): "ns"
        default: nil
        }
    }

    /// The variables, in lower case, that are a field as they stand.
    private var plain: [Role: [String]] {
        [
            .time: ["time"],
            .node: ["hostname", "server_addr"],
            .key: [
                "request_uri", "uri", "ru", "{vcl_log:ck}x", "{vcl_log:key}x", "{x-cache-key}i", "ck", "cache_key",
                "{ck}note",
            ],
            .cache: [
                "upstream_cache_status", "{varnish:handling}x", "{varnish:hitmiss}x", "ss", "{x-cache}o",
                "{cache-status}o",
                "sent_http_x_cache", "sent_http_cache_status",
            ] + (self == .goaccess ? ["c"] : []),
            .status: self == .squid ? [">hs", "hs"] : ["status", "s", ">s"],
            .bytes: self == .squid ? ["<st", "st"] : ["body_bytes_sent", "bytes_sent", "b", "o"],
            .frame: [
                "sent_http_etag", "upstream_http_etag", "{etag}o", "{etag}<h", "sent_http_x_frame_id", "{x-frame-id}o",
                "{x-frame-id}<h",
            ],
            .owner: [
                "sent_http_x_frame_owner", "upstream_http_x_frame_owner", "{x-frame-owner}o", "{x-frame-owner}<h",
            ],
            .frameCamera: ["sent_http_x_camera", "{x-camera}o", "{x-camera}<h"],
            .ifNoneMatch: ["http_if_none_match", "{if-none-match}i", "{if-none-match}>h"],
            .method: ["method", "request_method", "m", "rm"],
            .client: ["http_x_client", "{x-client}i", "{x-client}>h"],
            .network: ["http_x_net", "{x-net}i", "{x-net}>h"],
        ]
    }
}
