import Foundation
import Testing

@testable import LogBytes

@Suite struct ReadingTests {
    /// Every compression, in one piece and in several where its format allows that.
    static let recipes = [
        "cat text", "zstd -q -3 -c text", "zstd -q -19 --long=27 -c text", "gzip -c text", "xz -c text",
        "bzip2 -c text",
        "lz4 -q -c text",
        "head -c 700 text | zstd -q -c; printf '\\120\\052\\115\\030\\003\\000\\000\\000abc'; tail -c +701 text | zstd -q -c",
        "head -c 700 text | gzip -c; tail -c +701 text | gzip -c",
        "head -c 700 text | xz -c; tail -c +701 text | xz -c",
        "head -c 700 text | bzip2 -c; tail -c +701 text | bzip2 -c",
    ]

    /// Lines of many lengths, some empty; the last has no newline.
    static let text: [UInt8] = {
        var text: [UInt8] = []
        for number in 0..<400 {
            text += "line \(number) ".utf8
            text += [UInt8](repeating: UInt8(ascii: "x"), count: number * 37 % 211)
            text.append(0x0a)
            if number % 50 == 0 { text.append(0x0a) }
        }
        return text + "the end".utf8
    }()

    @Test("every compression and every size of buffer give the same lines", arguments: recipes)
    func lines(_ recipe: String) throws {
        let sample = try Sample()
        try sample.write("text", Self.text)
        try sample.shell("{ \(recipe); } > log")
        let expected = Self.text.split(separator: 0x0a, omittingEmptySubsequences: false).map(Array.init)
        var offset: UInt64 = 0
        let offsets = expected.map { line in
            defer { offset += UInt64(line.count) + 1 }
            return offset
        }
        let digest = try sample.shell("sha256sum log").prefix(64)
        for chunkBytes in [1, 2, 3, 7, 61, 1024, 1 << 20] {
            let read = try sample.read("log", chunkBytes: chunkBytes)
            #expect(read.lines == expected, "chunks of \(chunkBytes)")
            #expect(read.numbers == (1...UInt64(expected.count)).map { $0 })
            #expect(read.offsets == offsets)
            #expect(read.outcome.isIntact)
            #expect(read.outcome.sha256 == digest)
            #expect(read.outcome.size == UInt64(try sample.bytes("log").count))
        }
    }

    @Test(
        "a file cut anywhere gives the beginning of its lines and says that it is cut",
        arguments: recipes.filter { $0 != "cat text" })
    func truncation(_ recipe: String) throws {
        let sample = try Sample()
        try sample.write("text", Self.text)
        try sample.shell("{ \(recipe); } > whole")
        let whole = try sample.bytes("whole")
        let expected = Self.text.split(separator: 0x0a, omittingEmptySubsequences: false).map(Array.init)
        let complete = Set(try boundaries(of: recipe, sample))
        // Shorter ones do not show what they are.
        for length in stride(from: 9, to: whole.count, by: 7) {
            // A file that ends where one of its parts ends is whole, for all that anybody can tell.
            if complete.contains(length) { continue }
            try sample.write("log", Array(whole[..<length]))
            let read = try sample.read("log", chunkBytes: 512)
            let sound = zip(read.lines, read.extents).filter { $0.1 == .whole }.map(\.0)
            #expect(sound == Array(expected.prefix(sound.count)), "\(length) bytes")
            #expect(!read.outcome.isIntact, "\(length) bytes")
            #expect(read.outcome.size == UInt64(length))
        }
    }

    /// The lengths at which a file of several parts ends with a part.
    private func boundaries(of recipe: String, _ sample: Sample) throws -> [Int] {
        let parts = recipe.components(separatedBy: "; ")
        return try (1..<max(parts.count, 2)).map { count in
            try sample.shell("{ \(parts.prefix(count).joined(separator: "; ")); } > part")
            return try sample.bytes("part").count
        }
    }

    @Test("bytes behind the end are noticed, zeros that pad a gzip file are not", arguments: ["zstd -q", "gzip", "xz"])
    func trailing(_ compressor: String) throws {
        let sample = try Sample()
        try sample.write("text", Self.text)
        try sample.shell("\(compressor) -c text > log; echo 'not of it' >> log")
        let read = try sample.read("log")
        #expect(!read.outcome.isIntact)
        // liblzma gives up a block together with what follows it; the others keep every line.
        if compressor != "xz" {
            #expect(read.lines.count == Self.text.split(separator: 0x0a, omittingEmptySubsequences: false).count)
        }
        try sample.shell("gzip -c text > padded; head -c 512 /dev/zero >> padded")
        #expect(try sample.read("padded").outcome.isIntact)
    }

    @Test("a byte order mark and carriage returns are no part of a line")
    func terminators() throws {
        let sample = try Sample()
        try sample.write("log", [0xef, 0xbb, 0xbf] + Array("one\r\ntwo\n\r\nthree\r".utf8))
        let read = try sample.read("log", chunkBytes: 2)
        #expect(read.lines.map { String(decoding: $0, as: UTF8.self) } == ["one", "two", "", "three"])
    }

    @Test("a line beyond the limit is lent in part, and the next one is whole")
    func longLines() throws {
        let sample = try Sample()
        let long = [UInt8](repeating: UInt8(ascii: "y"), count: 100_000)
        try sample.write("log", Array("short\n".utf8) + long + Array("\nafter\n".utf8))
        let read = try sample.read("log", limits: Limits(maxLineBytes: 50_000), chunkBytes: 4096)
        #expect(read.extents == [.whole, .tooLong, .whole])
        #expect(read.lines[1] == Array(long.prefix(4096)))
        #expect(read.lines[2] == Array("after".utf8))
    }

    @Test("output far beyond its input is stopped")
    func bomb() throws {
        let sample = try Sample()
        try sample.shell("head -c 40000000 /dev/zero | zstd -q -19 -c > log")
        let limits = Limits(maxOutputBytesPerInputByte: 100, freeOutputBytes: 1 << 20)
        let outcome = try sample.read("log", limits: limits).outcome
        #expect(outcome.members.first?.damage?.kind == .limit)
    }

    @Test("files are found in one order, links below a root are not followed, what is missing is an error")
    func tree() throws {
        let sample = try Sample()
        try sample.shell(
            "mkdir -p root/b root/a && touch root/b/2 root/a/1 root/0 && ln -s /etc/hostname root/link && mkfifo root/pipe"
        )
        let tree = try LogTree.find([sample.path("root")])
        #expect(tree.files.map(\.name) == ["root/0", "root/a/1", "root/b/2"])
        #expect(tree.skipped.map(\.name) == ["root/link", "root/pipe"])
        #expect(throws: LogBytesError.noSuchPath(sample.path("none"))) { try LogTree.find([sample.path("none")]) }
    }
}
