import Chance
import Testing

@testable import LogBytes

@Suite struct ChunkTests {
    /// Random lines: empty ones, long ones, with and without `\r`, the last one with or without its end.
    private func randomLog(_ random: inout Chance) -> [UInt8] {
        var log: [UInt8] = Bool.random(using: &random) ? [0xEF, 0xBB, 0xBF] : []
        for _ in 0..<Int.random(in: 0...60, using: &random) {
            let length = Int.random(in: 0...9, using: &random) == 0 ? 300 : Int.random(in: 0...40, using: &random)
            log += (0..<length).map { _ in UInt8.random(in: 32...126, using: &random) }
            log += Bool.random(using: &random) ? [0x0D, 0x0A] : [0x0A]
        }
        if Bool.random(using: &random) { log += Array("last".utf8) }
        return log
    }

    @Test(arguments: 0..<60)
    func `The size of the buffers never changes what is read`(seed: Int) throws {
        var random = Chance(seed: UInt64(seed))
        let log = randomLog(&random)
        let limits = Limits(maxLineBytes: Int.random(in: 1...350, using: &random))
        let dump = try Dump()
        for packing in RoundTripTests.compressions + ["tar", "zip"] {
            let path = try dump.write(
                ["tar", "zip"].contains(packing)
                    ? Packer.pack([.init("a", log), .init("b", Packer.zstd(log))], as: packing)
                    : Packer.compress(log, as: packing), to: packing)
            let expected = try read(path, limits: limits)
            #expect(expected.outcome.isIntact)
            for _ in 0..<3 {
                let chunkBytes = Int.random(in: 1...1200, using: &random)
                let reading = try read(path, limits: limits, chunkBytes: chunkBytes)
                #expect(reading.lines == expected.lines, "\(packing) in chunks of \(chunkBytes)")
                #expect(reading.outcome == expected.outcome, "\(packing) in chunks of \(chunkBytes)")
            }
        }
    }

    @Test func `Two files are read at once on two threads`() async throws {
        let dump = try Dump()
        let log = sampleLog(20_000)
        let paths = try ["zstd", "gzip", "xz", "plain"].map { try dump.write(Packer.compress(log, as: $0), to: $0) }
        let counts = try await withThrowingTaskGroup(of: UInt64.self) { group in
            for path in paths {
                group.addTask { try read(path).outcome.members[0].lines }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(counts == [20_000, 20_000, 20_000, 20_000])
    }
}
