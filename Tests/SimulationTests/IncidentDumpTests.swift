import Foundation
import Testing

@testable import Simulation

@Suite("A planted incident")
struct IncidentDumpTests {
    private func dump(_ seed: UInt64, isFaulty: Bool = true) -> IncidentDump {
        IncidentDump(IncidentOptions(seed: seed, requests: 1500, isFaulty: isFaulty))
    }

    @Test(
        "Strangers receive frames by faulty keys alone, and those belong to requests that meet the condition",
        arguments: 0..<12)
    func causes(seed: UInt64) {
        let made = dump(seed)
        for delivery in made.deliveries where made.isExposure(delivery) {
            let request = delivery.request
            guard let frame = delivery.frame, frame.camera != request.camera else { continue }
            let node = made.plan.nodes[request.node]
            let fault = made.plan.faults.first { $0.isMet(by: request, on: node, at: request.at) }
            #expect(fault?.key(of: request.camera) == delivery.key)
            #expect(fault?.key(of: frame.camera) == delivery.key)
        }
    }

    @Test("Without a fault every frame is one of the requested camera's", arguments: 0..<12)
    func faultless(seed: UInt64) {
        let made = dump(seed, isFaulty: false)
        #expect(made.truth.causes.isEmpty)
        #expect(made.deliveries.allSatisfy { $0.frame == nil || $0.frame?.camera == $0.request.camera })
    }

    @Test("A recount from the written lines and tables gives the truth", arguments: 0..<4)
    func recount(seed: UInt64) throws {
        let made = dump(seed)
        try WrittenDump.temporary {
            try made.write(to: $0, level: 1)
        } then: { dump in
            let directory = try Directory(dump)
            var lines: [String: [String: Any]] = [:]
            for line in try dump.lines(of: "relay") { lines["\(line.file):\(line.number)"] = line.fields }
            let rows = try dump.rows(of: "truth/deliveries.csv")
            var exposures = 0
            for row in rows {
                let fields = try #require(lines["\(row["file"] ?? ""):\(row["line"] ?? "")"])
                #expect(fields["requester"] as? String == row["requester"])
                if let frame = fields["frame"] as? String { #expect(frame == row["frame"]) }
                let isEntitled = directory.isEntitled(
                    row["requester"] ?? "", to: row["frame_camera"] ?? "", of: row["owner"] ?? "",
                    at: row["received"] ?? "")
                #expect(row["entitled"] == String(isEntitled))
                exposures += isEntitled ? 0 : 1
            }
            #expect(rows.count == made.truth.deliveries && exposures == made.truth.exposures)
        }
    }

    @Test("Everything that can be planted is, in some of forty incidents")
    func features() {
        let plans = (0..<40).map { IncidentPlan(IncidentOptions(seed: $0), chance: SplitMix64(seed: $0)) }
        #expect(Set(plans.map(\.coalescing)).count == IncidentPlan.Coalescing.allCases.count)
        for holds: (IncidentPlan) -> Bool in [
            { $0.hasShield }, { $0.grace > 0 }, { $0.revalidates }, { !$0.refusals.isEmpty }, { $0.errorRate > 0 },
            { $0.stretches.count > 1 }, { $0.favoured != nil }, { $0.faults.count > 1 }, { $0.fillLog == .stored },
            { $0.faults.contains { $0.rollout == nil } }, { $0.clocks.contains { $0.drift != 0 } },
        ] {
            #expect(plans.contains(where: holds) && !plans.allSatisfy(holds))
        }
    }

    @Test("A node's log is in the order of its own clock, and the same seed gives the same lines")
    func clocks() {
        let made = dump(3)
        for file in made.files { #expect(zip(file.lines, file.lines.dropFirst()).allSatisfy { $0.time <= $1.time }) }
        #expect(dump(3).files.map { $0.lines.map(\.text) } == made.files.map { $0.lines.map(\.text) })
        #expect(dump(4).files.map { $0.lines.map(\.text) } != made.files.map { $0.lines.map(\.text) })
    }
}
