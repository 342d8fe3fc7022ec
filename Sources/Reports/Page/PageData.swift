import Foundation

/// Numbers and texts for the page's own script, as compact JSON: each text stands once, and columns name it by its place.
struct PageData {
    private(set) var texts: [String] = []
    private var places: [String: Int] = [:]

    /// The place of a text; -1: there is none.
    mutating func place(_ text: String?) -> Int {
        guard let text else { return -1 }
        if let place = places[text] { return place }
        places[text] = texts.count
        texts.append(text)
        return texts.count - 1
    }

    /// JSON that can stand inside a `script` element: no `<` ends it (HTML, 4.12.1.3).
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self).replacing("<", with: "\\u003c")
    }
}
