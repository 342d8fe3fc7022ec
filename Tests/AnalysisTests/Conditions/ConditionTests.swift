import Chance
import Interning
import LogRecords
import Testing

@testable import Correlation

/// The search for conditions on random deliveries with a planted cause, against the oracle that tries everything.
@Suite struct ConditionTests {
    /// A world of some hundred deliveries.
    private struct World {
        private var random: Chance
        private let names = StringInterner()
        private let cameras: [CameraRecord]
        private let rollouts: [Rollout]
        private(set) var fills: [Fill] = []
        private(set) var deliveries: [(delivery: Delivery, rolloutAtFill: String?)] = []
        private let start: Int64 = 1_577_354_400_000_000

        init(seed: UInt64) {
            random = Chance(seed: seed)
            cameras = (0..<6).map { [names] in
                CameraRecord(
                    id: EventID(source: 1, line: Int64($0)), camera: names.intern("cam-\($0)"),
                    owner: names.intern("acct-\($0)"), owned: Validity(from: nil, until: nil),
                    model: names.intern("model-\($0 % 3)"))
            }
            rollouts = (0..<3).map { [names, start] in
                Rollout(
                    id: EventID(source: 2, line: Int64($0)), time: EventTime(start + Int64($0) * 7_200_000_000),
                    node: $0 == 1 ? names.intern("node-0") : .absent, name: names.intern("v\($0)"))
            }
            let (noise, strength) = (random.below(4), 4 + random.below(6))
            let shape = random.below(6)
            for line in 0..<(500 + random.below(900)) { addDelivery(line, noise, strength, shape) }
            for line in 0..<60 {
                fills.append(
                    Fill(
                        id: EventID(source: 4, line: Int64(line)), time: EventTime(moment()),
                        node: random.below(5) == 0 ? .absent : names.intern("node-\(random.below(3))"),
                        key: names.intern(key())))
            }
        }

        /// Of one of two days, for an hour is looked at only if it comes again.
        private mutating func moment() -> Int64 {
            start - 3_600_000_000 + Int64(random.below(21_600_000)) * 1000 + Int64(random.below(2)) * 86_400_000_000
        }
        private mutating func key() -> String {
            random.below(2) == 0 ? "slot/\(random.below(4))" : "own/cam-\(random.below(4))/x"
        }

        private mutating func addDelivery(_ line: Int, _ noise: Int, _ strength: Int, _ shape: Int) {
            let network = ["ok", "poor"][random.below(2)]
            let (client, camera, node) = (random.below(3), random.below(6), random.below(3))
            let time = moment()
            let statuses: [CacheStatus] = [.hit, .hit, .miss, .stale, .unknown]
            let status = statuses[random.below(5)]
            let key = key()
            let rtt = network == "poor" ? 200 + random.below(160) : random.below(300)
            let ofDay = (time - start) % 86_400_000_000
            let isPlanted =
                switch shape {
                case 0: client == 1 && network == "poor"
                case 1: camera % 3 == 2 && client == 1 && time > start + 14_400_000_000
                case 4: (3_600_000_000..<9_000_000_000).contains(ofDay)
                case 2: key.hasPrefix("slot") && status == .hit
                case 3: rtt >= 280 && node == 0 || client == 0 && camera == 1
                default: false
                }
            let delivery = Delivery(
                id: EventID(source: 3, line: Int64(line)), time: EventTime(time), node: names.intern("node-\(node)"),
                requester: names.intern("acct-\(100 + random.below(160))"), camera: names.intern("cam-\(camera)"),
                key: names.intern(key),
                cacheStatus: status, status: 200, rttMilliseconds: random.below(4) == 0 ? -1 : Int32(rtt),
                lossBasisPoints: random.below(2) == 0 ? -1 : Int32(random.below(3) * 105),
                client: client == 2 ? .absent : names.intern("client-\(client)"), network: names.intern(network),
                kind: names.intern(["still", "clip"][random.below(2)]))
            let isExposure = isPlanted ? random.below(10) < strength : random.below(100) < noise
            let filled = random.below(5) == 0 ? "" : time > start + 14_400_000_000 ? "v2" : "v0"
            deliveries.append((delivery, isExposure ? filled : nil))
        }

