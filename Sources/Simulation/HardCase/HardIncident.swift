/// A hard case from a seed number: its deliveries, each with the owner of the frame that it carried, and what may be named
/// as the cause.
package struct HardIncident: Sendable {
    let kind: HardCase
    let world: World
    let traffic: HardTraffic
    let rollouts: [Rollout]
    package let truth: HardTruth
    /// When all keys of all nodes were purged; nil: never.
    let purge: Instant?
    private let seed: UInt64

    package static let requests = 24_000
    package static let accounts = 1500
    static let nodePrefix = "edge-"

    package init(
        _ kind: HardCase, seed: UInt64, requests: Int = HardIncident.requests, accounts: Int = HardIncident.accounts
    ) {
        var chance = SplitMix64(seed: seed)
        (self.kind, self.seed) = (kind, seed)
        var traffic = HardTraffic(kind, requests: requests, accounts: accounts, chance: chance.split())
        var script = HardScript(kind, seed: seed, chance: chance.split())
        script.run(&traffic)
        traffic.sort()
        (self.traffic, truth, rollouts, purge) = (traffic, script.truth, script.rollouts, script.purge)
        var world = World()
        for account in traffic.accounts { _ = world.addCamera(model: account.model, owner: world.addAccount()) }
        if let first = traffic.household.first {
            for other in traffic.household.dropFirst() {
                world.grant(
                    world.cameras[first], by: world.accounts[first], to: world.accounts[other], span: Span(from: nil))
            }
        }
        self.world = world
    }

    package var deliveries: Int { traffic.deliveries.count }
    package var exposures: Int { traffic.deliveries.count { $0.isExposure } }

    static func node(_ number: Int) -> String { nodePrefix + String(number + 1) }
    /// Of a node.
    static func region(_ node: Int, of nodes: Int) -> String { node * 2 < nodes ? "eu" : "us" }

    // MARK: Writing

    private struct Written: Encodable {
        let kind: String
        let seed: UInt64
        let deliveries: Int
        let exposures: Int
        let truth: HardTruth
    }

    /// Writes the dump, the truth and `relay.yaml`, the profile of its logs, below one folder.
    package func write(to folder: String, level: Int = 3) throws {
        let writer = DumpWriter(folder: folder, level: level)
        var files: [LogFile] = []
        for node in 0..<traffic.nodes {
            let lines = traffic.deliveries.filter { $0.node == node }.map { line($0) }
            if !lines.isEmpty { files.append(LogFile(path: "relay/\(Self.node(node)).ndjson.zst", lines: lines)) }
        }
        if let purge {
            for node in 0..<traffic.nodes {
                let lines = world.cameras.map { camera in
                    var line = JSONLine()
                    line.add("ts", purge.text)
                    line.add("node", Self.node(node))
                    line.add("op", "PURGE")
                    line.add("key", "snap/\(camera.name)/latest")
                    return LogLine(time: purge, text: line.closed)
                }
                files.append(LogFile(path: "cache/\(Self.node(node)).ndjson.zst", lines: lines))
            }
        }
        try writer.write(files, world: world, rollouts: rollouts)
        try writer.write(Self.profile, to: "relay.yaml")
        var table = CSVTable("time,requester,owner,entitled")
        for one in traffic.deliveries {
            table.add([
                one.at.text, world.accounts[one.account].name, world.accounts[one.frameCamera].name,
                String(!one.isExposure),
            ])
        }
        try writer.write(table.text, to: "truth/deliveries.csv")
        let written = Written(
            kind: kind.rawValue, seed: seed, deliveries: deliveries, exposures: exposures, truth: truth)
        try writer.write(json: written, to: "truth/truth.json")
    }

    private func line(_ one: HardDelivery) -> LogLine {
        var line = JSONLine()
        line.add("ts", one.at.text)
        line.add("node", Self.node(one.node))
        line.add("requester", world.accounts[one.account].name)
        line.add("camera", world.cameras[one.account].name)
        line.add("key", "snap/\(world.cameras[one.account].name)/latest")
        line.add("cache", one.isHit ? "HIT" : "MISS")
        line.add("status", 200)
        line.add("bytes", 20_000)
        line.add("owner", world.accounts[one.frameCamera].name)
        line.add("frame_camera", world.cameras[one.frameCamera].name)
        line.add("rtt_ms", one.roundTripMilliseconds)
        line.add("client", one.client)
        line.add("version", one.version)
        line.add("region", Self.region(one.node, of: traffic.nodes))
        line.add("network", one.network)
        line.add("plan", one.plan)
        line.add("kind", one.kind)
        return LogLine(time: one.at, text: line.closed)
    }

    private static let profile = """
        name: hard-relay
        inherits: native-relay
        recognize: [ts, requester, version]
        delivery:
          extra:
            plan: plan
            region: region
            version: version

        """
}
