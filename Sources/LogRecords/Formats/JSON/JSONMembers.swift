/// All members of a JSON object at any depth, for a row of a table whose members nobody named beforehand.
struct JSONMembers {
    enum Kind {
        case text
        /// A number, `true` or `false`.
        case bare
        case null
        case object
        case array
    }

    struct Member {
        /// Where its name stands; of an array's element, the array's name.
        var name: Range<Int>
        var value: Range<Int>
        var kind: Kind
        /// The member that it stands in; -1 at the top.
        var parent: Int
        /// Of an array.
        var elements = 0
    }

    private(set) var all: [Member] = []
    private var cursor: JSONCursor

    /// - Parameter line: may be one that no `JSONScanner` reads; what it holds between its marks is not checked.
    /// - Returns: nil if it is no object.
    init?(_ line: UnsafeRawBufferPointer) {
        cursor = JSONCursor(line: line)
        cursor.skipBlanks()
        guard cursor.next == UInt8(ascii: "{"), object(parent: -1, depth: 0) else { return nil }
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        cursor.skipBlanks()
        return cursor.skip(character)
    }

    private mutating func object(parent: Int, depth: Int) -> Bool {
        guard depth < 64, skip("{") else { return false }
        repeat {
            cursor.skipBlanks()
            if cursor.next == UInt8(ascii: "}") { break }
            guard let name = string(), skip(":"), value(name: name, parent: parent, depth: depth) else { return false }
        } while skip(",")
        return skip("}")
    }

    private mutating func array(name: Range<Int>, parent: Int, depth: Int) -> Bool {
        guard depth < 64, skip("[") else { return false }
        repeat {
            cursor.skipBlanks()
            if cursor.next == UInt8(ascii: "]") { break }
            all[parent].elements += 1
            guard value(name: name, parent: parent, depth: depth) else { return false }
        } while skip(",")
        return skip("]")
    }

    private mutating func value(name: Range<Int>, parent: Int, depth: Int) -> Bool {
        cursor.skipBlanks()
        let (start, place) = (cursor.offset, all.count)
        all.append(Member(name: name, value: start..<start, kind: .null, parent: parent))
        switch cursor.next {
        case UInt8(ascii: "\""):
            guard let text = string() else { return false }
            (all[place].value, all[place].kind) = (text, .text)
        case UInt8(ascii: "{"):
            all[place].kind = .object
            guard object(parent: place, depth: depth + 1) else { return false }
            all[place].value = start..<cursor.offset
        case UInt8(ascii: "["):
            all[place].kind = .array
            guard array(name: name, parent: place, depth: depth + 1) else { return false }
            all[place].value = start..<cursor.offset
        default:
            while cursor.offset < cursor.line.count,
                ![0x20, 0x09, 0x0a, 0x0d, 0x2c, 0x5d, 0x7d].contains(cursor.line[cursor.offset])
            {
                cursor.offset += 1
            }
            let word = cursor.line[start..<cursor.offset]
            all[place].value = start..<cursor.offset
            all[place].kind =
                word.isEmpty || word.elementsEqual("null".utf8) || word.elementsEqual("-".utf8) ? .null : .bare
        }
        return true
    }

    /// A string's inside.
    private mutating func string() -> Range<Int>? {
        guard cursor.next == UInt8(ascii: "\"") else { return nil }
        cursor.offset += 1
        let start = cursor.offset
        while cursor.offset < cursor.line.count, cursor.line[cursor.offset] != UInt8(ascii: "\"") {
            cursor.offset += cursor.line[cursor.offset] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard cursor.offset < cursor.line.count else { return nil }
        cursor.offset += 1
        return start..<(cursor.offset - 1)
    }
}
