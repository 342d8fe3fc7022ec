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
    private let line: UnsafeRawBufferPointer
    private var offset = 0

    /// - Parameter line: what a `JSONScanner` has read.
    /// - Returns: nil if it is no object.
    init?(_ line: UnsafeRawBufferPointer) {
        self.line = line
        skipBlanks()
        guard next == UInt8(ascii: "{"), object(parent: -1, depth: 0) else { return nil }
    }

    private var next: UInt8 { offset < line.count ? line[offset] : 0 }

    private mutating func skipBlanks() {
        while offset < line.count, [0x20, 0x09, 0x0a, 0x0d].contains(line[offset]) { offset += 1 }
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard next == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func object(parent: Int, depth: Int) -> Bool {
        guard depth < 64, skip("{") else { return false }
        repeat {
            skipBlanks()
            if next == UInt8(ascii: "}") { break }
            guard let name = string(), skip(":"), value(name: name, parent: parent, depth: depth) else { return false }
        } while skip(",")
        return skip("}")
    }

    private mutating func array(name: Range<Int>, parent: Int, depth: Int) -> Bool {
        guard depth < 64, skip("[") else { return false }
        repeat {
            skipBlanks()
            if next == UInt8(ascii: "]") { break }
            all[parent].elements += 1
            guard value(name: name, parent: parent, depth: depth) else { return false }
        } while skip(",")
        return skip("]")
    }

    private mutating func value(name: Range<Int>, parent: Int, depth: Int) -> Bool {
        skipBlanks()
        let (start, place) = (offset, all.count)
        all.append(Member(name: name, value: start..<start, kind: .null, parent: parent))
        switch next {
        case UInt8(ascii: "\""):
            guard let text = string() else { return false }
            (all[place].value, all[place].kind) = (text, .text)
        case UInt8(ascii: "{"):
            all[place].kind = .object
            guard object(parent: place, depth: depth + 1) else { return false }
            all[place].value = start..<offset
        case UInt8(ascii: "["):
            all[place].kind = .array
            guard array(name: name, parent: place, depth: depth + 1) else { return false }
            all[place].value = start..<offset
        default:
            while offset < line.count, ![0x20, 0x09, 0x0a, 0x0d, 0x2c, 0x5d, 0x7d].contains(line[offset]) {
                offset += 1
            }
            let word = line[start..<offset]
            all[place].value = start..<offset
            all[place].kind =
                word.isEmpty || word.elementsEqual("null".utf8) || word.elementsEqual("-".utf8) ? .null : .bare
        }
        return true
    }

    /// A string's inside.
    private mutating func string() -> Range<Int>? {
        guard next == UInt8(ascii: "\"") else { return nil }
        offset += 1
        let start = offset
        while offset < line.count, line[offset] != UInt8(ascii: "\"") {
            offset += line[offset] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard offset < line.count else { return nil }
        offset += 1
        return start..<(offset - 1)
    }
}
