@testable import Simulation

/// Counts a tidy dump's exposures from its logs alone: the latest fill under node and key before each delivery.
struct Recount {
    struct Change {
        let time: String
        /// The fill's frame, camera and owner; nil for a purge or an expiry.
        let fill: (frame: String, camera: String, owner: String)?
    }

    private(set) var deliveries = 0
    private(set) var lines = 0
    private(set) var exposureTimes: [String] = []
    private(set) var exposurePlaces: Set<String> = []
    private(set) var exposed: Set<String> = []
    private(set) var receiving: Set<String> = []
    private(set) var affected: Set<String> = []
    /// Deliveries without a fill before them, or whose line names another frame.
    private(set) var unexplained = 0
    /// Exposures to an account that once had a right to the camera.
    private(set) var formerRights = 0

    init(_ dump: WrittenDump) throws {
        let directory = try Directory(dump)
        let cacheLines = try dump.lines(of: "cache")
        let changes = Self.changes(cacheLines, directory)
        lines = cacheLines.count
        for line in try dump.lines(of: "relay") {
            lines += 1
            guard let fields = line.fields, let status = fields["status"] as? Int, [200, 206].contains(status),
                let time = fields["ts"] as? String, let node = fields["node"] as? String,
                let key = fields["key"] as? String, let camera = fields["camera"] as? String,
                let requester = fields["requester"] as? String
            else { continue }
            deliveries += 1
            if fields["client"] as? String == "nest-hub", directory.rollout(on: node, at: time) == "2019.12.26",
                directory.model(of: camera) == "Mi Home Security Camera Basic 1080p"
            {
                affected.formUnion([requester, directory.owner(of: camera, at: time) ?? ""])
            }
            guard let fill = Self.latest(changes["\(node) \(key)"] ?? [], before: time)?.fill,
                [fill.frame, nil].contains(fields["frame"] as? String)
            else {
                unexplained += 1
                continue
            }
            guard !directory.isEntitled(requester, to: fill.camera, of: fill.owner, at: time) else { continue }
            exposureTimes.append(time)
            exposurePlaces.insert("\(line.file):\(line.number)")
            exposed.insert(fill.owner)
            receiving.insert(requester)
            if directory.everEntitled(to: fill.camera).contains(requester) { formerRights += 1 }
        }
    }

    private static func changes(_ lines: [WrittenDump.Line], _ directory: Directory) -> [String: [Change]] {
        var changes: [String: [Change]] = [:]
        for line in lines {
            guard let fields = line.fields, let time = fields["ts"] as? String, let node = fields["node"] as? String,
                let key = fields["key"] as? String
            else { continue }
            var fill: (String, String, String)?
            if let frame = fields["frame"] as? String, let camera = fields["camera"] as? String {
                fill = (frame, camera, fields["owner"] as? String ?? directory.owner(of: camera, at: time) ?? "")
            }
            changes["\(node) \(key)", default: []].append(Change(time: time, fill: fill))
        }
        return changes
    }

    private static func latest(_ changes: [Change], before time: String) -> Change? {
        changes.last { $0.time < time }
    }
}
