import Foundation
import Testing

@testable import Simulation

@Suite("The traffic dump")
struct TrafficDumpTests {
    private static let dump = TrafficDump(
        seed: 3, deliveries: 9001, fills: 1502, accounts: 203, nodes: 3, level: 3)

    private func written<Result>(_ dump: TrafficDump = dump, _ body: (WrittenDump) throws -> Result) throws -> Result {
        try WrittenDump.temporary {
            _ = try dump.write(to: $0)
        } then: {
            try body($0)
        }
    }

    @Test("The truth is what a recount from the lines gives")
    func truth() throws {
        try written { dump in
            let truth = try #require(
                JSONSerialization.jsonObject(with: dump.contents()["truth/truth.json"] ?? Data()) as? [String: Any])
            let (fills, deliveries) = (try dump.lines(of: "cache"), try dump.lines(of: "relay"))

            // All lines in order of time: a delivery shows the frame that was filled last under its node and key.
            var exposures = 0
            var (owners, receivers): (Set<String>, Set<String>) = ([], [])
            var shown: [String: String] = [:]
            let events = try (fills + deliveries).map { try #require($0.fields) }
            for event in events.sorted(by: { Self.text($0, "ts") < Self.text($1, "ts") }) {
                let place = Self.text(event, "node") + " " + Self.text(event, "key")
                if event["op"] != nil {
                    shown[place] = Self.text(event, "owner")
                } else {
                    let owner = try #require(shown[place], "a delivery before the first fill")
                    guard owner != Self.text(event, "requester") else { continue }
                    exposures += 1
                    owners.insert(owner)
                    receivers.insert(Self.text(event, "requester"))
                }
            }
            #expect(exposures > 0)
            #expect(truth["exposures_certain"] as? Int == exposures)
            #expect(truth["exposed_accounts_certain"] as? Int == owners.count)
            #expect(truth["receiving_accounts_certain"] as? Int == receivers.count)
            #expect(truth["deliveries"] as? Int == 9001 && deliveries.count == 9001)
            #expect(truth["fills"] as? Int == 1502 && fills.count == 1502)
            let bytes = (fills + deliveries).reduce(0) { $0 + $1.text.utf8.count + 1 }
            #expect(truth["log_bytes"] as? Int == bytes)
        }
    }

    @Test("A log is in order of time, without two lines of one time, and frames stray after the rollout only")
    func times() throws {
        try written { dump in
            for lines in Dictionary(grouping: try dump.lines(of: "relay"), by: \.file).values {
                let times = lines.map { Self.text($0.fields ?? [:], "ts") }
                #expect(times == Array(Set(times)).sorted())
            }
            let rollout = TrafficDump.rollout.text
            for line in try dump.lines(of: "cache") {
                let fields = try #require(line.fields)
                let isStray = !Self.text(fields, "key").contains(Self.text(fields, "camera").dropFirst("cam-".count))
                #expect(!isStray || Self.text(fields, "ts") >= rollout)
                #expect((Self.text(fields, "version") == "2019.12.26") == (Self.text(fields, "ts") >= rollout))
            }
            #expect(try dump.rows(of: "dump/cameras.csv").count == 203)
            #expect(try dump.rows(of: "dump/rollouts.csv").map { $0["from"] } == [TrafficDump.start.text, rollout])
        }
    }

    @Test("The seed decides everything")
    func seed() throws {
        let other = TrafficDump(seed: 4, deliveries: 9001, fills: 1502, accounts: 203, nodes: 3, level: 3)
        let contents = try written { try $0.contents() }
        #expect(try written { try $0.contents() } == contents)
        #expect(try written(other) { try $0.contents() } != contents)
    }

    private static func text(_ fields: [String: Any], _ name: String) -> String { fields[name] as? String ?? "" }
}
