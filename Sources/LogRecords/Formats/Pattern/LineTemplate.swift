import Interning

/// A line's shape, written as the line itself with names in braces: `{time:time} {requester} "{request}" {status:status}`.
///
/// - `{name}` takes everything up to the first place where the text behind it fits; `{_}` takes and forgets
/// - `{name:type}` takes that, and the line fits only if it is of that type: see `FieldType`
/// - `{?name:type}` at the end stands for a value that may be missing: what is left of the line is one value after the other
///   behind a blank, in quotes or not, in any order, and each goes to the first name whose type it has
/// - `{{` and `}}` stand for the braces themselves
/// - a blank in the template fits one or more blanks in the line, as logs pad their columns; just one if `hasSingleBlanks`, as a
///   log has two of them around a value that it left empty
/// - a quote that the line escapes with a backslash does not end a value
///
/// Matching never goes back, so its cost is bounded by the line's length times the longest literal: a hostile line
/// cannot blow it up, as it could a regular expression.
///
/// A class, so that handing one on costs one count of references; its memory is written once, by `init`, so that threads may
/// share it.
final class LineTemplate: @unchecked Sendable {
    /// A value and the text behind it.
    struct Part: Sendable {
        /// -1: nobody wants it.
        var field: Int
        var type: FieldType?
        /// Whether a blank may stand inside of the value.
        var mayGoOn = false
        /// Where the text stands in `literals`; empty at the template's end, where the value takes all that is left.
        var literal = 0..<0
        /// The text's first eight bytes as a word, and the bits of a word that they are; nearly all texts are compared at one
        /// go.
        var word: UInt64 = 0
        var mask: UInt64 = 0
        /// Its last eight bytes, if it has nine to sixteen and no blank but at its end.
        var lastWord: UInt64?
        /// The text's first byte.
        var first: UInt8 = 0
        /// Whether the text's last byte is a blank, behind which more of them may stand.
        var endsWithBlank = false
        /// Whether another of its bytes is one.
        var hasInnerBlank = false
        /// Whether the value says by itself where it ends.
        var endsByItself = false
        /// Whether its type fits anything that is a word.
        var fitsWords = false

        fileprivate func prepared(_ literals: [UInt8], _ hasSingleBlanks: Bool) -> Part {
            var part = self
            part.endsByItself = type?.endsByItself == true
            part.fitsWords = type?.fitsWords == true
            guard let last = literal.last else { return part }
            part.first = literals[literal.lowerBound]
            part.endsWithBlank = literals[last] == 0x20 && !hasSingleBlanks
            part.hasInnerBlank = literals[literal].dropLast().contains(0x20) && !hasSingleBlanks
            for (index, byte) in literals[literal].prefix(8).enumerated() {
                part.word |= UInt64(byte) << UInt64(8 * index)
                part.mask |= 0xff << UInt64(8 * index)
            }
            if (9...16).contains(literal.count), !part.hasInnerBlank {
                part.lastWord = literals[literal].suffix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
            }
            return part
        }
    }

    /// The texts of all parts, end to end.
    private let literals: UnsafeMutableRawBufferPointer
    /// The text before the first value ends here in `literals`.
    private let opening: Int
    private let parts: UnsafeMutableBufferPointer<Part>
    /// The number of the last value, or of the one before, if that ends by itself: of two lines that are joined it may take the second's
    /// first value with it.
    private let tail: Int
    /// The names of all parts, for messages.
    private let partNames: [String]
    private let options: [TrailingValues.Option]
    /// The names in braces, each once, in order of appearance, without `_`.
    let names: [String]
    private let honoursEscapes: Bool
    private let hasSingleBlanks: Bool

    /// - Throws: `ProfileProblem` if it is too long, a brace is not closed, a type is unknown, or two values stand side by
    ///   side of which the first does not say where it ends.
    init(_ text: String, honoursEscapes: Bool = true, hasSingleBlanks: Bool = false) throws(ProfileProblem) {
        let read = try TemplateReader(text, hasSingleBlanks: hasSingleBlanks)
        (opening, partNames, options, names) = (read.opening, read.partNames, read.options, read.names)
        (self.honoursEscapes, self.hasSingleBlanks) = (honoursEscapes, hasSingleBlanks)
        tail = Self.tail(read.parts)
        (literals, parts) = Self.kept(read.literals, read.parts.map { $0.prepared(read.literals, hasSingleBlanks) })
    }

