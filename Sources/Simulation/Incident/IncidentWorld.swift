/// The accounts and cameras of an incident, and which frame each camera has at every time.
struct IncidentWorld: Sendable {
    private(set) var world = World()
    /// By camera: when it has a new frame.
    private var changes: [[Instant]] = []

    static let accounts = 60

    init(_ plan: IncidentPlan, chance seed: SplitMix64) {
        var chance = seed
        let span = Stretches(plan.stretches)
        for _ in 0..<Self.accounts {
            let owner = world.addAccount()
            // The first model is the commonest, so that a condition on it finds enough.
            let model = chance.chance(0.5) ? IncidentPlan.models[0] : chance.pick(IncidentPlan.models)
            _ = world.addCamera(model: model, owner: owner)
        }
        for camera in world.cameras {
            var moments: [Instant] = []
            for stretch in plan.stretches {
                guard var moment = stretch.from, let until = stretch.until else { continue }
                while moment < until {
                    moments.append(moment)
                    moment = moment + .milliseconds(chance.within(500...30_000))
                }
            }
            let owner = world.owner(of: camera, at: IncidentPlan.start)
            if chance.chance(0.1) {
                let time = span.moment(Double(chance.within(10...90)) / 100)
                world.sell(camera, to: chance.pick(world.accounts.filter { $0 != owner }), at: time)
                moments.append(time)
            }
            if chance.chance(0.4) {
                let until = chance.chance(0.3) ? span.moment(Double(chance.within(20...90)) / 100) : nil
                let grantee = chance.pick(world.accounts.filter { $0 != owner })
                world.grant(camera, by: owner, to: grantee, span: Span(until: until))
            }
            changes.append(moments.sorted())
        }
    }

    /// The camera's frame at a time.
    func frame(of camera: Camera, at time: Instant) -> Frame {
        let number = changes[camera.number].partitionPoint { $0 <= time }
        let id = SplitMix64.mix(UInt64(camera.number) << 32 | UInt64(number))
        return Frame(
            id: "f-" + String(id, radix: 16), camera: camera, owner: world.owner(of: camera, at: time), filled: time,
            rollout: "")
    }
}

extension [Instant] {
    /// How many elements of the beginning fulfil a condition that the others do not.
    fileprivate func partitionPoint(_ holds: (Instant) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
