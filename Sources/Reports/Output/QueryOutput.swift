public import Casefile
import Foundation
import GRDB
import LogRecords
public import Queries

/// A bundled query's answer, in one of the forms that people and programs read.
public struct QueryOutput {
    public enum Format: String, Sendable, CaseIterable {
        case table, csv, json, markdown
    }

    private let columns: [String]
    private let rows: [[DatabaseValue]]

    /// Whether the answer has no row.
    public var isEmpty: Bool { rows.isEmpty }

    /// - Parameter values: the query's parameters by name; one that is not given is NULL, as in the `sqlite3` shell.
    /// - Throws: `ReportError.noSuchParameter`, `ReportError.missingParameter`, `ReportError.notANumber`;
    ///   `ReportError.noSuchValue` if there is no row and a value names nothing; `CaseFileError.notCorrelated` if the query
    ///   reads what a correlation finds.
    public init(_ query: BundledQuery, _ values: [String: String], _ caseFile: CaseFile) throws {
        for name in values.keys.sorted() where !query.parameters.contains(name) {
            throw ReportError.noSuchParameter(name: name, query: query.name, known: query.parameters)
        }
        if let name = query.requiredParameters.first(where: { values[$0] == nil }) {
            throw ReportError.missingParameter(name: name, query: query.name)
        }
        // A parameter that counts is a number; a number given for an account is still that account's name.
        let arguments = try Dictionary(
            uniqueKeysWithValues: query.parameters.map { name in
                guard let text = values[name] else { return (name, DatabaseValue.null) }
                guard Self.numbers.contains(name) else { return (name, text.databaseValue) }
                if let count = Int64(text) { return (name, count.databaseValue) }
                guard name != "limit", let factor = Double(text), factor.isFinite else {
                    throw ReportError.notANumber(parameter: name, value: text)
                }
                return (name, factor.databaseValue)
            })
        (columns, rows) = try caseFile.read { db in
            let statement = try db.makeStatement(sql: query.sql)
            try caseFile.requireCorrelated(db, for: statement)
            let found = try Row.fetchAll(statement, arguments: StatementArguments(arguments))
            if found.isEmpty { try Self.requireKnown(values, db) }
            return (statement.columnNames, found.map { row in row.map { $0.1 } })
        }
    }

    /// Makes sure that each value stands somewhere in the case: a misspelt one would be answered as if nothing had happened.
    private static func requireKnown(_ values: [String: String], _ db: Database) throws {
        for (name, value) in values.sorted(by: { $0.key < $1.key }) where !numbers.contains(name) {
            let isKnown = try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM name WHERE text = ?)", arguments: [value])
            if isKnown == true { continue }
            let alike = try String.fetchAll(
                db,
                sql: """
                    SELECT text FROM name WHERE length(text) BETWEEN length(?1) - 3 AND length(?1) + 3
                        AND lower(substr(text, 1, 3)) = lower(substr(?1, 1, 3)) ORDER BY text LIMIT \(mostCompared)
                    """, arguments: [value])
            // Of numbered names any is near any other: one with a digit more or less is, one with another digit is not.
            func digits(_ text: String) -> Int? {
                Int(text.filter(\.isNumber))
            }
            let meant = digits(value) == nil ? alike : alike.filter { digits($0) == digits(value) }
            throw ReportError.noSuchValue(parameter: name, value: value, nearest: meant.nearest(to: value))
        }
    }

    /// The parameters that count.
    static let numbers: Set = ["limit", "factor", "least"]
    /// How many names are compared with one that is not there.
    private static let mostCompared = 10_000

    /// - Parameter width: how many characters a line of a table may have; nil: as many as it takes.
    public func text(_ format: Format, width: Int? = nil) throws -> String {
        switch format {
        case .table: table(width)
        case .csv: try csv()
        case .json: try json()
        case .markdown: markdown()
        }
    }

    private static func plain(_ value: DatabaseValue) -> String {
        switch value.storage {
        case .null: ""
        case .int64(let number): String(number)
        case .double(let number): String(number)
        case .string(let text): text
        case .blob(let data): "\(data.count) bytes"
        }
    }

    private static func isNumber(_ value: DatabaseValue) -> Bool {
        switch value.storage {
        case .int64, .double: true
        default: false
        }
    }

    /// ```
    /// account        certain  possible
    /// acct-00000017       12         0
    /// ```
    private func table(_ width: Int?) -> String {
        let cells = rows.map { $0.map { VisibleText.of(Self.plain($0)) } }
        var widths = columns.indices.map { index in
            max(columns[index].count, cells.map { $0[index].count }.max() ?? 0)
        }
        if let width { narrow(&widths, to: width) }
        func line(_ texts: [String], numbers: [Bool]) -> String {
            let padded = texts.enumerated().map { index, whole in
                let text = whole.count > widths[index] ? whole.prefix(widths[index] - 1) + "…" : whole
                let space = String(repeating: " ", count: widths[index] - text.count)
                return numbers[index] ? space + text : text + space
            }.joined(separator: "  ")
            return String(padded.reversed().drop { $0 == " " }.reversed()) + "\n"
        }
        let areNumbers = columns.indices.map { index in rows.first.map { Self.isNumber($0[index]) } ?? false }
        return line(columns, numbers: areNumbers) + cells.map { line($0, numbers: areNumbers) }.joined()
    }

    /// Below this a text says nothing any more.
    private static let leastWidth = 8

    /// Makes the widest columns of text narrower until a line fits, or none can be made so.
    private func narrow(_ widths: inout [Int], to width: Int) {
        let texts = columns.indices.filter { index in !rows.contains { Self.isNumber($0[index]) } }
        var excess = widths.reduce(2 * (widths.count - 1), +) - width
        while excess > 0, let widest = texts.max(by: { widths[$0] < widths[$1] }), widths[widest] > Self.leastWidth {
            widths[widest] -= 1
            excess -= 1
        }
    }

    private func csv() throws -> String {
        var file = try CSVFile(header: columns)
        for row in rows { try file.append(values: row) }
        return file.string
    }

    private func json() throws -> String {
        let objects = rows.map { row in
            Dictionary(
                uniqueKeysWithValues: zip(columns, row).map { column, value -> (String, JSONCell) in
                    (column, JSONCell(value))
                })
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return VisibleText.inJSON(String(decoding: try encoder.encode(objects), as: UTF8.self)) + "\n"
    }

    private func markdown() -> String {
        // Whatever begins a construct of CommonMark inside a line (section 2.4) or HTML; `_` inside a word does not.
        func cell(_ text: String) -> String {
            VisibleText.of(text).reduce(into: "") { $0 += "\\|<&`[*~".contains($1) ? "\\\($1)" : String($1) }
        }
        func line(_ cells: [String]) -> String { "| " + cells.map(cell).joined(separator: " | ") + " |\n" }
        return line(columns) + line(columns.map { _ in "---" }) + rows.map { line($0.map(Self.plain)) }.joined()
    }
}