    /// The same template, whose values have other numbers.
    init(_ template: LineTemplate, numbered numbers: [Int]) {
        func number(_ field: Int) -> Int { field < 0 ? field : numbers[field] }
        (opening, partNames) = (template.opening, template.partNames)
        (names, honoursEscapes, hasSingleBlanks) = (template.names, template.honoursEscapes, template.hasSingleBlanks)
        options = template.options.map { TrailingValues.Option(field: number($0.field), type: $0.type) }
        let parts = template.parts.map { part in
            var part = part
            part.field = number(part.field)
            return part
        }
        tail = template.tail
        (literals, self.parts) = Self.kept(Array(template.literals), parts)
    }

    private static func tail(_ parts: [Part]) -> Int {
        let last = parts.count - 1
        return last > 0 && parts[last].literal.isEmpty && parts[last - 1].type?.endsByItself == true ? last - 1 : last
    }

    /// Whether its last value takes all that is left of a line.
    var takesRest: Bool { parts.last.map { $0.literal.isEmpty && !$0.endsByItself } ?? false }

    /// Whether it has so much of a record that no other text fits it.
    var isRecord: Bool { names.count >= 4 || parts.count >= 6 }

    /// How many bytes, and how many of them blanks, are between the values of any line that fits.
    var between: (bytes: Int, blanks: Int) { (literals.count, literals.count { $0 == 0x20 }) }

    /// Whether its first value is a segment of a URL's path: of that type, or with a slash in front of it.
    var takesSegment: Bool {
        guard let index = parts.firstIndex(where: { $0.field == 0 }) else { return false }
        if parts[index].type == .segment { return true }
        let before = index == 0 ? 0..<opening : parts[index - 1].literal
        return before.last.map { literals[$0] == UInt8(ascii: "/") } ?? false
    }

    deinit {
        literals.deallocate()
        parts.deallocate()
    }

