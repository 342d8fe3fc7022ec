import Chance
import Foundation
import Testing

@testable import LogBytes

/// What stands behind the end of an archive or a stream, and containers without a mark.
@Suite struct EndOfFileTests {
    /// Runs a tool that a system has; nil if it has not.
    private func run(_ tool: String, _ arguments: [String], in folder: String) throws -> [UInt8]? {
        let path = "/usr/bin/\(tool)"
        guard FileManager.default.isExecutableFile(atPath: path) else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = [UInt8](output.fileHandleForReading.readDataToEndOfFile())
        process.waitUntilExit()
        return bytes
    }

    /// A file of `count` lines, packed by a tool to its standard output.
    private func packed(_ count: Int, _ tool: String, _ arguments: [String]) throws -> (log: [UInt8], file: [UInt8])? {
        let dump = try Dump()
        let log = sampleLog(count)
        try dump.write(log, to: "a.log")
        guard let file = try run(tool, arguments + ["a.log"], in: dump.path), !file.isEmpty else { return nil }
        return (log, file)
    }

    private static let chunks = [1, 5, 13, 4096, 1 << 20]

    @Test("what follows an xz stream costs none of its lines (xz -dc gives them all)", arguments: chunks)
    func xz(chunkBytes: Int) throws {
        guard let (log, file) = try packed(chunkBytes < 100 ? 50 : 5000, "xz", ["-c"]) else { return }
        let expected = LogBytesTests.lines(of: log)
        for garbage in ["trailing", "\0\0\0\0trailing", "YZYZYZYZYZYZ"] {
            let reading = try LogBytesTests.read(file + Array(garbage.utf8), chunkBytes: chunkBytes)
            #expect(reading.texts[0].count >= expected.count)
            #expect(Array(reading.texts[0].prefix(expected.count)) == expected)
            #expect(reading.firstDamage?.kind == .trailingData)
        }
        // Streams one behind the other, with padding and without, are one file.
        for padding in [0, 4, 512] {
            let twice = file + [UInt8](repeating: 0, count: padding) + file
            let reading = try LogBytesTests.read(twice, chunkBytes: chunkBytes)
            #expect(reading.texts[0] == expected + expected)
            #expect(reading.firstDamage == nil)
        }
    }

    @Test("of a damaged xz every line is read that xz -dc gives", arguments: chunks)
    func damagedXZ(chunkBytes: Int) throws {
        guard let (_, file) = try packed(chunkBytes < 100 ? 40 : 9000, "xz", ["-c"]) else { return }
        var flipped = file
        flipped[file.count * 3 / 4] ^= 0x55
        let damaged: [[UInt8]] = [
            Array(file.dropLast(file.count / 3)), flipped, file + file.dropLast(40), file + flipped,
            file + [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00] + Array("not a stream".utf8), file + [0xFD],
        ]
        for bytes in damaged {
            let dump = try Dump()
            try dump.write(bytes, to: "a.xz")
            let truth = try #require(try run("xz", ["-dc", "a.xz"], in: dump.path))
            let reading = try LogBytesTests.read(bytes, chunkBytes: chunkBytes)
            #expect(reading.firstDamage != nil)
            // What xz gives may end within a line, and so may what we do.
            let expected = truth.isEmpty ? [] : LogBytesTests.lines(of: truth)
            let found = reading.texts.first ?? []
            #expect(found.count >= expected.count, "\(found.count) of \(expected.count) lines")
            #expect(Array(found.prefix(expected.count).dropLast()) == Array(expected.dropLast()))
        }
    }

    @Test("what follows a zip is reported, be it longer than the archive or another one", arguments: chunks)
    func zip(chunkBytes: Int) throws {
        guard let (log, file) = try packed(50, "zip", ["-q", "-"]) else { return }
        let whole = try LogBytesTests.read(file, chunkBytes: chunkBytes)
        #expect(whole.texts == [LogBytesTests.lines(of: log)])
        #expect(whole.outcome.damage == nil)
        for garbage in [Array("x".utf8), Array(String(repeating: "log line\n", count: 20_000).utf8), file] {
            let reading = try LogBytesTests.read(file + garbage, chunkBytes: chunkBytes)
            #expect(reading.texts[0] == LogBytesTests.lines(of: log))
            let damage = reading.outcome.damage
            #expect(damage?.kind == .trailingData)
            #expect(damage?.message.hasPrefix("\(garbage.count) bytes") == true, "\(String(describing: damage))")
        }
    }

    @Test("a tar of Unix V7 has no mark, and is a tar")
    func oldTar() throws {
        guard let (log, file) = try packed(50, "tar", ["--format=v7", "-cf", "-"]) else { return }
        #expect(!file[257..<262].elementsEqual("ustar".utf8))
        let reading = try LogBytesTests.read(file)
        #expect(reading.texts == [LogBytesTests.lines(of: log)])
        #expect(reading.outcome.members[0].packing == Packing(container: .tar))
        #expect(try LogBytesTests.read(log).outcome.members[0].packing == Packing())
    }

    @Test("skippable frames may stand before an LZ4 frame as before a zstd frame", arguments: [0, 3, 600, 70_000])
    func skippable(size: Int) throws {
        let frame = [0x50, 0x2A, 0x4D, 0x18] + (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
        let skipped = frame + [UInt8](repeating: 7, count: size)
        for (tool, compression) in [("lz4", Compression.lz4), ("zstd", .zstd)] {
            guard let (log, file) = try packed(50, tool, ["-c", "-q"]) else { continue }
            for frames in 1...2 {
                let input = (0..<frames).flatMap { _ in skipped } + file
                let reading = try LogBytesTests.read(input)
                #expect(reading.texts == [LogBytesTests.lines(of: log)], "\(tool) \(frames)")
                #expect(reading.outcome.members[0].packing == Packing(file: [compression]))
                #expect(reading.firstDamage == nil)
            }
        }
    }
}
