import Foundation
import GRDB

/// The text of a CSV file (RFC 4180: CRLF, quotes doubled, UTF-8).
///
/// A text cell that a spreadsheet would take as a formula (one that begins with `=`, `+`, `-`, `@`, also full-width as in
/// East Asian texts, a tab, a line feed or a carriage return: owasp.org, "CSV Injection") is written with an apostrophe
/// before it, and so is one that begins with an apostrophe: to get a cell's text back, take off one leading apostrophe.
/// Numbers are written as they are.
struct CSVFile {
    /// What is not in the draft yet; all of it if there is none.
    private var text: [UInt8] = []
    private let draft: AtomicFile?
    /// What a cell must be quoted for.
    private static let quoted = Array("\",\r\n".utf8)
    /// What a formula, or a defused cell, begins with.
    private static let beginnings = Array("=+-@\t\n\r'".utf8)

    /// Whether a cell begins with `＝`, `＋`, `－` or `＠`, U+FF1D, FF0B, FF0D, FF20.
    private static func isFullWidth(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
        cell.count >= 3 && cell[0] == 0xEF && cell[1] == 0xBC && [0x9D, 0x8B, 0x8D, 0xA0].contains(cell[2])
    }

    /// - Parameter draft: takes the rows as they come; without one they are the ``string``.
    /// - Throws: `ReportError.cannotWrite`, as `append` does; neither does without a draft.
    init(header: [String], into draft: AtomicFile? = nil) throws {
        self.draft = draft
        try append(texts: header)
    }

    mutating func append(_ row: Row) throws {
        for (index, (_, value)) in row.enumerated() { append(value, isFirst: index == 0) }
        try endRow()
    }

    mutating func append(values: [DatabaseValue]) throws {
        for (index, value) in values.enumerated() { append(value, isFirst: index == 0) }
        try endRow()
    }

    mutating func append(texts: [String?]) throws {
        for (index, text) in texts.enumerated() {
            if index > 0 { self.text.append(UInt8(ascii: ",")) }
            if let text { append(text) }
        }
        try endRow()
    }

    private mutating func endRow() throws {
        text.append(contentsOf: [0x0d, 0x0a])
        try draft?.take(&text)
    }

    private mutating func append(_ value: DatabaseValue, isFirst: Bool) {
        if !isFirst { text.append(UInt8(ascii: ",")) }
        switch value.storage {
        case .null: break
        case .int64(let number): text.append(contentsOf: String(number).utf8)
        case .double(let number): text.append(contentsOf: String(number).utf8)
        case .string(let string): append(string)
        case .blob(let data): append(data.map { String($0, radix: 16) }.joined())
        }
    }

    private mutating func append(_ string: String) {
        var string = string
        string.withUTF8 { cell in
            let isFormula = cell.first.map { Self.beginnings.contains($0) } ?? false || Self.isFullWidth(cell)
            let isQuoted = cell.contains { Self.quoted.contains($0) }
            if isQuoted { text.append(UInt8(ascii: "\"")) }
            if isFormula { text.append(UInt8(ascii: "'")) }
            if isQuoted {
                for byte in cell {
                    if byte == UInt8(ascii: "\"") { text.append(byte) }
                    text.append(byte)
                }
                text.append(UInt8(ascii: "\""))
            } else {
                text.append(contentsOf: cell)
            }
        }
    }

    var string: String { String(decoding: text, as: UTF8.self) }

    /// - Throws: `ReportError.cannotWrite`.
    func finish() throws { try draft?.finish(text) }
}
