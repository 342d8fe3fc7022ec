import Foundation
import Testing

@testable import Simulation

@Suite("A random dump")
struct RandomDumpTests {
    private func write<Result>(
        _ options: RandomOptions, then body: (RandomDump, WrittenDump) throws -> Result
    ) throws -> Result {
        let made = RandomDump(options)
        return try WrittenDump.temporary({ try made.write(to: $0) }, then: { try body(made, $0) })
    }

    @Test("Each row of the truth stands for its line, and each delivery has a row", arguments: 1...4)
    func rowsAndLines(seed: UInt64) throws {
        try write(RandomOptions(seed: seed, deliveries: 1500, broken: 12)) { made, dump in
            var lines: [String: [String: Any]] = [:]
            for line in try dump.lines(of: "relay") {
                guard let fields = line.fields, [200, 206].contains(fields["status"] as? Int) else { continue }
                lines["\(line.file):\(line.number)"] = fields
            }
            for broken in try dump.rows(of: "truth/broken.csv") {
                lines["\(broken["file"] ?? ""):\(broken["line"] ?? "")"] = nil
            }
            let rows = try dump.rows(of: "truth/deliveries.csv")
            #expect(rows.count == lines.count && rows.count == made.truth.deliveries)
            for row in rows {
                let fields = try #require(lines["\(row["file"] ?? ""):\(row["line"] ?? "")"])
                #expect(fields["ts"] as? String == row["ts"])
                #expect(fields["requester"] as? String == row["requester"])
                for name in ["frame", "owner", "frame_camera"] {
                    if let stated = fields[name] as? String { #expect(stated == row[name]) }
                }
            }
        }
    }

    @Test("The logs leave the frame that was handed out among the candidates", arguments: 1...6)
    func candidates(seed: UInt64) throws {
        let dump = RandomDump(RandomOptions(seed: seed, deliveries: 1500, tieRate: 0.3))
        let changes = Dictionary(grouping: dump.cacheEvents) { "\($0.node) \($0.key)" }
        for delivery in dump.deliveries where delivery.carriesFrame {
            let frame = try #require(delivery.frame)
            #expect(delivery.request.detail.contains(.duration) || delivery.start == delivery.end)
            #expect(frame.filled <= delivery.end)
            let replacing = (changes["\(delivery.node) \(delivery.key)"] ?? []).filter {
                $0.time > frame.filled && $0.time < delivery.start
            }
            #expect(replacing.isEmpty)
        }
    }

    @Test("The hard cases all occur")
    func hardCases() throws {
        let dump = RandomDump(RandomOptions(seed: 1, tieRate: 0.2, broken: 9))
        let exposed = dump.deliveries.compactMap { delivery in
            delivery.exposedFrame(in: dump.world).map { (delivery.request.requester, $0) }
        }
        func hadRight(_ account: Account, _ frame: Frame) -> (grant: Bool, ownership: Bool) {
            let grants = dump.world.grants(of: frame.camera)
            let ownerships = dump.world.ownerships[frame.camera.number]
            return (grants.contains { $0.grantee == account }, ownerships.contains { $0.owner == account })
        }
        #expect(exposed.contains { hadRight($0, $1) == (false, false) })
        #expect(exposed.contains { hadRight($0, $1).grant })
        #expect(exposed.contains { hadRight($0, $1).ownership })
        #expect(exposed.contains { $1.rollout == "v4" })
        #expect(Set(dump.deliveries.map(\.status)) == [200, 206, 304, 403])
        #expect(dump.deliveries.contains { $0.verdict == .stale })
        let fills = Set(dump.cacheEvents.map { "\($0.node) \($0.key) \($0.time.text)" })
        #expect(dump.deliveries.contains { fills.contains("\($0.node) \($0.key) \($0.start.text)") })
        #expect(dump.files.broken.count == 9)
        let unordered = dump.files.files.contains { file in
            zip(file.lines, file.lines.dropFirst()).contains { $0.time > $1.time }
        }
        #expect(unordered)
    }

    @Test("A dump of the least size and one without ties or disorder can be made")
    func extremes() {
        #expect(RandomDump(RandomOptions(seed: 1, deliveries: 1, accounts: 3, nodes: 1)).truth.deliveries <= 1)
        let tidy = RandomDump(
            RandomOptions(seed: 1, deliveries: 300, tieRate: 0, displacement: 0, filesPerNode: 1))
        for file in tidy.files.files {
            #expect(zip(file.lines, file.lines.dropFirst()).allSatisfy { $0.time <= $1.time })
        }
    }
}
