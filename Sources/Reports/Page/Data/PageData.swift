import Foundation
import LogRecords

/// Numbers and texts for the page's own script, as compact JSON: each text stands once, and columns name it by its place.
struct PageData {
    private(set) var texts: [String] = []
    private var places: [ExactText: Int] = [:]

    /// The place of a text; -1: there is none.
    mutating func place(_ text: String?) -> Int {
        guard let text else { return -1 }
        if let place = places[ExactText(text)] { return place }
        places[ExactText(text)] = texts.count
        texts.append(text)
        return texts.count - 1
    }

    /// JSON that can stand inside a `script` element: no `<` is left that could end it (HTML, 4.12.1.3).
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var bytes: [UInt8] = []
        for byte in try encoder.encode(value) {
            if byte == UInt8(ascii: "<") { bytes.append(contentsOf: "\\u003c".utf8) } else { bytes.append(byte) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
