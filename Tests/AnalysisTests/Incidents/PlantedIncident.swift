@testable import Simulation

/// A simulated incident on disk, and what really happened in it.
struct PlantedIncident {
    /// What a client received by a line of a relay's log.
    struct Row {
        var requester: String
        var owner: String
        var isExposure: Bool
    }

    /// By `path:line` as a case names it.
    private(set) var rows: [String: Row] = [:]
    let causes: [String]
    let features: [String]

    /// Writes the dump below `folder`.
    init(seed: UInt64, requests: Int, isFaulty: Bool = true, folder: String) throws {
        let made = IncidentDump(IncidentOptions(seed: seed, requests: requests, isFaulty: isFaulty))
        try made.write(to: folder, level: 1)
        for row in made.rows {
            guard let frame = row.delivery.frame else { continue }
            rows["dump/\(row.place.file):\(row.place.line)"] = Row(
                requester: row.delivery.request.account.name, owner: frame.owner.name, isExposure: row.isExposure)
        }
        causes = made.truth.causes
        features = made.truth.features
    }
}
