import CZstd
import Testing

@testable import LogBytes

@Suite struct StreamTests {
    @Test(arguments: ["zstd", "gzip", "xz", "bzip2", "lz4"], [1, 7, 4096, 1 << 20])
    func `Streams one after another are all read`(compression: String, chunkBytes: Int) throws {
        let log = sampleLog(300)
        let cuts = [0, 1, 700, 700, log.count]
        let parts = zip(cuts, cuts.dropFirst()).flatMap { Packer.compress(Array(log[$0..<$1]), as: compression) }
        let reading = try read(parts, chunkBytes: chunkBytes)
        #expect(reading.texts == [lines(of: log)])
        #expect(reading.outcome.isIntact, "\(String(describing: reading.firstDamage))")
    }

    @Test func `Skippable zstd frames are passed over wherever they stand`() throws {
        let log = sampleLog(100)
        let skip = Packer.skippableFrame(Array("seek table\n".utf8))
        let reading = try read(skip + Packer.zstd(log) + skip + Packer.skippableFrame([]) + Packer.zstd(log) + skip)
        #expect(reading.texts == [lines(of: log) + lines(of: log)])
        #expect(reading.outcome.isIntact)
    }

    @Test func `A zstd frame with a long window is read`() throws {
        let log = sampleLog(2000)
        let long = Packer.zstd(log, parameters: [(ZSTD_c_windowLog, 27), (ZSTD_c_enableLongDistanceMatching, 1)])
        #expect(try read(long).texts == [lines(of: log)])
    }

    @Test func `A zstd frame gets the window it asks for only if the limits allow so much memory`() throws {
        // Mark, header without content size, window exponent 31, one raw last block of three bytes.
        let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, (31 - 10) << 3, 0x19, 0, 0] + Array("ab\n".utf8)
        let refused = try read(frame)
        #expect(refused.texts == [[]])
        #expect(refused.firstDamage?.kind == .limit)
        #expect(refused.firstDamage?.message.contains("a window of more than 134217728 bytes") == true)
        let reading = try read(frame, limits: Limits(maxWindowBytes: 2 << 30))
        #expect(reading.texts == [["ab"]])
        #expect(reading.outcome.isIntact, "\(String(describing: reading.firstDamage))")
    }

    @Test(arguments: [1, 3, 512, 5000])
    func `Zeros after the last gzip member are padding`(count: Int) throws {
        let log = sampleLog(50)
        let member = Packer.compress(log, as: "gzip")
        let zeros = [UInt8](repeating: 0, count: count)
        #expect(try read(member + zeros).outcome.isIntact)
        let reading = try read(member + zeros + member, chunkBytes: 64)
        #expect(reading.texts == [lines(of: log) + lines(of: log)])
        #expect(reading.outcome.isIntact)
    }

    @Test func `A gzip header with a name, a comment and extra fields is accepted`() throws {
        let member = Packer.compress(Array("a\n".utf8), as: "gzip")
        let extra: [UInt8] = [4, 0, 0x42, 0x43, 0, 0]
        let flags: UInt8 = 0x04 | 0x08 | 0x10
        let header = member[0..<3] + [flags] + member[4..<10] + extra + Array("relay.log\0why\0".utf8)
        let reading = try read(Array(header) + member[Packer.gzipHeaderLength(member)...])
        #expect(reading.texts == [["a"]])
        #expect(reading.outcome.isIntact)
    }
}
