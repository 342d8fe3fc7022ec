import Foundation
import Testing

@testable import LogBytes

@Suite struct DamageTests {
    static let compressions = ["zstd", "gzip", "xz", "bzip2", "lz4"]

    /// Fails unless the whole lines read begin the log, and a cut one begins the line after them.
    private func expectPrefix(_ read: [ReadLine], of log: [UInt8], _ comment: Comment) {
        let whole = read.filter { $0.extent == .whole }.map(\.text)
        let all = lines(of: log)
        #expect(whole == Array(all.prefix(whole.count)), comment)
        if let last = read.last, last.extent == .cut, all.count > whole.count {
            #expect(all[whole.count].hasPrefix(last.text), comment)
        }
    }

    @Test(arguments: compressions)
    func `A stream cut anywhere keeps its beginning and is called truncated`(compression: String) throws {
        let log = sampleLog(4000)
        let bytes = Packer.compress(log, as: compression)
        let near = Array(12..<40) + Array(bytes.count - 30..<bytes.count)
        for length in near + Array(stride(from: 40, to: bytes.count - 30, by: max(1, bytes.count / 60))) {
            let reading = try read(Array(bytes[..<length]))
            let damage = try #require(reading.firstDamage, "cut at \(length)")
            #expect(damage.kind == .truncated, "cut at \(length): \(damage)")
            #expect(damage.offset == UInt64(length), "cut at \(length): \(damage)")
            expectPrefix(reading.lines[0], of: log, "cut at \(length)")
        }
    }

    @Test(arguments: ["zstd", "gzip"])
    func `All that precedes a cut is kept`(compression: String) throws {
        let first = sampleLog(4000)
        let second = Packer.compress(sampleLog(4000), as: compression)
        let bytes = Packer.compress(first, as: compression) + second.dropLast(second.count / 2)
        let reading = try read(bytes)
        #expect(reading.firstDamage?.kind == .truncated)
        #expect(reading.lines[0].count >= 4000)
        #expect(reading.texts[0].prefix(4000).elementsEqual(lines(of: first)))
    }

    @Test func `A cut gzip member gives all but the last block of lines`() throws {
        let log = sampleLog(4000)
        let bytes = Packer.compress(log, as: "gzip")
        let reading = try read(Array(bytes.dropLast(9)))
        #expect(reading.texts[0].count > 3990)
    }

    @Test(arguments: compressions)
    func `A wrong byte in the middle is damage and never a wrong line`(compression: String) throws {
        let log = sampleLog(4000)
        let bytes = Packer.compress(log, as: compression)
        for place in stride(from: bytes.count / 4, to: bytes.count - 40, by: bytes.count / 9) {
            var damaged = bytes
            damaged[place] ^= 0x55
            let reading = try read(damaged)
            let damage = try #require(reading.firstDamage, "byte \(place)")
            #expect([.corrupt, .truncated].contains(damage.kind), "byte \(place): \(damage)")
        }
    }

    @Test func `A wrong gzip checksum is damage although every line was decoded`() throws {
        let log = sampleLog(100)
        var bytes = Packer.compress(log, as: "gzip")
        bytes[bytes.count - 8] ^= 1
        let reading = try read(bytes)
        #expect(reading.texts == [lines(of: log)])
        #expect(reading.firstDamage?.kind == .corrupt)
        #expect(reading.firstDamage?.message == "gzip: incorrect data check")
    }

    @Test(arguments: compressions, ["x", "\n", "{\"a\":1}\n", "\u{1F}not gzip"])
    func `What follows a complete stream is reported and not lost in silence`(
        compression: String, garbage: String
    ) throws {
        let log = sampleLog(200)
        let bytes = Packer.compress(log, as: compression)
        let reading = try read(bytes + Array(garbage.utf8))
        let damage = try #require(reading.firstDamage)
        #expect(reading.texts == [lines(of: log)])
        #expect(damage.kind == .trailingData || compression == "gzip" && garbage == "\u{1F}", "\(damage)")
        #expect((0...4).contains(Int(damage.offset) - bytes.count), "\(damage)")
    }

    @Test func `A last line without its newline is cut if damage or garbage follows it`() throws {
        let bytes = Packer.zstd(Array("a\nb".utf8))
        // The garbage may be the first byte of a next part, whose beginning ends this line.
        #expect(try read(bytes + [1]).lines[0].map(\.extent) == [.whole, .cut])
        #expect(try read(bytes.dropLast()).lines[0].map(\.extent) == [.whole, .cut])
    }

