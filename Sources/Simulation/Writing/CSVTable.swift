/// A CSV text under one header. Values are plain ASCII without commas, quotes or line ends, so none is quoted.
struct CSVTable {
    private(set) var text: String
    private let columns: Int

    /// - Parameter header: The column names, with commas between them.
    init(_ header: String) {
        text = header + "\n"
        columns = header.split(separator: ",").count
    }

    mutating func add(_ row: [String]) {
        precondition(row.count == columns && row.allSatisfy { !$0.contains { ",\"\n".contains($0) } })
        text += row.joined(separator: ",") + "\n"
    }
}

extension World {
    /// The directory's files, as name and text.
    func directory(rollouts: [Rollout]) -> [(name: String, text: String)] {
        var accountTable = CSVTable("account")
        for account in accounts { accountTable.add([account.name]) }
        var cameraTable = CSVTable("camera,owner,from,until,model")
        for ownership in ownerships.joined() {
            let span = ownership.span.columns
            cameraTable.add([ownership.camera.name, ownership.owner.name] + span + [ownership.model])
        }
        var grantTable = CSVTable("owner,camera,grantee,from,until")
        for grant in grants {
            grantTable.add([grant.owner.name, grant.camera.name, grant.grantee.name] + grant.span.columns)
        }
        var rolloutTable = CSVTable("rollout,node,from,note")
        for rollout in rollouts {
            rolloutTable.add([rollout.name, rollout.node ?? "", rollout.from.text, rollout.note])
        }
        return [
            ("accounts.csv", accountTable.text), ("cameras.csv", cameraTable.text),
            ("grants.csv", grantTable.text), ("rollouts.csv", rolloutTable.text),
        ]
    }
}

extension Span {
    fileprivate var columns: [String] { [from?.text ?? "", until?.text ?? ""] }
}
