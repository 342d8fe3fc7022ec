import LogRecords

/// A line of text as pieces between blanks: words, and what stands in quotes or brackets as one.
struct DraftPattern {
    struct Piece {
        /// What stands before the value and belongs to the line's shape: `rt=`, an opening quote, a bracket.
        var before = ""
        var value = ""
        var after = ""
    }

    /// The shapes of most lines, as patterns of a profile, and their fields.
    static func syntax(_ lines: [String]) -> DraftSyntax? {
        let split = lines.map(pieces)
        let shapes = Dictionary(grouping: split) { line in line.map { $0.before + "\u{0}" + $0.after } }
        // A line of text alone, or shapes that each stand for a line or two, are prose.
        let common = shapes.values.filter { $0.count * 10 >= lines.count && $0[0].count >= 4 }
            .sorted { ($0.count, $1[0].count) > ($1.count, $0[0].count) }
        guard !common.isEmpty, common.reduce(0, { $0 + $1.count }) * 2 > lines.count else { return nil }
        var fields: [DraftField] = []
        var patterns: [String] = []
        for (number, rows) in common.prefix(4).enumerated() {
            let (pattern, found) = describe(
                rows, prefix: number == 0 ? "" : "shape\(number + 1)_", like: common[0], fields)
            patterns.append(pattern)
            for field in found {
                if let place = fields.firstIndex(where: { $0.name == field.name }) {
                    fields[place].values += field.values
                } else {
                    fields.append(field)
                }
            }
        }
        let quoted = patterns.map(ProfileDraft.quoted)
        return DraftSyntax(
            keys: [
                ("syntax", "pattern"),
                ("pattern", quoted.count == 1 ? quoted[0] : "[\(quoted.joined(separator: ", "))]"),
            ], fields: fields, isNamed: false)
    }

    /// The pattern of lines of one shape. A place gets the name that stands before its value (`rt=`), or one by its
    /// number. Up to where its shape parts from the first one's it has the first one's names.
    private static func describe(
        _ rows: [[Piece]], prefix: String, like first: [[Piece]], _ known: [DraftField]
    ) -> (pattern: String, fields: [DraftField]) {
        var pattern: [String] = []
        var fields: [DraftField] = []
        let shared = zip(rows[0], first[0]).prefix { $0.before == $1.before && $0.after == $1.after }.count
        for column in rows[0].indices {
            let piece = rows[0][column]
            let values = rows.map { $0[column].value }
            func literal(_ text: String) -> String { text.replacing("{", with: "{{").replacing("}", with: "}}") }
            // `-` on every line is the shape's.
            if Set(values).count == 1, !values[0].contains(where: { $0.isLetter || $0.isNumber }) {
                pattern.append(literal(piece.before + values[0] + piece.after))
                continue
            }
            let label = piece.before.filter { $0.isLetter || $0.isNumber || $0 == "_" }
            var name = label.isEmpty ? "\(prefix)field\(column + 1)" : label
            if fields.contains(where: { $0.name == name }) { name = "\(prefix)field\(column + 1)" }
            let common = "field\(column + 1)"
            if label.isEmpty, column < shared, let same = known.first(where: { $0.name == common }),
                same.resembles(DraftField(name: common, values: values))
            {
                name = common
            }
            let field = DraftField(name: name, values: values)
            let requests = values.map { $0.split(separator: " ") }
            if field.mostly({ $0.contains(#/^[A-Z]+ \S+ HTTP\/[\d.]+$/#) }) {
                pattern.append(
                    "\(literal(piece.before)){method:method} {uri:target} {protocol:protocol}\(literal(piece.after))")
                for (part, name) in ["method", "uri", "protocol"].enumerated() {
                    fields.append(
                        DraftField(name: name, values: requests.compactMap { part < $0.count ? String($0[part]) : nil })
                    )
                }
                continue
            }
            // As Squid and Traffic Server write the verdict and the status.
            if field.mostly({ $0.contains(#/^[A-Z_]+\/\d{3}$/#) }) {
                pattern.append("\(literal(piece.before)){\(name)}/{\(name)_code}\(literal(piece.after))")
                for (part, name) in [name, "\(name)_code"].enumerated() {
                    fields.append(DraftField(name: name, values: values.map { String($0.split(separator: "/")[part]) }))
                }
                continue
            }
            pattern.append("\(literal(piece.before)){\(name)\(type(of: field))}\(literal(piece.after))")
            fields.append(field)
        }
        return (pattern.joined(separator: " "), fields)
    }

    /// The type that all of a field's values have, as a pattern says it; empty if none tells more than another.
    private static func type(of field: DraftField) -> String {
        let types: [(FieldType, Bool)] = [
            (.time, field.isTime), (.status, field.isHTTPStatus), (.verdict, field.isCacheVerdict),
            (.address, field.isAddress), (.number, field.isNumber),
        ]
        let type = types.first { type, isSo in
            isSo
                && field.values.allSatisfy { value in
                    Array(value.utf8).withUnsafeBytes { type.value(of: $0) != nil }
                }
        }
        return type.map { ":\($0.0.rawValue)" } ?? ""
    }

    private static let closing: [Character: Character] = ["\"": "\"", "[": "]", "(": ")", "<": ">"]

    private static func pieces(_ line: String) -> [Piece] {
        var pieces: [Piece] = []
        var rest = line[...]
        while let first = rest.first {
            if first == " " || first == "\t" {
                rest = rest.dropFirst()
                continue
            }
            var piece = Piece()
            if let label = rest.prefixMatch(of: #/[A-Za-z_][\w\-]*(?:=|:(?!\/))(?=\S)/#) {
                piece.before = String(label.0)
                rest = rest[label.range.upperBound...]
            }
            if let opening = rest.first, let end = closing[opening], let stop = place(of: end, in: rest.dropFirst()) {
                piece.before.append(opening)
                piece.value = String(rest[rest.index(after: rest.startIndex)..<stop])
                rest = rest[stop...]
                // What follows the quote up to the next blank belongs to the shape: `",`.
                piece.after = String(rest.prefix { $0 != " " && $0 != "\t" })
                rest = rest.dropFirst(piece.after.count)
            } else {
                piece.value = String(rest.prefix { $0 != " " && $0 != "\t" })
                rest = rest.dropFirst(piece.value.count)
                if let last = piece.value.last, ",;".contains(last), piece.value.count > 1 {
                    piece.after = String(piece.value.removeLast())
                }
            }
            pieces.append(piece)
        }
        return pieces
    }

    /// The first such character that no backslash stands before.
    private static func place(of character: Character, in text: Substring) -> Substring.Index? {
        var isEscaped = false
        for index in text.indices {
            if !isEscaped, text[index] == character { return index }
            isEscaped = text[index] == "\\" && !isEscaped
        }
        return nil
    }
}
