import Foundation
import Testing

@testable import Simulation

@Suite("The Xiaomi fixture")
struct XiaomiFixtureTests {
    private static let shipped = Result { try XiaomiFixture(seed: 20_191_226, affected: 1044) }
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Fixtures/xiaomi-2019-12-26").standardizedFileURL

    @Test("1044 accounts are affected, of whom few are exposed")
    func affectedAccounts() throws {
        let truth = try Self.shipped.get().truth
        #expect(truth.affectedAccounts == 1044)
        #expect(Set(truth.affected).isSuperset(of: truth.exposed))
        #expect(Set(truth.affected).isSuperset(of: truth.receiving))
        #expect((30...150).contains(truth.exposedAccounts))
    }

    @Test("Any seed and any number of affected accounts come out as planned", arguments: 1...8)
    func otherSeeds(seed: UInt64) throws {
        let affected = 30 + Int(seed) * 7
        #expect(try XiaomiFixture(seed: seed, affected: affected).truth.affectedAccounts == affected)
    }

    @Test("A recount from the written logs alone gives the truth")
    func recount() throws {
        let fixture = try Self.shipped.get()
        try WrittenDump.temporary {
            try fixture.write(to: $0, level: 1)
        } then: { dump in
            let (count, truth) = (try Recount(dump), fixture.truth)
            #expect(count.unexplained == 0)
            #expect(count.formerRights == 0)
            #expect(count.lines == truth.lines)
            #expect(count.deliveries == truth.deliveries)
            #expect(count.exposureTimes.count == truth.exposuresCertain)
            #expect(count.exposureTimes.min() == truth.firstExposure)
            #expect(count.exposureTimes.max() == truth.lastExposure)
            #expect(count.exposed.sorted() == truth.exposed)
            #expect(count.receiving.sorted() == truth.receiving)
            #expect(count.affected.sorted() == truth.affected)
            let rows = try dump.rows(of: "truth/exposures.csv")
            #expect(Set(rows.map { "\($0["file"] ?? ""):\($0["line"] ?? "")" }) == count.exposurePlaces)
        }
    }

    @Test("Nothing happens to a key within two seconds of a change, but the delivery that caused it")
    func calm() throws {
        let fixture = try Self.shipped.get()
        var changes: [String: [Instant]] = [:]
        for delivery in fixture.deliveries where delivery.verdict == .miss {
            changes["\(delivery.node) \(delivery.key)", default: []].append(delivery.frame?.filled ?? delivery.end)
        }
        for delivery in fixture.deliveries where delivery.status != 403 {
            let own = delivery.verdict == .miss ? delivery.frame?.filled : nil
            for change in changes["\(delivery.node) \(delivery.key)"] ?? [] where change != own {
                #expect(delivery.start >= change + .seconds(2) || delivery.end <= change - .seconds(2))
            }
        }
    }

    @Test("Only stills for a Nest Hub on a poor network stray, and after the suspension it gets none")
    func conditions() throws {
        let fixture = try Self.shipped.get()
        for delivery in fixture.deliveries where delivery.carriesFrame {
            let request = delivery.request
            if request.client == .nestHub { #expect(delivery.end < XiaomiIncident.suspension) }
            guard let frame = delivery.exposedFrame(in: fixture.world) else { continue }
            #expect(request.client == .nestHub && request.network == .poor && request.kind != .stream)
            #expect(fixture.world.model(of: request.camera) == XiaomiIncident.model)
            #expect(frame.rollout == XiaomiIncident.update && delivery.rollout == XiaomiIncident.update)
        }
    }

    @Test("The shipped files are what the command writes")
    func shippedFiles() throws {
        let fixture = try Self.shipped.get()
        try WrittenDump.temporary {
            try fixture.write(to: $0, level: 1)
        } then: { dump in
            let shipped = try WrittenDump(folder: Self.folder).contents()
            let written = try dump.contents()
            #expect(shipped.keys.sorted() == written.keys.sorted())
            for (path, data) in written { #expect(shipped[path].map(unpack) == unpack(data), "\(path)") }
            #expect(shipped.values.reduce(0) { $0 + $1.count } < 2_500_000)
        }
    }
}