    /// Memory of their own, to look into which counts no reference.
    private static func kept(
        _ literals: [UInt8], _ parts: [Part]
    ) -> (UnsafeMutableRawBufferPointer, UnsafeMutableBufferPointer<Part>) {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: literals.count, alignment: 8)
        bytes.copyBytes(from: literals)
        let memory = UnsafeMutableBufferPointer<Part>.allocate(capacity: parts.count)
        _ = memory.initialize(from: parts)
        return (bytes, memory)
    }

    // MARK: Matching

    /// Calls `found` with each value's number, its place in `names` if it was given no other, and its place in `line`.
    ///
    /// - Parameter marks: of the line, if they are there.
    /// - Returns: nil if the whole line fits, else the offset at which it stops fitting.
    @inline(__always)
    func match(
        _ line: UnsafeRawBufferPointer, _ marks: LineMarks? = nil, found: (_ name: Int, _ range: Range<Int>) -> Void
    ) -> Int? {
        var (misfit, last) = (-1, 0)
        return match(line, marks, misfit: &misfit, last: &last, found: found)
    }

    /// The same; `last` becomes the place of the value that is called the tail, where the whole line fits.
    @inline(__always)
    func match(
        _ line: UnsafeRawBufferPointer, _ marks: LineMarks?, last: inout Int,
        found: (_ name: Int, _ range: Range<Int>) -> Void
    ) -> Int? {
        var misfit = -1
        return match(line, marks, misfit: &misfit, last: &last, found: found)
    }

    /// Where the value of a template that names just one stands in a text; nil if the text does not fit.
    func value(in text: UnsafeRawBufferPointer) -> Range<Int>? {
        var found: Range<Int>?
        return match(text, found: { _, range in found = range }) == nil ? found : nil
    }

    /// What is wrong with a line that does not fit, in words; nil if it fits.
    func complaint(_ line: UnsafeRawBufferPointer) -> String? {
        var (misfit, last) = (-1, 0)
        guard match(line, nil, misfit: &misfit, last: &last, found: { _, _ in }) != nil else { return nil }
        if misfit == parts.count { return "what follows \(partNames.last.map { "'\($0)'" } ?? "its text")" }
        if misfit < 0 { return "the text between its values" }
        let name = partNames[misfit] == "_" ? "a value" : "'\(partNames[misfit])'"
        return "\(name) is not of type \(parts[misfit].type?.rawValue ?? "")"
    }

    /// - Parameter misfit: the number of the value that is not of its type; the number of all for what trails; -1 if the text
    ///   does not fit.
    @inline(__always)
    private func match(
        _ line: UnsafeRawBufferPointer, _ marks: LineMarks?, misfit: inout Int, last: inout Int,
        found: (_ name: Int, _ range: Range<Int>) -> Void
    ) -> Int? {
        guard var offset = fit(0..<opening, line, at: 0) else { return 0 }
        for index in parts.indices {
            if index <= tail { last = offset }
            // Not copied, for it has many parts.
            let part = UnsafePointer(parts.baseAddress.unsafelyUnwrapped + index)
            var range = offset..<line.count
            var end = line.count
            if part.pointee.endsByItself, let type = part.pointee.type {
                range = offset..<type.end(line, from: offset)
                guard let behind = fit(part, line, at: range.upperBound) else { return offset }
                // It is of its type if there is any of it.
                guard !range.isEmpty else {
                    misfit = index
                    return offset
                }
                end = behind
            } else if !part.pointee.literal.isEmpty {
                guard let place = find(part, line, marks, from: offset) else { return offset }
                range = offset..<place.start
                end = place.end
            }
            if !part.pointee.endsByItself, let type = part.pointee.type {
                let isWord = part.pointee.fitsWords && marks?.isWord(range) == true
                guard let inner = type.value(of: UnsafeRawBufferPointer(rebasing: line[range]), isWord: isWord) else {
                    misfit = index
                    return offset
                }
                range = (range.lowerBound + inner.lowerBound)..<(range.lowerBound + inner.upperBound)
            }
            if part.pointee.field >= 0 { found(part.pointee.field, range) }
            offset = end
        }
        if offset == line.count { return nil }
        misfit = parts.count
        return options.isEmpty ? offset : TrailingValues.match(options, line, from: offset, found: found)
    }

    /// The end of the text behind a value in `line` if it stands at `start`.
    @inline(__always)
    private func fit(_ part: UnsafePointer<Part>, _ line: UnsafeRawBufferPointer, at start: Int) -> Int? {
        guard part.pointee.mask != 0, start + 8 <= line.count else { return fit(part.pointee.literal, line, at: start) }
        if (line.loadUnaligned(fromByteOffset: start, as: UInt64.self) ^ part.pointee.word) & part.pointee.mask != 0 {
            // A blank inside of it may stand for several.
            return part.pointee.hasInnerBlank ? fit(part.pointee.literal, line, at: start) : nil
        }
        var end = start + part.pointee.literal.count
        if part.pointee.literal.count > 8 {
            guard let last = part.pointee.lastWord, end <= line.count else {
                return fit(part.pointee.literal, line, at: start)
            }
            guard line.loadUnaligned(fromByteOffset: end - 8, as: UInt64.self) == last else { return nil }
        }
        if part.pointee.endsWithBlank { while end < line.count, line[end] == 0x20 { end += 1 } }
        return end
    }

    private func fit(_ literal: Range<Int>, _ line: UnsafeRawBufferPointer, at start: Int) -> Int? {
        var offset = start
        for index in literal {
            guard offset < line.count, line[offset] == literals[index] else { return nil }
            offset += 1
            if literals[index] == 0x20, !hasSingleBlanks {
                while offset < line.count, line[offset] == 0x20 { offset += 1 }
            }
        }
        return offset
    }

    @inline(__always)
    private func find(
        _ part: UnsafePointer<Part>, _ line: UnsafeRawBufferPointer, _ marks: LineMarks?, from start: Int
    ) -> (start: Int, end: Int)? {
        let first = part.pointee.first
        let mayBeEscaped = honoursEscapes && first == UInt8(ascii: "\"") && marks?.hasEscapes != false
        var offset = start
        func next() -> Int? {
            if let marks { return marks.place(of: first, in: line, from: offset) }
            return Bytes.index(of: first, in: line, from: offset)
        }
        while let place = next() {
            if !(mayBeEscaped && Self.isEscaped(line, place, from: start)),
                !(part.pointee.mayGoOn && part.pointee.type?.goesOn(line, from: start, at: place) == true),
                let end = fit(part, line, at: place)
            {
                return (place, end)
            }
            offset = place + 1
            // What does not fit from the first blank of a run does not fit from any other.
            if first == 0x20, !hasSingleBlanks { while offset < line.count, line[offset] == 0x20 { offset += 1 } }
        }
        return nil
    }

    /// Whether an odd number of backslashes stands before `place`: of two, the first escapes the second.
    private static func isEscaped(_ line: UnsafeRawBufferPointer, _ place: Int, from start: Int) -> Bool {
        var first = place
        while first > start, line[first - 1] == UInt8(ascii: "\\") { first -= 1 }
        return (place - first) % 2 == 1
    }
}
