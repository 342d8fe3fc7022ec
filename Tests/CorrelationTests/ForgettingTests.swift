import Chance
import Correlation
import LogRecords
import Testing

/// Less information never makes an answer surer: small clouds of which the truth is known, of whose logs something is
/// forgotten.
///
/// For every forgetting that the rest of the logs can show: what is certain afterwards was certain before and is true, and
/// no exposure is counted clear.
@Suite struct ForgettingTests {
    /// What is forgotten.
    enum Forgetting: CaseIterable, Sendable {
        case nothing, camera, cameras, duration, durations, verdict, verdicts, node, key, fill, fills, fillCamera
        case frames, purge, delivery, grants
        /// Of all fills.
        case fillLog
    }

    /// A cloud of one cache node or two, and what each delivery really carried.
    struct Cloud {
        var replay = Replay()
        /// By delivery: the account whose camera's frame it carried.
        var carried: [EventID: Int32] = [:]

        private struct Entry {
            var owner: Int32
            var freshUntil: Int
        }

        /// - Parameters:
        ///   - isTold: whether the caches' own logs tell fills; else the origin's log does.
        ///   - hasFills: whether any of them is there; else the answers' lines are all that tells of them.
        init(seed: UInt64, isTold: Bool, hasFills: Bool = true) {
            var chance = Chance(seed: seed)
            var entries: [[Int32]: Entry] = [:]
            var now = 0
            var frame: Int32 = 0
            for _ in 0..<60 {
                now += 50 + chance.below(2500)
                let node = Int32(1 + chance.below(2))
                let (account, key) = (Int32(1 + chance.below(3)), Int32(1 + chance.below(3)))
                if chance.one(in: 25) {
                    replay.purge(now, node: node, key: key)
                    entries[[node, key]] = nil
                } else if let entry = entries[[node, key]], now < entry.freshUntil {
                    carried[replay.delivery(now, to: account, .hit, took: 4, node: node, key: key)] = entry.owner
                } else {
                    let took = 20 + chance.below(60)
                    frame += 1
                    if hasFills {
                        replay.fill(
                            now + took - 10, of: account, frame: frame, kind: isTold ? .stored : .sent,
                            node: isTold ? node : nil, key: key, for: isTold ? nil : account, ttl: 5)
                    }
                    carried[replay.delivery(now + took, to: account, .miss, took: took, node: node, key: key)] = account
                    now += took
                    entries[[node, key]] = Entry(owner: account, freshUntil: now + 5000)
                }
            }
        }

        var exposed: Set<EventID> {
            Set(replay.deliveries.lazy.filter { carried[$0.id] != $0.requester.rawValue }.map(\.id))
        }

        /// The logs without something that `chance` picks.
        func without(_ forgetting: Forgetting, _ chance: inout Chance) -> Replay {
            var forgetful = replay
            if forgetting == .grants { forgetful.knowsRights = false }
            let pick = chance.below(1 << 20)
            forgetful.change { deliveries, fills, purges in
                let (one, other) = (pick % deliveries.count, fills.isEmpty ? 0 : pick % fills.count)
                switch forgetting {
                case .nothing, .grants: break
                case .camera: deliveries[one].camera = .absent
                case .cameras: for index in deliveries.indices { deliveries[index].camera = .absent }
                case .duration: Self.forgetStart(&deliveries[one])
                case .durations: for index in deliveries.indices { Self.forgetStart(&deliveries[index]) }
                case .verdict: deliveries[one].cacheStatus = .unknown
                case .verdicts: for index in deliveries.indices { deliveries[index].cacheStatus = .unknown }
                case .node: deliveries[one].node = .absent
                case .key: deliveries[one].key = .absent
                case .fillLog: fills.removeAll()
                case .fill: if !fills.isEmpty { fills.remove(at: other) }
                case .fills: fills.removeAll { $0.id.line % 3 == Int64(pick % 3) }
                case .fillCamera: if !fills.isEmpty { fills[other].camera = .absent }
                case .frames: for index in fills.indices { fills[index].frame = .absent }
                case .purge: if !purges.isEmpty { purges.remove(at: pick % purges.count) }
                case .delivery: deliveries.remove(at: one)
                }
                // A stream comes in order of time.
                deliveries.sort { $0.time.earliest < $1.time.earliest }
            }
            return forgetful
        }

        /// As a line stamped at its end and without a duration is read.
        private static func forgetStart(_ delivery: inout Delivery) {
            delivery.time.earliest -= 60_000_000
            delivery.time.begunBy = delivery.time.latest
            delivery.flags.insert(.startUnknown)
        }
    }

    @Test("what is forgotten makes nothing certain and clears no exposure", arguments: Forgetting.allCases)
    func forget(_ forgetting: Forgetting) {
        let (certain, exposed) = check(forgetting) { Cloud(seed: $0, isTold: $0 % 2 == 0) }
        #expect(exposed > 3000)
        // Bounds that are true because nothing is certain would say nothing.
        if [.nothing, .camera, .duration, .verdict, .node, .fill, .purge, .delivery].contains(forgetting) {
            #expect(certain * 10 > exposed * 7)
        }
    }

    /// A line that such a log lacks is a fill that it lacks, which nothing else can show.
    @Test(
        "nor does it where the answers' lines are all that tells of fills",
        arguments: Forgetting.allCases.filter { $0 != .delivery })
    func forgetWithoutFills(_ forgetting: Forgetting) {
        let (certain, exposed) = check(forgetting) { Cloud(seed: $0, isTold: true, hasFills: false) }
        #expect(exposed > 3000)
        if [.nothing, .camera, .duration, .purge].contains(forgetting) { #expect(certain * 10 > exposed * 5) }
    }

    /// Forgets something of five hundred clouds; how many deliveries were found to be certain exposures, and how many were
    /// exposures.
    private func check(_ forgetting: Forgetting, _ cloud: (UInt64) -> Cloud) -> (certain: Int, exposed: Int) {
        var (certain, exposed) = (0, 0)
        for seed in 0..<500 {
            let cloud = cloud(UInt64(seed))
            var chance = Chance(seed: UInt64(seed) ^ 0xf0f0)
            let truth = cloud.exposed
            let whole = cloud.replay.findings()
            var rest = cloud.without(forgetting, &chance)
            // As the ledger has it of lines that fill under no key that they name.
            rest.rules.areFillsUntold = forgetting == .key && cloud.replay.fills.isEmpty
            let found = rest.findings()
            for delivery in rest.deliveries where cloud.carried[delivery.id] != nil {
                let certainty = found[delivery.id]?.certainty ?? .clear
                let comment: Comment = "\(forgetting), seed \(seed), line \(delivery.id.line)"
                if certainty == .certain {
                    certain += 1
                    #expect(truth.contains(delivery.id), comment)
                    #expect(whole[delivery.id]?.certainty == .certain, comment)
                    let owners = found[delivery.id]?.candidates.map(\.origin.owner.rawValue) ?? []
                    if owners.count == 1 { #expect(owners == [cloud.carried[delivery.id] ?? 0], comment) }
                }
                if truth.contains(delivery.id) {
                    exposed += 1
                    #expect(certainty != .clear, comment)
                }
            }
        }
        return (certain, exposed)
    }
}
