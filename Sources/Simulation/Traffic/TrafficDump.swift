/// A week of plain traffic of any size, written as it is made: memory does not grow with the number of lines.
///
/// Cameras are picked evenly, so a node's keys have few fills and many deliveries each. What strays is known while it is
/// made: a delivery shows the camera that was filled last under its key.
package struct TrafficDump {
    let seed: UInt64
    /// Lines of all relay logs.
    let deliveries: Int
    /// Lines of all cache logs.
    let fills: Int
    let accounts: Int
    /// Keys of each account's camera.
    let keys: Int
    let nodes: Int
    /// zstd's compression level.
    let level: Int

    package init(
        seed: UInt64, deliveries: Int, fills: Int, accounts: Int, keys: Int = 1, nodes: Int, level: Int
    ) {
        (self.seed, self.deliveries, self.fills) = (seed, deliveries, fills)
        (self.accounts, self.keys, self.nodes, self.level) = (accounts, keys, nodes, level)
    }

    static let start = Instant(2019, 12, 26)
    package static let span = Microseconds.days(7)
    /// When the faulty cache version comes.
    static let rollout = start + span * 2 / 3
    static let versions = (before: "2019.11.02", after: "2019.12.26")

    /// Writes `dump/` and `truth/` below a folder.
    ///
    /// - Returns: What the dump holds, as its truth file says.
    package func write(to folder: String) throws -> TrafficTruth {
        let writer = DumpWriter(folder: folder)
        for (name, text) in directory { try writer.write(text, to: "dump/" + name) }
        var chance = SplitMix64(seed: seed)
        var truth = TrafficTruth(
            seed: seed, accounts: accounts, nodes: nodes, deliveries: deliveries, fills: fills)
        for node in 0..<nodes {
            let name = "edge-\((node + 1).padded(2))"
            let relay = try PackedLog(path: writer.make("dump/relay/\(name).ndjson.zst"), level: level)
            let cache = try PackedLog(path: writer.make("dump/cache/\(name).ndjson.zst"), level: level)
            var traffic = NodeTraffic(
                name: name, cameras: stride(from: node, to: accounts, by: nodes), keys: keys,
                deliveries: share(of: deliveries, node), fills: share(of: fills, node), chance: chance.split())
            truth.add(try traffic.write(relay: relay, cache: cache))
        }
        try writer.write(json: truth, to: "truth/truth.json")
        return truth
    }

    /// A node's part of a number, so that the parts make up the whole.
    private func share(of count: Int, _ node: Int) -> Int { count * (node + 1) / nodes - count * node / nodes }

    private var directory: [(name: String, text: String)] {
        var accountTable = CSVTable("account")
        var cameraTable = CSVTable("camera,owner,from,until,model")
        for number in 0..<accounts {
            let digits = number.padded(8)
            accountTable.add(["acct-\(digits)"])
            cameraTable.add(["cam-\(digits)", "acct-\(digits)", "", "", "basic-1080p"])
        }
        var rolloutTable = CSVTable("rollout,node,from,note")
        rolloutTable.add([Self.versions.before, "", Self.start.text, ""])
        rolloutTable.add([Self.versions.after, "", Self.rollout.text, "cache update"])
        return [
            ("accounts.csv", accountTable.text), ("cameras.csv", cameraTable.text),
            ("grants.csv", CSVTable("owner,camera,grantee,from,until").text), ("rollouts.csv", rolloutTable.text),
        ]
    }
}
