import Foundation
import Testing

@testable import LogBytes

@Suite struct LineTests {
    private func read(_ text: String, limits: Limits = Limits(), chunkBytes: Int = 1 << 20) throws -> [ReadLine] {
        try LogBytesTests.read(Array(text.utf8), limits: limits, chunkBytes: chunkBytes).lines[0]
    }

    @Test(arguments: [
        ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("\n\na\n\n", ["", "", "a", ""]),
        ("a\r\nb\r\n", ["a", "b"]), ("a\r", ["a"]), ("\r\n\r", ["", ""]), ("a\rb\n", ["a", "b"]), ("a\r\r\n", ["a"]),
        ("a\rb\rc", ["a", "b", "c"]), ("a\rb\rc\r", ["a", "b", "c"]), ("a\r\rb\n\nc", ["a", "b", "", "c"]),
        ("a\nb\rc\r\n", ["a", "b", "c"]), ("\ra", ["", "a"]),
    ])
    func `Lines end at a newline, a carriage return or both`(text: String, expected: [String]) throws {
        for chunkBytes in [1, 2, 3, 1 << 20] {
            let lines = try read(text, chunkBytes: chunkBytes)
            #expect(lines.map(\.text) == expected)
            #expect(lines.map(\.number) == (0..<UInt64(expected.count)).map { $0 + 1 })
            #expect(lines.allSatisfy { $0.extent == .whole })
        }
    }

    @Test func `Offsets count the decoded bytes`() throws {
        #expect(try read("a\r\n\nbc\nd").map(\.offset) == [0, 3, 4, 7])
        #expect(try read("a\rbc\r\r\nd\r").map(\.offset) == [0, 2, 7])
    }

    @Test(arguments: [1, 2, 1 << 20])
    func `A byte order mark is dropped at the beginning only`(chunkBytes: Int) throws {
        let lines = try read("\u{FEFF}a\n\u{FEFF}b\n", chunkBytes: chunkBytes)
        #expect(lines.map { Array($0.text.utf8) } == [[0x61], [0xEF, 0xBB, 0xBF, 0x62]])
        #expect(lines.map(\.offset) == [3, 5])
        #expect(try read("\u{FEFF}", chunkBytes: chunkBytes).isEmpty)
    }

    @Test(arguments: [1, 2, 3, 7, 1 << 20], [String.Encoding.utf16LittleEndian, .utf16BigEndian])
    func `UTF-16 is read as the text that it is`(chunkBytes: Int, encoding: String.Encoding) throws {
        let text = "{\"account\":\"Jörg 📷\"}\r\nsecond line\nlast"
        for mark in ["\u{FEFF}", ""] {
            let bytes = [UInt8](try #require((mark + text).data(using: encoding)))
            let reading = try LogBytesTests.read(bytes, chunkBytes: chunkBytes)
            #expect(reading.texts == [["{\"account\":\"Jörg 📷\"}", "second line", "last"]])
            #expect(reading.firstDamage == nil)
        }
        // Half a pair, and half a unit at the end, are no text, and hide none.
        let high: [UInt8] = encoding == .utf16LittleEndian ? [0x3D, 0xD8] : [0xD8, 0x3D]
        let broken = [UInt8](try #require("\u{FEFF}a".data(using: encoding))) + high
        let more = [UInt8](try #require("b\n".data(using: encoding))) + [0x41]
        #expect(try LogBytesTests.read(broken + more, chunkBytes: chunkBytes).texts == [["a\u{FFFD}b", "\u{FFFD}"]])
    }

    @Test func `Text with a few NULs is no UTF-16`() throws {
        #expect(try read("a\0b\0c and so on, as UTF-8\n").map(\.text) == ["a", "b", "c and so on, as UTF-8"])
        #expect(try read("a\0b\0").map(\.text) == ["a", "b"])
    }

    @Test(arguments: [1, 5, 64, 1 << 20], ["\n", "\r\n", "\r"])
    func `A line too long is lent in part and the next one whole`(chunkBytes: Int, newline: String) throws {
        let limits = Limits(maxLineBytes: 10)
        let inputs = [9, 10, 11, 12, 13, 100].map { String(repeating: "x", count: $0) }
        let text = inputs.map { $0 + newline + "next" + newline }.joined()
        let lines = try read(text, limits: limits, chunkBytes: chunkBytes)
        #expect(lines.map(\.text) == inputs.flatMap { [String($0.prefix(10)), "next"] })
        #expect(lines.map { $0.extent == .tooLong } == inputs.flatMap { [$0.count > 10, false] })
    }

    @Test func `A line too long says its length and lends 4 KiB`() throws {
        let path = try Dump()
        let long = [UInt8](repeating: 0x78, count: 3_000_000)
        let file = try LogFile(path: path.write(Array("a\n".utf8) + long + [0x0A, 0x62]))
        var seen: [LogLine] = []
        var lent: [Int] = []
        _ = file.forEachMember { member in
            member.forEachLine { bytes, line in
                seen.append(line)
                lent.append(bytes.byteCount)
                return true
            }
        }
        #expect(seen.map(\.byteCount) == [1, 3_000_000, 1])
        #expect(seen.map(\.extent) == [.whole, .tooLong, .whole])
        #expect(seen.map(\.offset) == [0, 2, 3_000_003])
        #expect(lent == [1, 4096, 1])
    }

    @Test func `Looking at the beginning reads nothing`() throws {
        let log = sampleLog(5000)
        for compression in RoundTripTests.compressions {
            let dump = try Dump()
            let file = try LogFile(path: dump.write(Packer.compress(log, as: compression)))
            var count: UInt64 = 0
            _ = file.forEachMember { member in
                let head = member.peek { text(of: $0) }
                #expect(head.utf8.count == LogMember.maxPeekBytes)
                #expect(Array(head.utf8) == Array(log.prefix(LogMember.maxPeekBytes)))
                member.forEachLine { _, line in
                    count = line.number
                    return true
                }
            }
            #expect(count == 5000)
        }
    }

    @Test func `The closure can stop, go on, and stop for good`() throws {
        let dump = try Dump()
        let log = sampleLog(100_000)
        let bytes = Packer.compress(log, as: "plain")
        let file = try LogFile(path: dump.write(bytes))
        var numbers: [UInt64] = []
        let outcome = file.forEachMember { member in
            member.forEachLine { _, line in
                numbers.append(line.number)
                return line.number < 2
            }
            member.forEachLine { _, line in
                numbers.append(line.number)
                return false
            }
        }
        #expect(numbers == [1, 2, 3])
        #expect(outcome.members[0].lines == 3)
        #expect(!outcome.members[0].reachedEnd)
        #expect(outcome.sha256 == sha256(bytes))
    }

    @Test func `An error of the closure comes out`() throws {
        struct Refusal: Error {}
        let dump = try Dump()
        let file = try LogFile(path: dump.write(Array("a\n".utf8)))
        #expect(throws: Refusal.self) {
            _ = try file.forEachMember { member in
                try member.forEachLine { _, _ in throw Refusal() }
            }
        }
    }

    @Test func `Progress can be read from inside the closure`() throws {
        let dump = try Dump()
        let log = sampleLog(60_000)
        let file = try LogFile(path: dump.write(log))
        var seen: Set<UInt64> = []
        _ = file.forEachMember { member in
            member.forEachLine { _, _ in
                seen.insert(file.bytesRead)
                return true
            }
        }
        #expect(seen.count > 1)
        #expect(seen.max() == UInt64(log.count))
    }
}
