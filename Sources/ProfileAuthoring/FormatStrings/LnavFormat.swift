public import LogRecords
internal import Yams

/// A format file of lnav (docs.lnav.org, "Log Formats"; schema format-v1): what an operator has who reads logs with it.
///
/// Each regular expression of a format becomes a profile of its own, because lnav too reads a file by one of them; a format
/// of JSON lines becomes one.
public enum LnavFormat {
    /// - Parameter text: the file's JSON.
    /// - Returns: each profile's YAML.
    /// - Throws: `ProfileProblem` that names the format and its expression.
    public static func profiles(_ text: String) throws(ProfileProblem) -> [String] {
        guard let root = try? compose(yaml: text)?.mapping else {
            throw ProfileProblem("is not JSON, which lnav's format files are", line: 1)
        }
        var profiles: [String] = []
        for (key, node) in root where key.string?.hasPrefix("$") == false {
            guard let name = key.string, let format = node.mapping else { continue }
            let isJSON = format["file-type"]?.string == "json" || format["json"]?.bool == true
            if isJSON {
                profiles.append(try Format(name, format, of: names(of: format)).yaml(patterns: nil))
                continue
            }
            for (key, node) in format["regex"]?.mapping ?? [:] {
                guard let regex = key.string, let pattern = node.mapping?["pattern"]?.string else { continue }
                let shapes: RegexShapes
                do {
                    shapes = try RegexShapes(pattern)
                } catch {
                    throw ProfileProblem("\(name), expression '\(regex)': \(error.message)", line: node.mark?.line)
                }
                let own = Format("\(name)-\(regex)", format, of: shapes.names)
                // lnav has expressions for lines without a time too; they are no deliveries.
                if own.hasTime { profiles.append(try own.yaml(patterns: shapes.patterns)) }
            }
        }
        guard !profiles.isEmpty else { throw ProfileProblem("no format in it has lines with a time", line: 1) }
        return profiles
    }

    /// A JSON format's members, as a profile names them: `request/headers/User-Agent#` is `request.headers.User-Agent`.
    private static func names(of format: Node.Mapping) -> [String] {
        let values = (format["value"]?.mapping ?? [:]).map(\.key.string)
        let shown = (format["line-format"]?.sequence ?? []).map { $0.mapping?["field"]?.string }
        let stated = [format["timestamp-field"]?.string ?? "timestamp"]
        var names: [String] = []
        for case let name? in stated + values + shown where !name.hasPrefix("__") {
            let path = name.replacing("#", with: "").replacing("/", with: ".")
            if !names.contains(path) { names.append(path) }
        }
        return names
    }

    private struct Format {
        let name: String
        let title: String
        let names: [String]
        let time: String
        private let duration: String?
        private let durationUnit: String

        init(_ name: String, _ format: Node.Mapping, of names: [String]) {
            self.name = name
            self.names = names
            title = format["title"]?.string ?? name
            time = (format["timestamp-field"]?.string ?? "timestamp").replacing("/", with: ".")
            let duration = format["duration-field"]?.string ?? names.first { DraftRoles.role(named: $0) == .duration }
            self.duration = duration?.replacing("/", with: ".")
            let unit = duration.flatMap { format["value"]?.mapping?[$0]?.mapping?["unit"]?.mapping }
            let divisor = format["duration-divisor"]?.int ?? unit?["divisor"]?.int ?? 1
            durationUnit = [1: "s", 1000: "ms", 1_000_000: "us", 1_000_000_000: "ns"][divisor] ?? "s"
        }

        var hasTime: Bool { names.contains(time) }

        func yaml(patterns: [String]?) throws(ProfileProblem) -> String {
            let delivery = FormatString.section(sources)
            var root: [(Node, Node)] = [
                ("name", Node(name)), ("title", Node("\(title), by its lnav format")),
                ("syntax", patterns == nil ? "json" : "pattern"),
            ]
            if let patterns {
                root.append(("pattern", Node(patterns.map { Node($0, Tag(.str), .singleQuoted) })))
            } else {
                // A program's own messages stand among its requests in JSON.
                let told = delivery.filter { ["time", "key", "status"].contains($0.0.string) }
                root.append(("recognize", Node(told.compactMap { $0.1.string.map { Node($0) } })))
            }
            root.append(("delivery", Node(delivery)))
            return try FormatString.written(root)
        }

        private func sources(_ role: Role) -> [Node] {
            // The likeliest first: a response has its `size`, where `bytes_read` is the request's.
            let named = names.filter { $0 != time && DraftRoles.role(named: $0) == role }
                .sorted { DraftRoles.rank(of: $0, as: role) < DraftRoles.rank(of: $1, as: role) }.map { Node($0) }
            switch role {
            case .time: return [Node(time)]
            case .requester:
                return named
                    + (urls + queries).flatMap { url -> [Node] in
                        ["account", "acct"].map { ["field": Node(url), "query": Node($0)] }
                    } + addresses.map { ["field": Node($0), "account_by": "address"] }
            case .key:
                let paths = urls.filter { ["uri_stem", "path", "request_path"].contains(DraftRoles.lastName($0)) }
                let whole = zip(paths, queries).map { path, query -> Node in
                    ["join": Node([Node(path), Node(query)]), "with": Node("?", .implicit, .singleQuoted)]
                }
                return named + whole + urls.map { Node($0) }
            case .camera:
                return named + urls.map { ["field": Node($0), "extract": "{_:path}/cameras/{value:segment}{_}"] }
            case .client:
                return named.map { node in
                    node.string?.lowercased().hasSuffix("agent") == true
                        ? ["field": node, "extract": "{value}/{_}"] : node
                }
            case .duration: return duration.map { [["field": Node($0), "unit": Node(durationUnit)]] } ?? []
            // `cs_host` is the host that the client asked for.
            case .node:
                return named.filter { $0.string?.hasPrefix("cs") == false && $0.string?.hasPrefix("request") == false }
            // Of a bucket, a process or a file: whose frame it is must be said in so many words.
            case .owner: return named.filter { $0.string != "owner" }
            case .frame, .frameCamera, .cache, .status, .bytes, .network, .method, .ifNoneMatch, .rtt, .loss,
                .requestID:
                return named
            default: return []
            }
        }

        private func named(_ known: [String]) -> [String] {
            known.flatMap { known in names.filter { DraftRoles.lastName($0) == known } }
        }

        private var urls: [String] {
            Array(
                named(["request_uri", "uri", "url", "http_url", "uri_stem", "uri_whole", "path", "request_path"])
                    .prefix(1))
        }
        private var queries: [String] { Array(named(["uri_query", "query", "query_string"]).prefix(1)) }
        private var addresses: [String] {
            Array(named(["client_ip", "c_ip", "remote_addr", "remote_ip", "client_addr"]).prefix(1))
        }
    }
}
