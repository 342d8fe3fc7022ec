import Chance
import Correlation
import Foundation
import GRDB
import Testing

/// Where the rate of exposures changes, against changes that were planted and those of a real cache's rollouts.
@Suite struct ChangePointTests {
    @Test("a planted fault and its fix are found, each where it was", arguments: 0..<20)
    func planted(_ seed: Int) throws {
        var chance = Chance(seed: UInt64(seed) ^ 0xabc)
        let begins = 100 + chance.below(200)
        let ends = begins + 150 + chance.below(200)
        let slots = (0..<900).map { slot in
            let deliveries = chance.below(30)
            let isFaulty = slot >= begins && slot < ends
            let exposures = (0..<deliveries).count { _ in isFaulty && chance.below(100) < 8 }
            return ChangePoints.Slot(deliveries: deliveries, exposures: exposures)
        }
        let changes = ChangePoints(slots).changes
        #expect(changes.count == 2)
        guard changes.count == 2 else { return }
        // The stretch in which the change may lie holds the true one, give or take slots without a delivery.
        #expect(
            changes[0].likely.contains { abs($0 - begins) <= 2 } && changes[1].likely.contains { abs($0 - ends) <= 2 })
        #expect(changes.allSatisfy { $0.likely.count < 30 && $0.pValue < ChangePoints.significance })
    }

    @Test("a raised rate that falls again soon is one burst, and not two changes", arguments: 0..<20)
    func burst(_ seed: Int) throws {
        var chance = Chance(seed: UInt64(seed) ^ 0x5)
        let begins = 100 + chance.below(700)
        let slots = (0..<900).map { slot in
            let isFaulty = slot >= begins && slot < begins + 20
            return ChangePoints.Slot(
                deliveries: 20, exposures: (0..<20).count { _ in isFaulty && chance.below(100) < 40 })
        }
        let changes = ChangePoints(slots).changes
        let change = try #require(changes.first)
        #expect(changes.count == 1 && change.kind == .burst)
        #expect(change.likely.contains { abs($0 - begins) <= 1 } && abs((change.end ?? 0) - begins - 20) <= 1)
        #expect(change.before.exposures == 0 && change.before.deliveries + change.after.deliveries == 18_000)
    }

    @Test("what one account polls in a minute changes no rate; what many receive then does")
    func accounts() {
        func changes(_ units: Double) -> [ChangePoints.Change] {
            ChangePoints(
                (0..<500).map { slot in
                    (200..<210).contains(slot)
                        ? ChangePoints.Slot(deliveries: 20, exposures: 10, units: units)
                        : ChangePoints.Slot(deliveries: 20, exposures: 0)
                }
            ).changes
        }
        #expect(changes(0.1).isEmpty)
        #expect(changes(10).map(\.kind) == [.burst])
    }

    @Test("a rate that stays is no change", arguments: 0..<20)
    func steady(_ seed: Int) {
        var chance = Chance(seed: UInt64(seed))
        let slots = (0..<500).map { _ in
            ChangePoints.Slot(deliveries: 20, exposures: (0..<20).count { _ in chance.below(100) < 3 })
        }
        #expect(ChangePoints(slots).changes.isEmpty)
        #expect(ChangePoints([]).changes.isEmpty)
    }

    @Test("the rollout that let frames stray is found from the counts of a real cache, to the second")
    func rollout() throws {
        let folder = LabDump.repository.appending(path: "Fixtures/nginx-lab")
        let dump = try LabDump(folder)
        let scratch = try Scratch()
        let caseFile = try scratch.analyze(
            [dump.path("inferred"), dump.path("origin"), dump.path("directory")],
            profiles: Scratch.shipped("nginx-thin"))
        // The largest step upwards, beside when the operator says that the update began: the reload took 0.3 s.
        let steepest = try caseFile.read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT c.from_ts - r.ts AS earliest, c.from_ts - r.ts + c.seconds * 1e6 AS latest
                    FROM change_points c, rollouts r WHERE r.rollout = '2019.12.3'
                    ORDER BY 1.0 * after_certain / after_deliveries - 1.0 * before_certain / before_deliveries DESC
                    """)
        }
        let found = try #require(steepest)
        #expect((found["latest"] as Double) > 0 && (found["earliest"] as Double) < 1_000_000)
        #expect((found["latest"] as Double) - (found["earliest"] as Double) < 2_000_000)
        // Deliveries by rollout add up to all.
        let sum = try caseFile.count("SELECT sum(deliveries) FROM rollout_rates WHERE is_total = 1")
        #expect(try sum == caseFile.count("SELECT CAST(value AS INTEGER) FROM correlation WHERE what = 'deliveries'"))
        #expect(try sum == caseFile.count("SELECT sum(deliveries) FROM rollout_rates WHERE is_total = 0"))
        let certain = try caseFile.count("SELECT count(*) FROM exposures WHERE certainty = 'certain'")
        #expect(try certain == caseFile.count("SELECT sum(certain) FROM rollout_rates WHERE is_total = 1"))
    }
}
