internal import Foundation
import LogRecords

/// How the lines of an unknown log are put together, and the fields that they have.
struct DraftSyntax {
    /// The keys of a profile that say so, each with its YAML.
    var keys: [(String, String)]
    var fields: [DraftField]
    /// Whether the fields' names come from the log, and not from their places alone.
    var isNamed = true

    /// All ways to take the lines, those first that tell more by their form alone; none if the lines have nothing in common.
    static func all(_ lines: [String]) -> [DraftSyntax] {
        if let json = json(lines) { return [json] }
        return [w3c(lines), logfmt(lines)].compactMap(\.self) + delimited(lines)
            + [DraftPattern.syntax(lines)].compactMap(\.self)
    }

    /// The same fields in a log whose time stamps are written in that way.
    func timed(_ format: TimeFormat?) -> DraftSyntax {
        var copy = self
        for index in copy.fields.indices { copy.fields[index].timeFormat = format }
        return copy
    }

    /// The fields in order of appearance.
    private struct Gathering {
        var fields: [DraftField] = []
        private var places: [String: Int] = [:]

        mutating func add(_ name: String, _ value: String) {
            let place = places[name] ?? fields.count
            if place == fields.count {
                fields.append(DraftField(name: name))
                places[name] = place
            }
            fields[place].values.append(value)
        }
    }

    // MARK: JSON

    private static func json(_ lines: [String]) -> DraftSyntax? {
        let objects = lines.compactMap {
            try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
        guard objects.count * 2 > lines.count else { return nil }
        var gathering = Gathering()
        for object in objects { add(object, under: "", to: &gathering) }
        return DraftSyntax(keys: [("syntax", "json")], fields: gathering.fields)
    }

    private static func add(_ object: [String: Any], under path: String, to gathering: inout Gathering) {
        for (name, value) in object.sorted(by: { $0.key < $1.key }) {
            switch value {
            case let inner as [String: Any]: add(inner, under: "\(path)\(name).", to: &gathering)
            case is [Any]: continue
            case let text as String: gathering.add(path + name, text)
            default: gathering.add(path + name, value is NSNull ? "" : "\(value)")
            }
        }
    }

    // MARK: Columns

    private static func w3c(_ lines: [String]) -> DraftSyntax? {
        guard let header = lines.first(where: { $0.hasPrefix("#Fields:") }) else { return nil }
        let names = header.dropFirst(8).split { $0 == " " || $0 == "\t" }.map { $0.lowercased() }
        let rows = lines.filter { !$0.hasPrefix("#") }
        let isTabbed = rows.first?.contains("\t") == true
        return table(rows.map { $0.split(separator: isTabbed ? "\t" : " ").map(String.init) }, names).map {
            DraftSyntax(keys: [("syntax", "w3c")], fields: $0)
        }
    }

    private static func delimited(_ lines: [String]) -> [DraftSyntax] {
        var found: [DraftSyntax] = []
        for (separator, syntax) in [("\t", "tsv"), (",", "csv"), (";", "delimited"), ("|", "delimited")] {
            let rows = lines.map { cells($0, Character(separator)) }
            let count = rows[0].count
            guard count >= 2, rows.count(where: { $0.count == count }) * 10 >= rows.count * 9 else { continue }
            var keys = [("syntax", syntax)]
            if syntax == "delimited" { keys.append(("delimiter", "'\(separator)'")) }
            let header = rows[0].map { $0.lowercased() }
            // A header is names alone, each once.
            let isHeader =
                Set(header).count == count && rows.count > 1
                && header.allSatisfy { $0.contains(where: \.isLetter) && Timestamp($0) == nil && !$0.contains("/") }
            let places = (1...count).map { "column\($0)" }
            if !isHeader, count < 4 { continue }
            if !isHeader { keys.append(("columns", "[\(places.joined(separator: ", "))]")) }
            // What stands between blanks is a pattern's.
            let isSpaced = rows.allSatisfy { $0.count < 2 || $0[1].hasPrefix(" ") }
            if isSpaced { continue }
            if let fields = table(Array(rows.dropFirst(isHeader ? 1 : 0)), isHeader ? header : places) {
                found.append(DraftSyntax(keys: keys, fields: fields, isNamed: isHeader))
            }
        }
        return found
    }

    /// A line's cells; one in quotes may hold the separator.
    private static func cells(_ line: String, _ separator: Character) -> [String] {
        var cells = [""]
        var isQuoted = false
        for character in line {
            if character == "\"" {
                isQuoted.toggle()
            } else if character == separator, !isQuoted {
                cells.append("")
            } else {
                cells[cells.count - 1].append(character)
            }
        }
        return cells
    }

    private static func table(_ rows: [[String]], _ names: [String]) -> [DraftField]? {
        guard !names.isEmpty, !rows.isEmpty else { return nil }
        return names.indices.map { column in
            DraftField(name: names[column], values: rows.compactMap { column < $0.count ? $0[column] : nil })
        }
    }

    // MARK: logfmt

    /// Lines of `name=value`, values in quotes or not.
    private static func logfmt(_ lines: [String]) -> DraftSyntax? {
        var gathering = Gathering()
        var fitting = 0
        for line in lines {
            let pairs = line.matches(of: #/(?:^|\s)([A-Za-z_][\w.\-]*)=("(?:[^"\\]|\\.)*"|\S*)/#)
            let covered = pairs.reduce(0) { $0 + $1.0.count }
            guard pairs.count >= 3, covered * 10 >= line.count * 9 else { continue }
            fitting += 1
            for pair in pairs {
                let value = pair.2
                gathering.add(String(pair.1), String(value.hasPrefix("\"") ? value.dropFirst().dropLast() : value))
            }
        }
        return fitting * 2 > lines.count ? DraftSyntax(keys: [("syntax", "logfmt")], fields: gathering.fields) : nil
    }
}