        /// The oracle's rows, by rules of their own.
        var rows: [ConditionOracle.Row] {
            deliveries.map { delivery, rolloutAtFill in
                func inForce(_ moment: Int64) -> String? {
                    rollouts.last { $0.time.stamp <= moment && (!$0.node.isPresent || $0.node == delivery.node) }.map {
                        names.text($0.name)
                    }
                }
                let lastFill = fills.filter {
                    $0.key == delivery.key && $0.time.stamp <= delivery.time.stamp
                        && (!$0.node.isPresent || $0.node == delivery.node)
                }.map(\.time.stamp).max()
                let guess =
                    delivery.cacheStatus == .miss ? inForce(delivery.time.stamp) : lastFill.flatMap { inForce($0) }
                let key = names.text(delivery.key)
                let camera = names.text(delivery.camera).last.flatMap { Int(String($0)) } ?? 0
                let hour = (delivery.time.stamp / 3_600_000_000) % 24
                let texts = [
                    "client": names.text(delivery.client), "network": names.text(delivery.network),
                    "model": "model-\(camera % 3)", "node": names.text(delivery.node),
                    "cache": delivery.cacheStatus == .unknown ? "" : "\(delivery.cacheStatus)",
                    "rollout_at_fill": rolloutAtFill ?? guess ?? "",
                    "rollout_at_delivery": inForce(delivery.time.stamp) ?? "", "kind": names.text(delivery.kind),
                    "key": key.hasPrefix("slot") ? "slot/{n}" : "own/cam-{n}/x",
                    "hour": hour < 10 ? "0\(hour)" : "\(hour)",
                ].filter { $0.value != "" }
                var numbers: [String: Int] = [:]
                if delivery.rttMilliseconds >= 0 { numbers["rtt_ms"] = Int(delivery.rttMilliseconds) }
                if delivery.lossBasisPoints >= 0 { numbers["loss_pct"] = Int(delivery.lossBasisPoints) }
                return ConditionOracle.Row(
                    texts: texts, numbers: numbers, requester: names.text(delivery.requester),
                    day: delivery.time.stamp / 86_400_000_000, isExposure: rolloutAtFill != nil)
            }
        }

        var conditions: Conditions {
            let noted = DeliveryNotes(
                deliveries.map(\.0), fills: fills, Directory(cameras: cameras), RolloutSchedule(rollouts), names)
            let exposures = deliveries.compactMap { delivery, rollout in rollout.map { (delivery, names.intern($0)) } }
            var study = CauseStudy(noted.notes, Households(), accounts: noted.paths.accountsByDelivery, .min ... .max) {
                show in
                for (delivery, rollout) in exposures { show(delivery, rollout) }
            }
            study.count(noted.traits)
            for (delivery, rollout) in exposures { study.mark(delivery, rolloutAtFill: rollout) }
            // Every term may be named: whether a rollout's path was clean is asked afterwards.
            return study.search(study.gathered, .certain, without: []).conditions
        }
    }

    @Test(
        "the search finds just the conditions that trying every conjunction of up to four terms finds, in their order")
    func everyConjunction() {
        var (found, supported, shapes) = (0, 0, Set<String>())
        for seed in 0..<20 {
            let world = World(seed: UInt64(seed))
            let oracle = ConditionOracle(world.rows)
            let conditions = world.conditions
            let ours = conditions.ranked.map {
                ConditionOracle.Found(text: $0.text, deliveries: $0.deliveries, exposures: $0.exposures)
            }
            #expect(ours == oracle.ranked, "seed \(seed)")
            #expect(conditions.tried == oracle.tried, "seed \(seed)")
            found += ours.count
            supported += oracle.supported
            shapes.insert(ours.first?.text ?? "")
        }
        // The oracle must have had something to say.
        #expect(found > 40, "\(found)")
        #expect(supported > 10_000, "\(supported)")
        #expect(shapes.count > 6 && shapes.contains(""), "\(shapes)")
    }

    @Test(
        "keys of one kind have one template",
        arguments: [
            ("snap/slot-07/latest", "snap/slot-{n}/latest"), ("v2/cam0012.jpg", "v{n}/cam{n}.jpg"),
            ("live/9f86d081884c7d65/seg", "live/{n}/seg"), ("facade/decade/beef", "facade/decade/beef"),
            ("u/123e4567-e89b-12d3-a456-426614174000/x", "u/{n}/x"),
            ("123e4567-e89b-12d3-a456-4266141740001", "{n}-e{n}b-{n}d{n}-a{n}-{n}"), ("a-1-2", "a-{n}-{n}"), ("", ""),
            ("kaméra/7", "kaméra/{n}"), ("deadbeefcafe", "deadbeefcafe"), ("DEADBEEF01", "{n}"),
        ])
    func templates(_ key: String, _ template: String) {
        #expect(KeyTemplate.of(key) == template)
    }
}
