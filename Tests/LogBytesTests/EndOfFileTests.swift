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

    /// How each tool packs, in blocks as small as it makes them, and the mark of a stream.
    private static let tools: [(name: String, options: [String], mark: [UInt8])] = [
        ("xz", ["-c"], [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]), ("bzip2", ["-1", "-c"], Array("BZh1".utf8)),
        ("lz4", ["-B4", "-q", "-c"], [0x04, 0x22, 0x4D, 0x18]), ("lz4", ["-l", "-q", "-c"], [0x02, 0x21, 0x4C, 0x18]),
    ]

    @Test(
        "of a damaged xz, bzip2 or lz4 every line is read that its own tool gives, in the middle and at the end",
        arguments: chunks, tools.indices)
    func damaged(chunkBytes: Int, index: Int) throws {
        let tool = Self.tools[index]
        guard let (_, file) = try packed(chunkBytes < 100 ? 40 : 9000, tool.name, tool.options) else { return }
        var flipped = file
        flipped[file.count * 3 / 4] ^= 0x55
        let damaged: [[UInt8]] = [
            Array(file.dropLast(file.count / 3)), flipped, file + file.dropLast(min(40, file.count / 2)),
            file + flipped,
            file + tool.mark + Array("not a stream".utf8), file + [tool.mark[0]],
        ]
        for bytes in damaged {
            let dump = try Dump()
            try dump.write(bytes, to: "a.\(tool.name)")
            let truth = try #require(try run(tool.name, ["-dc", "a.\(tool.name)"], in: dump.path))
            let reading = try LogBytesTests.read(bytes, chunkBytes: chunkBytes)
            // The legacy form has no checksum: a wrong byte in it can be right.
            #expect(reading.firstDamage != nil || tool.options.first == "-l")
            // What a tool gives may end within a line, and so may what we do; holes of NULs in what a damage left part lines.
            func parts(_ lines: [String]) -> [Substring] { lines.flatMap { $0.split(separator: "\0") } }
            let expected = truth.isEmpty ? [] : parts(LogBytesTests.lines(of: truth))
            let found = parts(reading.texts.first ?? [])
            #expect(found.count >= expected.count, "\(found.count) of \(expected.count) lines")
            #expect(Array(found.prefix(expected.count).dropLast()) == Array(expected.dropLast()))
        }
    }

    @Test(
        "whole streams before a damage are read to their last line", arguments: ["xz", "bzip2", "lz4"],
        [13, 4096, 1 << 20])
    func wholeStreams(compression: String, chunkBytes: Int) throws {
        let log = sampleLog(chunkBytes < 100 ? 60 : 3000)
        let stream = Packer.compress(log, as: compression)
        var flipped = Packer.compress(sampleLog(30), as: compression)
        flipped[flipped.count / 2] ^= 0x55
        for damaged in [flipped, Array(flipped.prefix(flipped.count / 2)), Array(flipped.prefix(5))] {
            let reading = try LogBytesTests.read(stream + stream + damaged, chunkBytes: chunkBytes)
            #expect(reading.firstDamage != nil)
            let expected = LogBytesTests.lines(of: log)
            #expect(Array(reading.texts[0].prefix(2 * expected.count)) == expected + expected)
        }
    }

    @Test("lz4's legacy form is read, alone, several behind each other, and before a frame", arguments: chunks)
    func legacy(chunkBytes: Int) throws {
        guard let (log, file) = try packed(chunkBytes < 100 ? 40 : 9000, "lz4", ["-l", "-q", "-c"]),
            let (_, frame) = try packed(chunkBytes < 100 ? 40 : 9000, "lz4", ["-q", "-c"])
        else { return }
        let expected = LogBytesTests.lines(of: log)
        for (bytes, times) in [(file, 1), (file + file, 2), (frame + file + frame, 3)] {
            let reading = try LogBytesTests.read(bytes, chunkBytes: chunkBytes)
            #expect(reading.texts[0] == (0..<times).flatMap { _ in expected })
            #expect(reading.firstDamage == nil)
        }
        let reading = try LogBytesTests.read(file + Array("trailing".utf8), chunkBytes: chunkBytes)
        #expect(Array(reading.texts[0].prefix(expected.count)) == expected)
        #expect(reading.firstDamage?.kind == .trailingData)
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
