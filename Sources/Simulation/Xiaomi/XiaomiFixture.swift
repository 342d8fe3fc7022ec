/// The simulated incident: population, traffic and caches, run to the end, with its logs and its truth.
package struct XiaomiFixture {
    let seed: UInt64
    let world: World
    let deliveries: [Delivery]
    let files: [LogFile]
    package let truth: XiaomiTruth

    /// - Throws: `UnplannedPopulation` if the accounts with a delivery inside the scope are not the planned ones.
    package init(seed: UInt64, affected: Int) throws(UnplannedPopulation) {
        var chance = SplitMix64(seed: seed)
        let population = XiaomiPopulation(affected: affected, chance: chance.split())
        let habits = CacheNode.Habits(
            calm: .seconds(2), suspension: (client: .nestHub, from: XiaomiIncident.suspension))
        let nodes = XiaomiIncident.nodes.map {
            CacheNode(name: $0, rollouts: XiaomiIncident.rollouts, habits: habits, chance: chance.split())
        }
        let span = Span(from: XiaomiIncident.start, until: XiaomiIncident.end)
        var simulation = Simulation(world: population.world, nodes: nodes, span: span)
        var traffic = XiaomiTraffic(chance: chance.split())
        traffic.plan(population.residents, into: &simulation)
        simulation.run()

        self.seed = seed
        world = population.world
        deliveries = simulation.deliveries
        files = Self.files(of: simulation)
        let lines = files.reduce(0) { $0 + $1.lines.count }
        truth = XiaomiTruth(deliveries, world: world, lines: lines, seed: seed)
        let planned = population.planned.map(\.name)
        guard truth.affected == planned, planned.count == affected else {
            throw UnplannedPopulation(planned: planned, counted: truth.affected)
        }
    }

    /// One relay and one cache log a node, each in the order of its time stamps.
    private static func files(of simulation: Simulation) -> [LogFile] {
        let logs = zip(simulation.relayLogs, simulation.cacheLogs)
        return zip(simulation.nodes, logs).flatMap { node, logs in
            [
                LogFile(path: "relay/\(node.name).ndjson.zst", lines: logs.0),
                LogFile(path: "cache/\(node.name).ndjson.zst", lines: logs.1),
            ]
        }
    }

    package func write(to folder: String, level: Int = 19) throws {
        let writer = DumpWriter(folder: folder, level: level)
        try writer.write(files, world: world, rollouts: XiaomiIncident.rollouts)
        try writer.write(json: truth, to: "truth/truth.json")
        let exposures = XiaomiTruth.exposureTable(deliveries, world: world, files: files)
        try writer.write(exposures, to: "truth/exposures.csv")
        try writer.write(XiaomiReadme.text(of: self), to: "README.md")
    }
}

/// The simulation did not put just the planned accounts inside the scope.
package struct UnplannedPopulation: Error, CustomStringConvertible {
    let planned: [String]
    let counted: [String]

    package var description: String {
        let (missing, extra) = (Set(planned).subtracting(counted), Set(counted).subtracting(planned))
        return "\(counted.count) accounts have a delivery inside the scope, \(planned.count) were planned: "
            + "\(missing.count) planned ones have none, \(extra.count) others have one. Try another seed."
    }
}
