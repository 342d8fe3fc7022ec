/// A random incident with planted causes, from a seed number, with the truth about each delivery.
package struct IncidentDump {
    let plan: IncidentPlan
    let world: World
    let deliveries: [IncidentDelivery]
    let files: [LogFile]
    private let seed: UInt64

    package init(_ options: IncidentOptions) {
        var chance = SplitMix64(seed: options.seed)
        seed = options.seed
        plan = IncidentPlan(options, chance: chance.split())
        let made = IncidentWorld(plan, chance: chance.split())
        world = made.world
        var traffic = IncidentTraffic(plan, world, chance: chance.split())
        var cloud = IncidentCloud(plan, made, chance: chance.split())
        cloud.run(traffic.requests(options.requests))
        deliveries = cloud.deliveries
        files = IncidentLogs(cloud, chance: chance.split()).files
    }

    package var truth: IncidentTruth { IncidentTruth(self, seed: seed) }

    /// Whether the client received a frame that its account had no right to.
    func isExposure(_ delivery: IncidentDelivery) -> Bool {
        guard let frame = delivery.frame else { return false }
        return !world.isEntitled(
            delivery.request.account, to: frame.camera, of: frame.owner, at: delivery.received)
    }

    /// A row of the truth: what the client received by a line of the relay's log.
    struct Row {
        let place: LogFile.Place
        let delivery: IncidentDelivery
        let isExposure: Bool
    }

    /// By file and line.
    var rows: [Row] {
        files.deliveryPlaces.map { index, place in
            Row(place: place, delivery: deliveries[index], isExposure: isExposure(deliveries[index]))
        }.sorted { ($0.place.file, $0.place.line) < ($1.place.file, $1.place.line) }
    }

    package func write(to folder: String, level: Int = 3) throws {
        let writer = DumpWriter(folder: folder, level: level)
        try writer.write(files, world: world, rollouts: plan.rollouts)
        var table = CSVTable("file,line,requester,frame,owner,frame_camera,received,entitled")
        for row in rows {
            guard let frame = row.delivery.frame else { continue }
            table.add([
                row.place.file, String(row.place.line), row.delivery.request.account.name, frame.id, frame.owner.name,
                frame.camera.name, row.delivery.received.text, String(!row.isExposure),
            ])
        }
        try writer.write(table.text, to: "truth/deliveries.csv")
        try writer.write(json: truth, to: "truth/truth.json")
    }
}
