import Chance
import Correlation
import Foundation
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
        // Nothing at all; one value on a line.
        case nothing, camera, duration, verdict, node, key, requester, fillCamera
        // A column of the deliveries' log, or of the fills'.
        case cameras, durations, verdicts, nodes, keys, frames, askers, lifetimes
        // Lines; a third of them; the last bytes of a file, with the line that they cut.
        case fill, fills, purge, purges, delivery, lastDeliveries, lastFills
        // A row, a table.
        case cameraRow, cameraTable, grants, fillLog

        /// Whether most of what was certain is certain still: bounds that are true because nothing is would say nothing.
        var isSmall: Bool {
            [.nothing, .camera, .duration, .verdict, .node, .requester, .fill, .purge, .delivery, .lastDeliveries]
                .contains(self)
        }
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
        ///   - refuses: whether the caches store no more than most of what they fetch.
        init(seed: UInt64, isTold: Bool, hasFills: Bool = true, refuses: Bool = false) {
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
                    if refuses, chance.one(in: 4) { continue }
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
            switch forgetting {
            case .grants: forgetful.knowsRights = false
            case .cameraRow: forgetful.cameras.remove(at: chance.below(forgetful.cameras.count))
            case .cameraTable: forgetful.cameras = []
            default: break
            }
            let pick = chance.below(1 << 20)
            forgetful.change { deliveries, fills, purges in
                let (one, other) = (pick % deliveries.count, fills.isEmpty ? 0 : pick % fills.count)
                switch forgetting {
                case .nothing, .grants, .cameraRow, .cameraTable: break
                case .camera: deliveries[one].camera = .absent
                case .cameras: for index in deliveries.indices { deliveries[index].camera = .absent }
                case .duration: Self.forgetStart(&deliveries[one])
                case .durations: for index in deliveries.indices { Self.forgetStart(&deliveries[index]) }
                case .verdict: deliveries[one].cacheStatus = .unknown
                case .verdicts: for index in deliveries.indices { deliveries[index].cacheStatus = .unknown }
                case .node: deliveries[one].node = .absent
                case .nodes: for index in deliveries.indices { deliveries[index].node = .absent }
                case .keys: for index in deliveries.indices { deliveries[index].key = .absent }
                case .requester: deliveries[one].requester = .absent
                case .askers: for index in fills.indices { fills[index].requester = .absent }
                case .lifetimes: for index in fills.indices { fills[index].ttlSeconds = -1 }
                case .key: deliveries[one].key = .absent
                case .fillLog: fills.removeAll()
                case .fill: if !fills.isEmpty { fills.remove(at: other) }
                case .fills: fills.removeAll { $0.id.line % 3 == Int64(pick % 3) }
                case .fillCamera: if !fills.isEmpty { fills[other].camera = .absent }
                case .frames: for index in fills.indices { fills[index].frame = .absent }
                case .purge: if !purges.isEmpty { purges.remove(at: pick % purges.count) }
                case .purges: purges = []
                case .delivery: deliveries.remove(at: one)
                case .lastDeliveries:
                    // Whose the last line is, is in doubt: its end is missing.
                    deliveries.removeLast(1 + pick % 6)
                    deliveries[deliveries.count - 1].flags.insert(.requesterInDoubt)
                case .lastFills: fills.removeLast(min(fills.count, 1 + pick % 6))
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

    /// How many clouds are forgotten in: some hundreds, or as many as are asked for.
    private static let clouds = ProcessInfo.processInfo.environment["STRAYFRAME_CLOUDS"].flatMap(Int.init) ?? 500
    private static let parts = 10

    private struct Sums {
        var certain = 0
        var exposed = 0
    }

    @Test("what is forgotten makes nothing certain and clears no exposure", arguments: 0..<parts)
    func forget(_ part: Int) {
        let sums = forget(Forgetting.allCases, part) { Cloud(seed: $0, isTold: $0 / UInt64(Self.parts) % 2 == 0) }
        for (forgetting, sum) in sums where forgetting.isSmall {
            #expect(sum.certain * 10 > sum.exposed * 7, "\(forgetting)")
        }
    }

    /// A line that such a log lacks is a fill that it lacks, which nothing else can show.
    @Test("nor does it where the answers' lines are all that tells of fills", arguments: 0..<parts)
    func forgetWithoutFills(_ part: Int) {
        let forgettings = Forgetting.allCases.filter { ![.delivery, .lastDeliveries].contains($0) }
        let sums = forget(forgettings, part) { Cloud(seed: $0, isTold: true, hasFills: false) }
        for (forgetting, sum) in sums where [.nothing, .camera, .duration, .purge].contains(forgetting) {
            #expect(sum.certain * 10 > sum.exposed * 5, "\(forgetting)")
        }
    }

    @Test("a fetch that may have begun long before others and came after them is none of those between them")
    func longFetch() {
        let cloud = Cloud(seed: 3724, isTold: true, hasFills: false)
        var (chance, sums) = (Chance(seed: 3724 ^ 0xf0f0), Sums())
        hold(cloud.without(.duration, &chance), to: cloud, cloud.replay.findings(), "duration, seed 3724", &sums)
        #expect(sums.certain > 0 && sums.exposed > 0)
    }

    private func forget(
        _ forgettings: [Forgetting], _ part: Int, _ cloud: (UInt64) -> Cloud
    ) -> [Forgetting: Sums] {
        var sums: [Forgetting: Sums] = [:]
        for seed in stride(from: part, to: Self.clouds, by: Self.parts) {
            let cloud = cloud(UInt64(seed))
            let whole = cloud.replay.findings()
            for forgetting in forgettings {
                var chance = Chance(seed: UInt64(seed) ^ 0xf0f0)
                let rest = cloud.without(forgetting, &chance)
                hold(rest, to: cloud, whole, "\(forgetting), seed \(seed)", &sums[forgetting, default: Sums()])
            }
        }
        for (forgetting, sum) in sums { #expect(sum.exposed > 5 * Self.clouds / Self.parts, "\(forgetting)") }
        return sums
    }

    private func hold(
        _ rest: Replay, to cloud: Cloud, _ whole: [EventID: Finding], _ what: String, _ sums: inout Sums
    ) {
        let (truth, found) = (cloud.exposed, rest.findings(byLedger: true))
        for delivery in rest.deliveries where cloud.carried[delivery.id] != nil {
            let certainty = found[delivery.id]?.certainty ?? .clear
            let comment: Comment = "\(what), line \(delivery.id.line)"
            if certainty == .certain {
                sums.certain += 1
                #expect(truth.contains(delivery.id), comment)
                #expect(whole[delivery.id]?.certainty == .certain, comment)
                let owners = found[delivery.id]?.candidates.map(\.origin.owner.rawValue) ?? []
                if owners.count == 1 { #expect(owners == [cloud.carried[delivery.id] ?? 0], comment) }
            }
            if truth.contains(delivery.id) {
                sums.exposed += 1
                #expect(certainty != .clear, comment)
            }
        }
    }
}
