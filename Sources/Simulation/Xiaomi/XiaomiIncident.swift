/// The facts of the incident of 26 December 2019 as the simulation has them.
///
/// Public are the days of the update and of the first report, the suspension a day or two later, and the camera model,
/// the integration and the part of the network. Hours, nodes, key rules and the day of the fix are made up.
package enum XiaomiIncident {
    /// Of the fixture in the repository.
    package static let seed: UInt64 = 20_191_226
    /// How many accounts lie inside its scope: as many as had such an integration.
    package static let affected = 1044

    static let model = "Mi Home Security Camera Basic 1080p"
    static let otherModels = ["Mi Home Security Camera 360 1080p", "Mi Outdoor Security Camera 1080p"]
    static let nodes = ["relay-eu-1", "relay-eu-2", "relay-us-1"]

    /// The logs' time: 20 December 2019 to the end of 9 January 2020.
    static let start = Instant(2019, 12, 20)
    static let end = Instant(2020, 1, 10)

    static let update = "2019.12.26"
    /// No node has the update before this time; the day after, all have it.
    static let updateDay = Instant(2019, 12, 26)
    /// From here on the integration gets no frames.
    static let suspension = Instant(2020, 1, 2, 18, 30)
    static let scope = "client=\(Client.nestHub.rawValue) AND model=\(model) AND rollout=\(update)"
    static let cause =
        "client=\(Client.nestHub.rawValue) AND network=\(Network.poor.rawValue) AND model=\(model)"
        + " AND rollout_at_delivery=\(update)"

    static let rollouts: [Rollout] = {
        let poorHub = KeyRule.Condition(client: .nestHub, network: .poor, model: model)
        let faulty = KeyRule(fault: .slots(count: 6, lifetime: 1800), condition: poorHub)
        let minutes = [
            ("relay-eu-1", Instant(2019, 12, 26, 3, 12, 40)), ("relay-eu-2", Instant(2019, 12, 26, 3, 47, 5)),
            ("relay-us-1", Instant(2019, 12, 26, 9, 31, 20)),
        ]
        let updates = minutes.map { node, time in
            Rollout(
                name: update, node: node, from: time, note: "cache update: stream quality under poor networks",
                rule: faulty)
        }
        let before = Rollout(
            name: "2019.11.2", node: nil, from: Instant(2019, 11, 2, 5), note: "baseline", rule: KeyRule())
        let fix = Rollout(
            name: "2020.01.08", node: nil, from: Instant(2020, 1, 8, 4), note: "fix: one cache key per camera again",
            rule: KeyRule())
        return [before] + updates + [fix]
    }()

    /// Whether the delivery lies inside the scope.
    static func covers(_ delivery: Delivery, world: World) -> Bool {
        delivery.carriesFrame && delivery.request.client == .nestHub && delivery.rollout == update
            && world.model(of: delivery.request.camera) == model
    }
}
