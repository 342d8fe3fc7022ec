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

    /// What is wrong with a line that none of them fits, in words: of the shape that comes furthest.
    func complaint(_ line: UnsafeRawBufferPointer) -> String? {
        var best: (offset: Int, text: String)?
        for shape in shapes {
            guard let offset = shape.match(line, found: { _, _ in }) else { return nil }
            if offset >= best?.offset ?? 0, best == nil || offset > best?.offset ?? 0 {
                best = shape.complaint(line).map { (offset, $0) }
            }
        }
        return best?.text
    }
}
