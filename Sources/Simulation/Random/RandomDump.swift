/// A dump full of hard cases, from a seed number, with the truth about each delivery.
package struct RandomDump {
    let world: World
    let rollouts: [Rollout]
    let deliveries: [Delivery]
    let cacheEvents: [CacheEvent]
    let files: RandomFiles
    package let truth: RandomTruth

    package init(_ options: RandomOptions) {
        var chance = SplitMix64(seed: options.seed)
        let made = RandomWorld(options, chance: chance.split())
        let habits = CacheNode.Habits(
            grace: .seconds(40), refreshesStale: true, revocationLag: .minutes(20), statedOwners: 0.6)
        let nodes = options.nodeNames.map {
            CacheNode(name: $0, rollouts: made.rollouts, habits: habits, chance: chance.split())
        }
        let span = Span(from: RandomOptions.start, until: options.end)
        var simulation = Simulation(world: made.world, nodes: nodes, span: span)
        var traffic = RandomTraffic(options, chance: chance.split())
        traffic.plan(into: &simulation)
        simulation.run()

        world = made.world
        rollouts = made.rollouts
        deliveries = simulation.deliveries
        cacheEvents = simulation.nodes.flatMap(\.events)
        files = RandomFiles(simulation, options: options, chance: chance.split())
        truth = RandomTruth(deliveries, world: world, files: files, seed: options.seed)
    }

    package func write(to folder: String, level: Int = 3) throws {
        let writer = DumpWriter(folder: folder, level: level)
        try writer.write(files.files, world: world, rollouts: rollouts)
        let table = RandomTruth.deliveryTable(deliveries, world: world, files: files.files)
        try writer.write(table, to: "truth/deliveries.csv")
        var broken = CSVTable("file,line,damage")
        for line in files.broken { broken.add([line.place.file, String(line.place.line), line.damage]) }
        try writer.write(broken.text, to: "truth/broken.csv")
        try writer.write(json: truth, to: "truth/truth.json")
    }
}
