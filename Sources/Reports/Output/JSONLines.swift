import Foundation
import GRDB

/// A file of JSON objects, one a line. What a row does not have (NULL) is left out, as importers want it.
struct JSONLines {
    /// What is not in the draft yet.
    private var text: [UInt8] = []
    private let draft: AtomicFile
    private let encoder = JSONEncoder()

    init(into draft: AtomicFile) {
        self.draft = draft
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    mutating func append(_ row: Row) throws {
        let values = row.filter { !$0.1.isNull }.map { ($0.0, JSONCell($0.1)) }
        text += try encoder.encode(Dictionary(uniqueKeysWithValues: values)) + Data("\n".utf8)
        try draft.take(&text)
    }

    /// - Throws: `ReportError.cannotWrite`.
    func finish() throws { try draft.finish(text) }
}