    #if os(Linux)
        @Test func `A read error is reported with its number and ends nothing else`() throws {
            // The first page of a process is never mapped, so that reading it fails.
            let outcome = try LogFile(path: "/proc/self/mem").forEachMember { member in
                member.forEachLine { _, _ in true }
            }
            #expect(outcome.members.map(\.damage?.kind) == [.unreadable])
            #expect(outcome.members[0].damage?.message.hasSuffix("(errno \(EIO))") == true)
            #expect(outcome.damage == nil)
        }
    #endif

    @Test func `Output far beyond its input is stopped`() throws {
        let bytes = Packer.zstd([UInt8](repeating: 0x0A, count: 4_000_000))
        let limits = Limits(maxOutputBytesPerInputByte: 100, freeOutputBytes: 1 << 20)
        let reading = try read(bytes, limits: limits)
        #expect(reading.firstDamage?.kind == .limit)
        #expect(reading.lines[0].count < 3_000_000)
        #expect(try read(bytes).outcome.isIntact)
    }

    @Test func `Output beyond what one file may give is stopped, whatever its ratio`() throws {
        let log = sampleLog(20_000)
        let bytes = Packer.compress(log, as: "gzip")
        let whole = try read(bytes)
        let reading = try read(bytes, limits: Limits(maxOutputBytes: 300_000), chunkBytes: 4096)
        #expect(reading.firstDamage?.kind == .limit)
        #expect(reading.firstDamage?.message.contains("over 300000 in all") == true)
        #expect(reading.outcome.members[0].decodedBytes < 320_000 && whole.outcome.members[0].decodedBytes > 400_000)
        expectPrefix(reading.lines[0], of: log, "stopped by the limit")
    }

    @Test(.timeLimit(.minutes(5)))
    func `Bombs in bombs are stopped by the bytes that were read, not by those of the layer above`() throws {
        var bytes = [UInt8](repeating: 0x0A, count: 8 << 20)
        for _ in 0..<3 { bytes = Packer.zstd(bytes) }
        let reading = try read(bytes, limits: Limits(maxOutputBytesPerInputByte: 1000, freeOutputBytes: 1 << 16))
        #expect(reading.firstDamage?.kind == .limit, "\(bytes.count) bytes")
    }

    @Test(arguments: ["tar", "zip"])
    func `Entries beyond what a container may have are not read`(format: String) throws {
        let entries = (0..<40).map { Packer.Entry("\($0).log", Array("\($0)\n".utf8)) }
        let reading = try read(Packer.pack(entries, as: format), limits: Limits(maxEntries: 25))
        #expect(reading.texts == (0..<25).map { ["\($0)"] })
        #expect(reading.outcome.damage?.kind == .limit)
        #expect(reading.outcome.damage?.message == "more than 25 entries")
    }

    #if os(Linux)
        @Test func `A file that is cut while it is read is unreadable from there on, not merely shorter`() throws {
            let dump = try Dump()
            let path = try dump.write(sampleLog(2000))
            let file = try LogFile(path: path, limits: Limits(), chunkBytes: 4096)
            var lines = 0
            let outcome = file.forEachMember { member in
                member.forEachLine { _, _ in
                    if lines == 0 { truncate(path, 20_000) }
                    lines += 1
                    return true
                }
            }
            #expect(outcome.size == 20_000)
            #expect(outcome.members[0].damage?.kind == .unreadable)
            #expect(outcome.members[0].damage?.offset == 20_000)
        }
    #endif

    @Test func `A quine-like chain of compressions ends`() throws {
        var bytes = Array("a\n".utf8)
        for _ in 0...Unwrapping.maxLayers { bytes = Packer.compress(bytes, as: "gzip") }
        let reading = try read(bytes)
        #expect(reading.outcome.members[0].packing.file.count == Unwrapping.maxLayers)
        #expect(reading.texts != [["a"]])
    }

    @Test func `Every message says where, what and what to do`() {
        for kind in Damage.Kind.allCases {
            let text = Damage(kind: kind, offset: 17, message: "why").description
            #expect(text.hasPrefix("\(kind.rawValue) at byte 17: why. "))
            #expect(text.hasSuffix("."))
        }
    }
}
