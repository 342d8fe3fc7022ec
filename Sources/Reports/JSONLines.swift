import Foundation
import GRDB

/// The text of a file of JSON objects, one a line. What a row does not have (NULL) is left out, as importers want it.
struct JSONLines {
    /// What a ``ReportDraft`` has not taken.
    var text: [UInt8] = []
    private let encoder = JSONEncoder()

    init() { encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes] }

    mutating func append(_ row: Row) throws {
        let values = row.filter { !$0.1.isNull }.map { ($0.0, JSONCell($0.1)) }
        text += try encoder.encode(Dictionary(uniqueKeysWithValues: values)) + Data("\n".utf8)
    }
}
