/// What really happened in the simulated incident, counted from what the caches handed out.
package struct XiaomiTruth: Encodable, Sendable {
    package private(set) var deliveries = 0
    package private(set) var exposuresCertain = 0
    package private(set) var exposedAccounts = 0
    package private(set) var receivingAccounts = 0
    package private(set) var affectedAccounts = 0
    var firstExposure: String?
    var lastExposure: String?
    /// Lines of all log files.
    package let lines: Int
    var seed: UInt64
    var scope = XiaomiIncident.scope
    var exposed: [String] = []
    var receiving: [String] = []
    var affected: [String] = []

    enum CodingKeys: String, CodingKey {
        case deliveries
        case exposuresCertain = "exposures_certain"
        case exposedAccounts = "exposed_accounts"
        case receivingAccounts = "receiving_accounts"
        case affectedAccounts = "affected_accounts"
        case firstExposure = "first_exposure"
        case lastExposure = "last_exposure"
        case lines, seed, scope, exposed, receiving, affected
    }

    init(_ deliveries: [Delivery], world: World, lines: Int, seed: UInt64) {
        self.lines = lines
        self.seed = seed
        var (exposed, receiving, affected): (Set<Account>, Set<Account>, Set<Account>) = ([], [], [])
        var times: [Instant] = []
        for delivery in deliveries where delivery.carriesFrame {
            self.deliveries += 1
            let request = delivery.request
            if let frame = delivery.exposedFrame(in: world) {
                times.append(delivery.end)
                exposed.insert(frame.owner)
                receiving.insert(request.requester)
            }
            if XiaomiIncident.covers(delivery, world: world) {
                affected.formUnion([request.requester, world.owner(of: request.camera, at: delivery.end)])
            }
        }
        exposuresCertain = times.count
        exposedAccounts = exposed.count
        receivingAccounts = receiving.count
        affectedAccounts = affected.count
        firstExposure = times.min()?.text
        lastExposure = times.max()?.text
        self.exposed = exposed.sorted().map(\.name)
        self.receiving = receiving.sorted().map(\.name)
        self.affected = affected.sorted().map(\.name)
    }

    /// The exposures as a CSV text, one row each, by file and line.
    static func exposureTable(_ deliveries: [Delivery], world: World, files: [LogFile]) -> String {
        let places = files.deliveryPlaces
        var rows: [(place: LogFile.Place, cells: [String])] = []
        for (index, delivery) in deliveries.enumerated() {
            guard let frame = delivery.exposedFrame(in: world), let place = places[index] else { continue }
            let request = delivery.request
            let cells = [
                place.file, String(place.line), delivery.end.text, request.requester.name, request.camera.name,
                delivery.key, frame.owner.name, frame.camera.name, frame.id, request.client.rawValue,
                request.network.rawValue, world.model(of: request.camera), frame.rollout, delivery.rollout,
            ]
            rows.append((place, cells))
        }
        rows.sort { ($0.place.file, $0.place.line) < ($1.place.file, $1.place.line) }
        var table = CSVTable(
            "file,line,ts,requester,requested_camera,key,owner,frame_camera,frame,client,network,model,"
                + "rollout_at_fill,rollout_at_delivery")
        for row in rows { table.add(row.cells) }
        return table.text
    }
}

extension Delivery {
    /// The frame that reached the requester without a right to it, or nil.
    func exposedFrame(in world: World) -> Frame? {
        guard carriesFrame, let frame,
            !world.isEntitled(request.requester, to: frame.camera, of: frame.owner, at: end)
        else { return nil }
        return frame
    }
}
