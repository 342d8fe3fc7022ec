/// Finds a profile's fields in a line that is one JSON object (RFC 8259), without building any value.
///
/// A nested member is named by its path: `request.headers.host`. Of two members with one path the last counts. Where an
/// array stands with one element that is text or a number, or with equal ones, that is the value (Caddy writes each header field
/// as an array); several are a list, as a header field that comes several times is (RFC 9110 section 5.3).
///
/// Read beyond the RFC, because it is met: bytes that are not UTF-8, which servers copy from a request; half a surrogate
/// pair; `\xHH`, which nginx's default escaping puts into a format that an operator wrote as JSON; a comma behind the
/// last member of such a format; and nothing or a dash in place of a member's value, which nginx writes for a variable that
/// is not set and has no quotes around it there.
struct JSONScanner: Sendable {
    /// The wanted members of one object level.
    private struct Level: Sendable {
        var names: [[UInt8]] = []
        /// The field number of each name; -1 for a name that only leads to a nested level.
        var fields: [Int] = []
        /// The nested level of each name; -1 for none.
        var children: [Int] = []

        func index(of name: UnsafeRawBufferPointer) -> Int? {
            for (index, known) in names.enumerated() where known.count == name.count && known.elementsEqual(name) {
                return index
            }
            return nil
        }
    }

    private var levels: [Level] = [Level()]
    private let keepsContainers: Bool
    /// Fields of which an array has its JSON text for a value.
    private let arrays: [Int]
    /// Whether the first element counts of an array that has several.
    private let takesFirst: Bool

    /// - Parameters:
    ///   - fields: the paths; a field's number is its place in the array.
    ///   - keepsContainers: whether a member that is an object or an array has its JSON text for a value, instead of none
    ///     or the first element.
    ///   - arrays: the numbers of fields of which an array has its JSON text for a value.
    ///   - takesFirst: whether the first element counts of an array that has several.
    init(fields: [String], keepsContainers: Bool = false, arrays: [Int] = [], takesFirst: Bool = false) {
        self.keepsContainers = keepsContainers
        self.arrays = arrays
        self.takesFirst = takesFirst
        for (number, path) in fields.enumerated() {
            // A member may have a dot in its own name, so a path also stands for itself.
            add([Array(path.utf8)], number)
            if path.contains(".") { add(path.split(separator: ".").map { Array($0.utf8) }, number) }
        }
    }

    private mutating func add(_ path: [[UInt8]], _ number: Int) {
        var level = 0
        for (depth, name) in path.enumerated() {
            var index = levels[level].names.firstIndex(of: name)
            if index == nil {
                levels[level].names.append(name)
                levels[level].fields.append(-1)
                levels[level].children.append(-1)
                index = levels[level].names.count - 1
            }
            guard let index else { return }
            if depth == path.count - 1 {
                levels[level].fields[index] = number
            } else {
                if levels[level].children[index] < 0 {
                    levels.append(Level())
                    levels[level].children[index] = levels.count - 1
                }
                level = levels[level].children[index]
            }
        }
    }

    /// Reads a line that is one object and nothing else.
    func scan(
        _ line: UnsafeRawBufferPointer, into slices: FieldSlices, noting shapes: JSONLayoutCache? = nil
    ) throws(ScanFailure) {
        if let rest = try scanFirst(line, into: slices, noting: shapes) {
            throw ScanFailure(reason: .malformedJSON, offset: rest)
        }
    }

    /// Reads the first object of a line: some collectors join records without line breaks, with a comma between them or
    /// not.
    ///
    /// - Parameter shapes: learns how the line is built, if it is a flat object that was read whole.
    /// - Returns: where the next object begins; nil if there is none.
    func scanFirst(
        _ line: UnsafeRawBufferPointer, into slices: FieldSlices, noting shapes: JSONLayoutCache? = nil
    ) throws(ScanFailure) -> Int? {
        var cursor = JSONCursor(line: line)
        cursor.skipBlanks()
        shapes?.begin()
        try scanObject(&cursor, level: 0, depth: 0, into: slices, noting: shapes)
        cursor.skipBlanks()
        if cursor.offset < line.count { return try nextObject(&cursor) }
        shapes?.learn(line)
        return nil
    }

    private func nextObject(_ cursor: inout JSONCursor) throws(ScanFailure) -> Int? {
        let end = cursor.offset
        if cursor.skip(",") { cursor.skipBlanks() }
        // Of an array with an object on each line, the comma is the line's.
        if cursor.offset == cursor.line.count, cursor.offset > end { return nil }
        guard cursor.next == UInt8(ascii: "{") else { throw ScanFailure(reason: .malformedJSON, offset: end) }
        return cursor.offset
    }

