import Casefile
import Chance
import Foundation
import Testing

/// What is true of a few hundred lines stays true of a million: many small worlds interleaved on the same nodes, and the
/// oracle's verdict on those that chance picks.
///
/// The suite takes 20,000 deliveries; `STRAYFRAME_LOAD=1000000` asks for a million of them.
@Suite struct LoadTests {
    private static let deliveries = ProcessInfo.processInfo.environment["STRAYFRAME_LOAD"].flatMap { Int($0) } ?? 20_000
    private static let perWorld = 400
    private static let mostChecked = 250

    @Test("in a large dump every delivery that is looked at is judged as the definitions say")
    func agree() throws {
        let scratch = try Scratch()
        let worlds = (0..<Self.deliveries / Self.perWorld).map {
            SmallWorld(seed: UInt64($0) + 1_000_000, events: Self.perWorld, firstName: $0 * 16)
        }
        let places = try write(worlds, scratch)
        let caseFile = try scratch.analyze([scratch.path("dump")], jobs: 2, options: .ofChance)
        #expect(try caseFile.count("SELECT count(*) FROM delivery") == worlds.count * Self.perWorld)
        let found = try OracleTests.verdicts(caseFile)

        var chance = Chance(seed: 77)
        var kinds: [String: Int] = [:]
        for number in chance.shuffle(Array(worlds.indices)).prefix(Self.mostChecked) {
            let oracle = Oracle(world: worlds[number])
            for (delivery, place) in zip(worlds[number].deliveries, places[number]) {
                var expected = oracle.judge(delivery)
                if case .exposure(let isCertain, let owners) = expected {
                    expected = .exposure(isCertain: isCertain, owners: Set(owners.map { $0 + number * 16 }))
                }
                var actual = found[place] ?? .clear
                if expected == .noDelivery, actual == .clear { actual = .noDelivery }
                #expect(actual == expected, "world \(number), \(place): \(delivery)")
                kinds["\(expected)".prefix { $0.isLetter }.description, default: 0] += 1
            }
        }
        // Or nothing was put to the test.
        #expect(
            ["noDelivery", "clear", "unresolved", "exposure"].allSatisfy { kinds[$0, default: 0] > 100 }, "\(kinds)")
        print("\(worlds.count * Self.perWorld) deliveries, looked at: \(kinds.sorted { $0.key < $1.key })")
    }

    /// Writes the lines of all worlds mixed, over some files.
    ///
    /// - Returns: where each world's deliveries stand, as `path:line`.
    private func write(_ worlds: [SmallWorld], _ scratch: Scratch) throws -> [[String]] {
        var chance = Chance(seed: 99)
        let lines = worlds.enumerated().flatMap { number, world in
            world.relayLines.enumerated().map { (world: number, delivery: $0, text: $1) }
        }
        var places = worlds.map { [String](repeating: "", count: $0.deliveries.count) }
        var relay = [[String]](repeating: [], count: 4)
        for line in chance.shuffle(lines) {
            let file = chance.below(relay.count)
            relay[file].append(line.text)
            places[line.world][line.delivery] = "dump/relay/\(file).ndjson:\(relay[file].count)"
        }
        for (file, texts) in relay.enumerated() {
            try scratch.write("dump/relay/\(file).ndjson", texts.joined(separator: "\n") + "\n")
        }
        let cache = chance.shuffle(worlds.flatMap(\.cacheLines))
        try scratch.write("dump/cache.ndjson", cache.joined(separator: "\n") + "\n")
        try scratch.write("dump/cameras.csv", SmallWorld.cameraHeader + worlds.map(\.cameraRows).joined())
        try scratch.write("dump/grants.csv", SmallWorld.grantHeader + worlds.map(\.grantRows).joined())
        return places
    }
}
