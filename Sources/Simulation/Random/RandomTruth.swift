/// Counts of what really happened in a random dump.
package struct RandomTruth: Encodable, Sendable {
    let seed: UInt64
    /// Lines of all log files, the broken ones too.
    package let lines: Int
    package let broken: Int
    package let deliveries: Int
    package let exposures: Int
    let exposed: [String]
    let receiving: [String]

    init(_ deliveries: [Delivery], world: World, files: RandomFiles, seed: UInt64) {
        let carried = deliveries.filter(\.carriesFrame)
        let strays = carried.compactMap { delivery in delivery.exposedFrame(in: world).map { (delivery, $0) } }
        self.seed = seed
        lines = files.files.reduce(0) { $0 + $1.lines.count }
        broken = files.broken.count
        self.deliveries = carried.count
        exposures = strays.count
        exposed = Set(strays.map(\.1.owner)).sorted().map(\.name)
        receiving = Set(strays.map(\.0.request.requester)).sorted().map(\.name)
    }

    /// One row for each delivery of a frame, by file and line.
    static func deliveryTable(_ deliveries: [Delivery], world: World, files: [LogFile]) -> String {
        let places = files.deliveryPlaces
        var table = CSVTable("file,line,ts,status,requester,frame,owner,frame_camera,entitled")
        let placed = deliveries.enumerated().compactMap { index, delivery in
            places[index].map { (place: $0, delivery: delivery) }
        }
        for (place, delivery) in placed.sorted(by: { ($0.place.file, $0.place.line) < ($1.place.file, $1.place.line) })
        {
            guard delivery.carriesFrame, let frame = delivery.frame else { continue }
            table.add([
                place.file, String(place.line), delivery.end.text, String(delivery.status),
                delivery.request.requester.name, frame.id, frame.owner.name, frame.camera.name,
                String(delivery.exposedFrame(in: world) == nil),
            ])
        }
        return table.text
    }
}
