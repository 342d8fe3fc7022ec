import CZlib
import Testing

@testable import LogBytes

/// The quick way for small gzip files, held against zlib's.
@Suite struct SmallGzipTests {
    private func everything(of source: any ByteSource) -> (bytes: [UInt8], damage: Damage?) {
        var bytes: [UInt8] = []
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1000, alignment: 1)
        defer { chunk.deallocate() }
        do throws(Damage) {
            while true {
                let count = try source.read(into: chunk)
                if count == 0 { return (bytes, nil) }
                bytes += chunk[..<count]
            }
        } catch {
            return (bytes, error)
        }
    }

    /// Reads a file both ways; nil: the quick one leaves it to zlib.
    private func quick(_ file: [UInt8], _ comment: Comment) throws -> [UInt8]? {
        let dump = try Dump()
        let path = try dump.write(file)
        let found = try FoundBytes(path: path, maxReadBytes: 1 << 20)
        let ahead = Lookahead(found, count: Magic.byteCount, room: 16_000)
        guard let small = SmallGzip(ahead) else {
            #expect(everything(of: ahead).bytes == file, "what is refused is not read: \(comment)")
            return nil
        }
        let read = everything(of: small)
        let streamed = StreamDecoder(
            GzipFormat(), from: try FoundBytes(path: path, maxReadBytes: 1 << 20), chunkBytes: 1 << 16)
        let expected = everything(of: streamed)
        #expect(expected.damage == nil, comment)
        #expect(read.damage == nil, comment)
        #expect(read.bytes == expected.bytes, comment)
        #expect(small.fileOffset(unread: 0) == UInt64(file.count), comment)
        return read.bytes
    }

    @Test func `A small file is read at once, and what is no small, whole member is left to zlib`() throws {
        let log = sampleLog(60)
        let member = Packer.compress(log, as: "gzip")
        #expect(try quick(member, "whole") == log)
        #expect(try quick(member + [0], "padded") == nil)
        #expect(try quick(member + member, "two members") == nil)
        #expect(try quick(Packer.compress([], as: "gzip"), "empty") == nil)
        #expect(try quick(Packer.compress(sampleLog(40_000), as: "gzip"), "large") == nil)
        // 16 kB can stand for 16 MiB.
        #expect(try quick(Packer.compress([UInt8](repeating: 0x61, count: 2 << 20), as: "gzip"), "bomb") == nil)
    }

    @Test
    func `Whatever byte is wrong or missing, no file is taken that zlib finds damaged, and none is read otherwise`()
        throws
    {
        let log = sampleLog(12)
        let member = Packer.compress(log, as: "gzip")
        var taken = 0
        for place in member.indices {
            for change: UInt8 in [0x01, 0x02, 0x20, 0x80, 0xFF] {
                var damaged = member
                damaged[place] ^= change
                if try quick(damaged, "byte \(place) ^ \(change)") != nil { taken += 1 }
            }
            #expect(try quick(Array(member[..<place]), "cut at \(place)") == nil)
        }
        // Time, system and the like may have any value.
        #expect(taken > 0 && taken < 100)
    }

    @Test(arguments: [true, false])
    func `A header's own checksum is left to zlib, which verifies it`(isRight: Bool) throws {
        let log = sampleLog(12)
        let member = Packer.compress(log, as: "gzip")
        let header = Array(member[0..<3]) + [0x02] + member[4..<10]
        let sum = crc32(0, header, UInt32(header.count)) ^ (isRight ? 0 : 1)
        let file = header + [UInt8(sum & 0xFF), UInt8(sum >> 8 & 0xFF)] + member[Packer.gzipHeaderLength(member)...]
        #expect(try quick(file, "FHCRC") == nil)
        #expect(try read(file).firstDamage?.message == (isRight ? nil : "gzip: header crc mismatch"))
    }
}