    private func scanObject(
        _ cursor: inout JSONCursor, level: Int, depth: Int, into slices: FieldSlices,
        noting shapes: JSONLayoutCache? = nil
    ) throws(ScanFailure) {
        // Nesting deeper than this is an attack on the stack, not a log line.
        guard depth < 64 else { throw cursor.failure() }
        try cursor.expect("{")
        cursor.skipBlanks()
        if cursor.skip("}") { return }
        repeat {
            cursor.skipBlanks()
            if cursor.next == UInt8(ascii: "}") { break }
            let name = try cursor.string()
            cursor.skipBlanks()
            try cursor.expect(":")
            cursor.skipBlanks()
            let index = level < 0 ? nil : index(of: name, in: levels[level], cursor.line)
            let field = index.map { levels[level].fields[$0] } ?? -1
            switch cursor.next {
            case UInt8(ascii: "\""):
                let value = try cursor.string()
                shapes?.note(field, value.range, value.isEscaped ? .other : .string)
                if field >= 0 {
                    slices.set(
                        field, start: value.range.lowerBound, end: value.range.upperBound,
                        escape: value.isEscaped ? .json : .none)
                }
            case UInt8(ascii: "{"):
                if field >= 0 { slices.remove(field) }
                shapes?.note(field, 0..<0, .other)
                let start = cursor.offset
                try scanObject(
                    &cursor, level: index.map { levels[level].children[$0] } ?? -1, depth: depth + 1, into: slices)
                if keepsContainers, field >= 0 { slices.set(field, start: start, end: cursor.offset) }
            case UInt8(ascii: "["):
                if field >= 0 { slices.remove(field) }
                shapes?.note(field, 0..<0, .other)
                let start = cursor.offset
                try scanArray(&cursor, field: field, depth: depth + 1, into: slices)
                if field >= 0, keepsContainers || arrays.contains(field) {
                    slices.set(field, start: start, end: cursor.offset)
                }
            case UInt8(ascii: "n"):
                _ = try cursor.bareValue()
                shapes?.note(field, 0..<0, .other)
                if field >= 0 { slices.remove(field) }
            case UInt8(ascii: ","), UInt8(ascii: "}"):
                shapes?.note(field, 0..<0, .other)
                if field >= 0 { slices.remove(field) }
            case UInt8(ascii: "-") where cursor.skipDash():
                shapes?.note(field, 0..<0, .other)
                if field >= 0 { slices.remove(field) }
            default:
                let value = try cursor.bareValue()
                shapes?.note(field, value, .number)
                if field >= 0 { slices.set(field, start: value.lowerBound, end: value.upperBound) }
            }
            cursor.skipBlanks()
        } while cursor.skip(",")
        try cursor.expect("}")
    }

    /// The wanted member of that name. A name with escapes is rare, and decoded first.
    private func index(
        of name: (range: Range<Int>, isEscaped: Bool), in level: Level, _ line: UnsafeRawBufferPointer
    ) -> Int? {
        let raw = UnsafeRawBufferPointer(rebasing: line[name.range])
        guard name.isEscaped else { return level.index(of: raw) }
        var plain: [UInt8] = []
        FieldSlices.Escape.json.decode(raw, into: &plain)
        return plain.withUnsafeBytes { level.index(of: $0) }
    }

    /// - Parameter field: receives the one element, or the list of several; -1 for none.
    private func scanArray(
        _ cursor: inout JSONCursor, field: Int, depth: Int, into slices: FieldSlices
    ) throws(ScanFailure) {
        guard depth < 64 else { throw cursor.failure() }
        let start = cursor.offset
        try cursor.expect("[")
        cursor.skipBlanks()
        if cursor.skip("]") { return }
        var first: (range: Range<Int>, escape: FieldSlices.Escape)?
        var isList = false
        // An object or an array among them says what nobody can read.
        var isUnreadable = false
        repeat {
            cursor.skipBlanks()
            if cursor.next == UInt8(ascii: "]") { break }
            switch cursor.next {
            case UInt8(ascii: "\""):
                let value = try cursor.string()
                if let first { isList = isList || !cursor.line[first.range].elementsEqual(cursor.line[value.range]) }
                first = first ?? (value.range, value.isEscaped ? .json : .none)
            case UInt8(ascii: "{"):
                isUnreadable = true
                try scanObject(&cursor, level: -1, depth: depth + 1, into: slices)
            case UInt8(ascii: "["):
                isUnreadable = true
                try scanArray(&cursor, field: -1, depth: depth + 1, into: slices)
            default:
                let isNull = cursor.next == UInt8(ascii: "n")
                let value = try cursor.bareValue()
                if isNull { break }
                if let first { isList = isList || !cursor.line[first.range].elementsEqual(cursor.line[value]) }
                first = first ?? (value, .none)
            }
            cursor.skipBlanks()
        } while cursor.skip(",")
        try cursor.expect("]")
        guard field >= 0, let first, !isUnreadable || takesFirst else { return }
        if isList, !takesFirst {
            slices.set(field, start: start, end: cursor.offset, escape: .jsonList)
        } else {
            slices.set(field, start: first.range.lowerBound, end: first.range.upperBound, escape: first.escape)
        }
    }
}
