import Foundation
import GRDB

/// A file of JSON objects, one a line, that is there whole or not at all. What a row does not have (NULL) is left out, as
/// importers want it.
struct JSONLines {
    private var text = Data()
    private let encoder = JSONEncoder()

    init() { encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes] }

    mutating func append(_ row: Row) throws {
        let values = row.filter { !$0.1.isNull }.map { ($0.0, JSONCell($0.1)) }
        text += try encoder.encode(Dictionary(uniqueKeysWithValues: values)) + Data("\n".utf8)
    }

    func write(to folder: URL, _ name: String) throws { try ReportFile.write(text, to: folder, name) }
}
