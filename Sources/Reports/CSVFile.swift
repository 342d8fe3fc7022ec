import Foundation
import GRDB

/// A CSV file (RFC 4180: CRLF, quotes doubled, UTF-8) that is there whole or not at all.
///
/// A text cell that a spreadsheet would take as a formula (one that begins with `=`, `+`, `-`, `@`, a tab or a
/// carriage return) is written with an apostrophe before it, and so is one that begins with an apostrophe: to get a
/// cell's text back, take off one leading apostrophe. Numbers are written as they are.
struct CSVFile {
    private var text: [UInt8] = []

    init(header: [String]) { append(header.map(Self.cell)) }

    mutating func append(_ row: Row) { append(row.map { Self.cell($0.1) }) }
    mutating func append(values: [DatabaseValue]) { append(values.map { Self.cell($0) }) }

    mutating func append(texts: [String?]) { append(texts.map { $0.map(Self.cell) ?? "" }) }

    private mutating func append(_ cells: [String]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text.append(contentsOf: cell.utf8)
        }
        text.append(contentsOf: [0x0d, 0x0a])
    }

    var string: String { String(decoding: text, as: UTF8.self) }

    func write(to folder: URL, _ name: String) throws { try ReportFile.write(Data(text), to: folder, name) }

    static func cell(_ value: DatabaseValue) -> String {
        switch value.storage {
        case .null: ""
        case .int64(let number): String(number)
        case .double(let number): String(number)
        case .string(let text): cell(text)
        case .blob(let data): cell(data.map { String($0, radix: 16) }.joined())
        }
    }

    static func cell(_ text: String) -> String {
        var cell = text
        if let first = text.utf8.first, "=+-@\t\r'".utf8.contains(first) { cell = "'" + cell }
        guard
            cell.utf8.contains(where: {
                $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: ",") || $0 == 0x0a || $0 == 0x0d
            })
        else { return cell }
        return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }
}

/// A report's file on disk.
enum ReportFile {
    /// Writes to a temporary beside the file and renames it; readable by its owner alone, for it names people.
    static func write(_ data: Data, to folder: URL, _ name: String) throws {
        let file = folder.appending(path: name)
        do {
            try data.write(to: file, options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        } catch {
            throw ReportError.cannotWrite(path: file.path, reason: "\(error.localizedDescription)")
        }
    }
}
