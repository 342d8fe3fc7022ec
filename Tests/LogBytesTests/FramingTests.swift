import Testing

@testable import LogBytes

/// Lines that are not simply what stands between two line feeds.
@Suite struct FramingTests {
    private static let chunks = [1, 2, 3, 17, 1 << 20]

    @Test("NULs before a line are passed over and counted, however many there are", arguments: chunks)
    func holes(chunkBytes: Int) throws {
        let hole = [UInt8](repeating: 0, count: chunkBytes == 1 << 20 ? 3_000_000 : 300)
        let text = hole + Array("a\nb\n".utf8) + hole + Array("c\n\nd".utf8) + hole + Array("\n".utf8) + hole
        let reading = try LogBytesTests.read(text, limits: Limits(maxLineBytes: 1000), chunkBytes: chunkBytes)
        #expect(reading.texts[0] == ["a", "b", "c", "", "d"])
        // Nothing says where the line before a hole ended.
        #expect(reading.lines[0].map(\.hole) == [.none, .none, .none, .none, .behind])
        #expect(reading.outcome.members[0].skippedNULs == UInt64(4 * hole.count))
        let offsets: [UInt64] = reading.lines[0].prefix(3).map(\.offset)
        let size = UInt64(hole.count)
        #expect(offsets == [size, size + 2, 2 * size + 4])
        #expect(reading.firstDamage == nil)
    }

    @Test("what stands behind NULs inside a line is a line of its own", arguments: chunks)
    func holesInside(chunkBytes: Int) throws {
        let hole = [UInt8](repeating: 0, count: chunkBytes == 1 << 20 ? 3_000_000 : 300)
        let text =
            Array("a\nb".utf8) + hole + Array("c\r\nd".utf8) + hole + Array("e".utf8) + hole + Array("f\ng".utf8) + hole
        let reading = try LogBytesTests.read(text, limits: Limits(maxLineBytes: 2000), chunkBytes: chunkBytes)
        #expect(reading.texts[0] == ["a", "b", "c", "d", "e", "f", "g"])
        #expect(
            reading.lines[0].map(\.hole) == [.none, .behind, .before, .behind, .around, .before, .behind])
        #expect(reading.lines[0].map(\.hasLineFeed) == [true, false, true, false, false, true, false])
        #expect(reading.outcome.members[0].skippedNULs == UInt64(4 * hole.count))
        let size = UInt64(hole.count)
        let offsets: [UInt64] = [0, 2, 3 + size, 6 + size, 7 + 2 * size, 8 + 3 * size, 10 + 3 * size]
        #expect(reading.lines[0].map(\.offset) == offsets)
        #expect(reading.firstDamage == nil)
    }

    @Test("a length in eight bytes before a value is no hole: Journal Export Format", arguments: chunks)
    func lengths(chunkBytes: Int) throws {
        let text = Array("MESSAGE\n".utf8) + [5, 0, 0, 0, 0, 0, 0, 0] + Array("a b c\nx\n".utf8)
        let reading = try LogBytesTests.read(text, chunkBytes: chunkBytes)
        #expect(reading.texts[0] == ["MESSAGE", "\u{5}\0\0\0\0\0\0\0a b c", "x"])
        #expect(reading.outcome.members[0].skippedNULs == 0)
    }

    @Test("a file of NULs alone has no line", arguments: chunks)
    func nothing(chunkBytes: Int) throws {
        let reading = try LogBytesTests.read([UInt8](repeating: 0, count: 5000), chunkBytes: chunkBytes)
        #expect(reading.texts == [[]])
        #expect(reading.outcome.members[0].skippedNULs == 5000)
    }

    @Test("a JSON array of objects, and objects over several lines, are an object a line", arguments: chunks)
    func jsonValues(chunkBytes: Int) throws {
        let one = #"{"a":"x, } ] \" {","b":[1,{"c":null}]}"#
        let two = #"{"a":2}"#
        let forms = [
            "[\(one),\(two)]", "[\n  \(one),\n  \(two)\n]\n", "\u{feff} [ \(one)\n,\(two) ]",
            "[{\r\n  \"a\":\"x, } ] \\\" {\",\r\n  \"b\":[\r\n 1,{\"c\":null}\r\n]\r\n},\(two)]",
            "{\n  \"a\":\"x, } ] \\\" {\",\n\t\"b\":[1,{\"c\":null}]\n}\n{\n\"a\":2\n}\n",
            // Azure's diagnostic settings, to an event hub: all records of a moment in one object, which another may follow.
            "{\"records\":[\(one),\(two)]}", "{ \"records\" : [\(one)] }\n{\"records\":[\n\(two) ] }\n",
        ]
        for form in forms {
            let reading = try LogBytesTests.read(Array(form.utf8), chunkBytes: chunkBytes)
            #expect(reading.texts == [[one, two]], "\(form)")
            #expect(reading.lines[0].map(\.number) == [1, 2])
        }
    }

    @Test("what is broken in an array, or is no object, is a line of its own", arguments: chunks)
    func brokenValues(chunkBytes: Int) throws {
        let text = "[{\"a\":1},\n{\"b\":\"cut\n{\"c\":3}\nnot JSON\n{\"d\":4}]"
        let reading = try LogBytesTests.read(Array(text.utf8), chunkBytes: chunkBytes)
        #expect(reading.texts == [["{\"a\":1}", "{\"b\":\"cut", "{\"c\":3}", "not JSON", "{\"d\":4}"]])
    }

    @Test("JSON lines, and text that begins with a bracket, stay as they are", arguments: chunks)
    func otherText(chunkBytes: Int) throws {
        for text in ["{\"a\": 1}\n{\"b\": 2}\n", "[2024-10-15] x\n[y] {z}\n", "{ \"a\":1}\n\n{}\n", "[\n", "["] {
            let reading = try LogBytesTests.read(Array(text.utf8), chunkBytes: chunkBytes)
            #expect(reading.texts == [LogBytesTests.lines(of: Array(text.utf8))])
        }
    }

    @Test("a line that holds several records is lent for each, and every one has a number", arguments: chunks)
    func records(chunkBytes: Int) throws {
        let dump = try Dump()
        let file = try LogFile(path: dump.write(Array("a;b;c\nd\ne;f".utf8)), limits: Limits(), chunkBytes: chunkBytes)
        var found: [String] = []
        _ = file.forEachMember { member in
            member.forEachRecord { bytes, line in
                let text = LogBytesTests.text(of: bytes)
                let end = text.utf8.firstIndex(of: UInt8(ascii: ";"))
                found.append("\(line.number) \(line.offset) \(text[..<(end ?? text.endIndex)])")
                return end.map { .rest(from: text.utf8.distance(from: text.startIndex, to: $0) + 1) } ?? .next
            }
        }
        #expect(found == ["1 0 a", "2 2 b", "3 4 c", "4 6 d", "5 8 e", "6 10 f"])
    }
}
