/// The shapes that a log's lines have: the first that fits counts.
struct LinePatterns: Sendable {
    /// Their values have the numbers that their names have among all.
    private(set) var shapes: [LineTemplate] = []
    /// The names of all templates, each once, in order of appearance.
    private(set) var names: [String] = []
    /// How values write their special characters.
    let escape: FieldSlices.Escape

    init(escape: FieldSlices.Escape = .backslash) { self.escape = escape }

    mutating func add(_ template: LineTemplate) {
        var fields: [Int] = []
        for name in template.names {
            if let known = names.firstIndex(of: name) {
                fields.append(known)
            } else {
                fields.append(names.count)
                names.append(name)
            }
        }
        shapes.append(LineTemplate(template, numbered: fields))
    }

    // MARK: Records on one line

    /// A line of fewer bytes behind its record's last value holds no other record.
    var leastRecord: Int { max(24, shapes.map { $0.between.bytes + $0.names.count }.min() ?? 0) }

    /// How far behind the beginning of the last value another record is looked for.
    private static let mostLooked = 4096

    /// Where another record begins in a line's last value, which takes all that is left of it; nil if none does. A lost line feed, or
    /// one in another notation (U+2028), puts two on a line.
    ///
    /// What is in quotes is what a client sent, and no record.
    @inline(never)
    func another(_ line: UnsafeRawBufferPointer, from start: Int) -> Int? {
        let records = shapes.filter(\.isRecord)
        let blanks = line[start...].count { $0 == 0x20 }
        guard let least = records.map(\.between.blanks).min(), blanks >= least else { return nil }
        var (isQuoted, isEscaped) = (false, false)
        func pass(_ byte: UInt8) {
            if byte == UInt8(ascii: "\""), !isEscaped { isQuoted.toggle() }
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
        }
        for byte in line[..<start] { pass(byte) }
        let end = max(start, min(start + Self.mostLooked, line.count - leastRecord + 1))
        for place in start..<end {
            if !isQuoted {
                let rest = UnsafeRawBufferPointer(rebasing: line[place...])
                if records.contains(where: { $0.match(rest, found: { _, _ in }) == nil }) { return place }
            }
            pass(line[place])
        }
        return nil
    }

    /// What is wrong with a line that none of them fits, in words: of the shape that comes furthest.
    func complaint(_ line: UnsafeRawBufferPointer) -> String? {
        var best: (offset: Int, text: String)?
        for shape in shapes {
            var last = 0
            guard let offset = shape.match(line, nil, last: &last, found: { _, _ in }) else {
                return shape.takesRest && another(line, from: last) != nil ? "another record follows it" : nil
            }
            if offset >= best?.offset ?? 0, best == nil || offset > best?.offset ?? 0 {
                best = shape.complaint(line).map { (offset, $0) }
            }
        }
        return best?.text
    }
}
