import LogRecords
internal import Yams

/// What each server's values are good for.
extension FormatString {
    /// Where a record's field comes from, by the values of a format; several in order of preference.
    static func sources(of fields: [Field], as role: Role) -> [Node] {
        let urls = fields.filter { $0.meaning == .url }
        switch role {
        case .time: return stamps(fields).last.map { [whole($0)] } ?? []
        // A stamp of the beginning beside one of the end.
        case .started:
            let stamps = stamps(fields)
            return stamps.count > 1 && stamps.last?.meaning == .endTime ? [whole(stamps[0])] : []
        case .requester: return requesters(fields, urls)
        case .duration:
            return fields.compactMap { field in
                guard case .duration(let unit) = field.meaning else { return nil }
                return ["field": whole(field), "unit": Node(unit.rawValue)]
            }.suffix(1)
        case .camera: return urls.map { ["field": whole($0), "extract": "{_:path}/cameras/{value:segment}{_}"] }
        // Where keys are logged as such, a line without one names none: the URL is another name for it.
        case .key:
            let logged = plain(fields, .key)
            return logged.isEmpty ? paths(fields, urls) + urls.map(whole) : logged
        case .client:
            return plain(fields, .client)
                + fields.filter { $0.meaning == .agent }.map { ["field": whole($0), "extract": "{value}/{_}"] }
        // The last of several is what the client received.
        case .status: return fields.filter { $0.meaning == .status }.sorted { isFinal($0) && !isFinal($1) }.map(whole)
        case .cache: return fields.filter { $0.meaning == .verdict }.map(whole)
        case .bytes: return bytes(fields)
        case .aborted: return answers(fields) { if case .aborted(let values) = $0 { values } else { nil } }
        case .interim: return answers(fields) { if case .interim(let values) = $0 { values } else { nil } }
        // nginx gives a request and its subrequests one; the latter's lines come first. Where the length tells them, nothing else need.
        case .transaction:
            let isToldByLength = fields.contains { if case .interim = $0.meaning { true } else { false } }
            return isToldByLength ? [] : fields.filter { $0.variable == "request_id" }.map(whole)
        // What an origin's answer said stays right where a subrequest's header takes the reply's place (nginx, log_subrequest).
        case .frame, .owner, .frameCamera: return plain(fields.filter(isOrigin) + fields.filter { !isOrigin($0) }, role)
        default: return plain(fields, role)
        }
    }

    /// A name of its own, then a parameter of the URL, then the address, which only the session table knows.
    private static func requesters(_ fields: [Field], _ urls: [Field]) -> [Node] {
        var nodes = fields.filter { $0.meaning == .account }.map(whole)
        for field in urls + fields.filter({ $0.meaning == .query }) {
            for name in ["account", "acct"] { nodes.append(["field": whole(field), "query": Node(name)]) }
        }
        for meaning in [FormatMeaning.address, .forwarded] {
            for field in fields where field.meaning == meaning {
                nodes.append(["field": whole(field), "account_by": "address"])
            }
        }
        return nodes
    }

    private static func stamps(_ fields: [Field]) -> [Field] {
        fields.filter { $0.meaning == .time } + fields.filter { $0.meaning == .endTime }
    }

    private static func isFinal(_ field: Field) -> Bool { field.variable == ">s" || field.variable == "status" }

    private static func isOrigin(_ field: Field) -> Bool { field.variable.hasPrefix("upstream_http_") }

    private static func bytes(_ fields: [Field]) -> [Node] {
        // The body's alone come before those with headers.
        let found = fields.compactMap { field -> (field: Field, dash: Int?)? in
            if case .bytes(let dash) = field.meaning { (field, dash) } else { nil }
        }.sorted { a, b in
            func hasHeaders(_ variable: String) -> Bool { variable == "O" || variable == "bytes_sent" }
            return !hasHeaders(a.field.variable) && hasHeaders(b.field.variable)
        }
        return found.prefix(1).map { one in
            one.dash.map { ["field": whole(one.field), "dash": Node("\($0)")] } ?? whole(one.field)
        }
    }

    /// A field that answers a question, with the values that mean yes.
    private static func answers(_ fields: [Field], _ yes: (FormatMeaning) -> [String]?) -> [Node] {
        fields.compactMap { field in
            yes(field.meaning).map { values in
                ["field": whole(field), "yes": Node(values.map { Node($0, .implicit, .singleQuoted) })]
            }
        }.suffix(1)
    }

    /// A path with the query that stands elsewhere on the line: caches compare both (RFC 9111 section 2).
    private static func paths(_ fields: [Field], _ urls: [Field]) -> [Node] {
        guard let path = urls.first(where: { ["U", "uri", "document_uri"].contains($0.variable) }),
            let query = fields.first(where: { $0.meaning == .query }),
            !urls.contains(where: { ["request_uri", "request_target", "uri_args"].contains($0.variable) })
        else { return [] }
        // Apache and varnishncsa write the mark with it.
        let mark = query.type == .query ? "" : "?"
        return [["join": Node([Node(path.name), Node(query.name)]), "with": Node(mark, .implicit, .singleQuoted)]]
    }

    private static func plain(_ fields: [Field], _ role: Role) -> [Node] {
        fields.filter { $0.meaning == .role(role) }.map(whole)
    }

    /// A field as it stands.
    private static func whole(_ field: Field) -> Node {
        field.isEncoded ? ["field": Node(field.name), "decode": "percent"] : Node(field.name)
    }
}
