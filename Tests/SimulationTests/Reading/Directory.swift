/// The directory's tables read back: who owned what and who might see it. RFC 3339 texts of one form compare as times.
struct Directory {
    private let ownerships: [String: [[String: String]]]
    private let grants: [String: [[String: String]]]
    private let rollouts: [[String: String]]

    init(_ dump: WrittenDump) throws {
        ownerships = Dictionary(grouping: try dump.rows(of: "dump/cameras.csv")) { $0["camera"] ?? "" }
        grants = Dictionary(grouping: try dump.rows(of: "dump/grants.csv")) { $0["camera"] ?? "" }
        rollouts = try dump.rows(of: "dump/rollouts.csv")
    }

    func owner(of camera: String, at time: String) -> String? {
        ownerships[camera]?.first { Self.contains($0, time) }?["owner"]
    }

    func model(of camera: String) -> String? { ownerships[camera]?.first?["model"] }

    func isEntitled(_ requester: String, to camera: String, of owner: String, at time: String) -> Bool {
        requester == owner
            || (grants[camera] ?? []).contains {
                $0["owner"] == owner && $0["grantee"] == requester && Self.contains($0, time)
            }
    }

    /// The names of all that ever owned the camera or held a grant for it.
    func everEntitled(to camera: String) -> Set<String> {
        Set((ownerships[camera] ?? []).compactMap { $0["owner"] } + (grants[camera] ?? []).compactMap { $0["grantee"] })
    }

    func rollout(on node: String, at time: String) -> String? {
        rollouts.filter { ["", node].contains($0["node"]) && ($0["from"] ?? "") <= time }
            .max { ($0["from"] ?? "") < ($1["from"] ?? "") }?["rollout"]
    }

    private static func contains(_ row: [String: String], _ time: String) -> Bool {
        let (from, until) = (row["from"] ?? "", row["until"] ?? "")
        return from <= time && (until.isEmpty || time < until)
    }
}
