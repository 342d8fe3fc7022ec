import CXlsxWriter
import Foundation
import GRDB

/// `tables.xlsx`: every table of the reports as a sheet, for people who open ids in a spreadsheet (ECMA-376, written by
/// libxlsxwriter).
///
/// A text is a cell of text in the format `@`, whatever it begins with: an id keeps its zeros and nothing becomes a formula or
/// a date. A time is a number of days in a format for times. What a sheet or a cell cannot hold is counted on the first sheet,
/// `about`: rows beyond 1,048,576, texts beyond 32,767 characters.
///
/// Rows go to the disk as they come, so that memory does not grow with them.
final class WorkbookFile {
    static let name = "tables.xlsx"
    /// How many rows a sheet has, its header among them; how many characters a cell (ECMA-376 as Excel has it).
    static let mostRows = 1_048_576
    static let mostCharacters = 32_767
    /// Up to here a 64-bit float holds every whole number.
    private static let mostExact: Int64 = 1 << 53

    /// What one sheet came to.
    struct Sheet: Equatable {
        let name: String
        var rows = 0
        /// Rows that the sheet has no room for.
        var left = 0
        /// Cells whose text was cut.
        var cut = 0
    }

    private let draft: AtomicFile
    private let path: String
    private var book: UnsafeMutablePointer<lxw_workbook>?
    private let about: UnsafeMutablePointer<lxw_worksheet>
    private let text: UnsafeMutablePointer<lxw_format>
    private let time: UnsafeMutablePointer<lxw_format>
    private let heading: UnsafeMutablePointer<lxw_format>
    private let limit: Int
    private(set) var sheets: [Sheet] = []

    /// - Parameter limit: how many rows a sheet has.
    /// - Throws: `ReportError.cannotWrite`.
    init(in folder: URL, limit: Int = WorkbookFile.mostRows) throws(ReportError) {
        let draft = try AtomicFile(in: folder, Self.name)
        self.draft = draft
        self.limit = limit
        path = draft.path
        // The rows wait beside the file, not in a folder that others may read.
        let book = folder.path.withCString { folder in
            var options = lxw_workbook_options(
                constant_memory: 1, tmpdir: UnsafeMutablePointer(mutating: folder), use_zip64: 1)
            return workbook_new_opt(draft.draft, &options)
        }
        guard let book, let about = workbook_add_worksheet(book, "about"), let text = workbook_add_format(book),
            let time = workbook_add_format(book), let heading = workbook_add_format(book)
        else { throw .cannotWrite(path: draft.path, reason: "no memory for a workbook") }
        (self.book, self.about, self.text, self.time, self.heading) = (book, about, text, time, heading)
        format_set_num_format(text, "@")
        format_set_num_format(time, "yyyy-mm-dd hh:mm:ss.000")
        format_set_bold(heading)
        // The same input gives the same bytes: 1 January 1980, as the entries of the archive have it.
        var properties = lxw_doc_properties()
        properties.created = 315_532_800
        workbook_set_properties(book, &properties)
    }

    deinit {
        if let book { lxw_workbook_free(book) }
    }

    /// Adds a sheet of what a query finds.
    ///
    /// - Throws: `ReportError.cannotWrite`, or what reading throws.
    func add(_ name: String, _ rows: RowCursor) throws {
        let columns = rows._statement.columnNames
        try add(name, columns) { put in
            while let row = try rows.next() { try put(row.map { $0.1.storage }) }
        }
    }

    /// Adds a sheet.
    ///
    /// - Parameter fill: is given what writes a row.
    func add(_ name: String, _ columns: [String], _ fill: (([DatabaseValue.Storage]) throws -> Void) throws -> Void)
        throws
    {
        guard let book, let sheet = workbook_add_worksheet(book, name) else { throw failure("no sheet \(name)") }
        var found = Sheet(name: name)
        let areTimes = columns.map(Self.isTime)
        for (index, column) in columns.enumerated() {
            let width = areTimes[index] ? 23.0 : Double(min(28, max(10, column.count + 2)))
            worksheet_set_column(sheet, UInt16(index), UInt16(index), width, nil)
        }
        for (index, column) in columns.enumerated() { try check(write(column, to: sheet, 0, index, heading, &found)) }
        worksheet_freeze_panes(sheet, 1, 0)
        try fill { cells in
            guard found.rows + 1 < limit else {
                found.left += 1
                return
            }
            found.rows += 1
            for (index, cell) in cells.enumerated() {
                try check(write(cell, isTime: areTimes[index], to: sheet, found.rows, index, &found))
            }
        }
        if found.rows > 0, !columns.isEmpty {
            worksheet_autofilter(sheet, 0, 0, UInt32(found.rows), UInt16(columns.count - 1))
        }
        sheets.append(found)
    }

    private func write(
        _ cell: DatabaseValue.Storage, isTime: Bool, to sheet: UnsafeMutablePointer<lxw_worksheet>, _ row: Int,
        _ column: Int, _ found: inout Sheet
    ) -> lxw_error {
        func number(_ value: Double, _ format: UnsafeMutablePointer<lxw_format>? = nil) -> lxw_error {
            worksheet_write_number(sheet, UInt32(row), UInt16(column), value, format)
        }
        switch cell {
        case .null: return LXW_NO_ERROR
        case .int64(let value) where value.magnitude <= Self.mostExact: return number(Double(value))
        case .double(let value) where value.isFinite: return number(value)
        case .int64(let value): return write(String(value), to: sheet, row, column, text, &found)
        case .double(let value): return write(String(value), to: sheet, row, column, text, &found)
        case .string(let string):
            if isTime, let days = Self.days(string) { return number(days, time) }
            return write(string, to: sheet, row, column, text, &found)
        case .blob(let data):
            return write(data.map { String($0, radix: 16) }.joined(), to: sheet, row, column, text, &found)
        }
    }

    private func write(
        _ string: String, to sheet: UnsafeMutablePointer<lxw_worksheet>, _ row: Int, _ column: Int,
        _ format: UnsafeMutablePointer<lxw_format>, _ found: inout Sheet
    ) -> lxw_error {
        let (cell, isCut) = Self.cell(string)
        if isCut { found.cut += 1 }
        return worksheet_write_string(sheet, UInt32(row), UInt16(column), cell, format)
    }

    /// A text as the file has it: what XML cannot hold, and what would be read as such an escape, by its number (ECMA-376
    /// Part 1, 22.9.2.19, ST_Xstring); cut to what a cell holds.
    static func cell(_ string: String) -> (text: String, isCut: Bool) {
        let isPlain = string.utf8.count <= mostCharacters && string.utf8.allSatisfy { 0x20..<0x7f ~= $0 && $0 != 0x5f }
        if isPlain { return (string, false) }
        var (text, length) = ("", 0)
        let scalars = Array(string.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            let piece = escaped(scalar, before: scalars[(index + 1)...].prefix(6))
            let wide = piece.utf16.count
            guard length + wide <= mostCharacters else { return (text, true) }
            text += piece
            length += wide
        }
        return (text, false)
    }

    private static func escaped(_ scalar: Unicode.Scalar, before rest: ArraySlice<Unicode.Scalar>) -> String {
        func escape(_ value: UInt32) -> String {
            let digits = String(value, radix: 16, uppercase: true)
            return "_x" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "_"
        }
        switch scalar.value {
        case 0x09, 0x0a: return String(scalar)
        case 0..<0x20, 0x7f, 0xfffe, 0xffff: return escape(scalar.value)
        case 0x5f:
            let rest = Array(rest)
            let isEscape =
                rest.count == 6 && rest[0] == "x" && rest[5] == "_"
                && rest[1...4].allSatisfy { $0.properties.isASCIIHexDigit }
            return isEscape ? escape(0x5f) : "_"
        default: return String(scalar)
        }
    }

    private static let times: Set = [
        "time", "datetime", "since", "until", "from", "strayed", "last_exposure", "open_from", "open_until",
    ]

    /// Whether a column holds times.
    static func isTime(_ column: String) -> Bool { times.contains(column) || column.hasSuffix("_time") }

    /// A time as a spreadsheet counts: days since the end of 1899, in UTC. Nil if it is none of those that every spreadsheet
    /// counts alike: from March 1900 on, for some hold that year for a leap year.
    ///
    /// - Parameter text: as the reports have times: `2019-12-26T11:52:06.242211Z`, or with `+00:00`.
    static func days(_ text: String) -> Double? {
        guard
            let parts = text.wholeMatch(
                of: /([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{6})(?:Z|\+00:00)/)
        else { return nil }
        let numbers = [parts.1, parts.2, parts.3, parts.4, parts.5, parts.6, parts.7].compactMap { Int($0) }
        guard numbers.count == 7, 1...12 ~= numbers[1], 1...31 ~= numbers[2] else { return nil }
        // Days of the civil calendar, counted in years that begin in March.
        let year = numbers[1] > 2 ? numbers[0] : numbers[0] - 1
        let month = (numbers[1] + 9) % 12
        let sinceYear0 = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + numbers[2] - 1
        let day = sinceYear0 - 693_899
        guard day >= 61 else { return nil }
        let seconds = (numbers[3] * 60 + numbers[4]) * 60 + numbers[5]
        return Double(day) + (Double(seconds) * 1e6 + Double(numbers[6])) / 86_400e6
    }

    /// Writes the first sheet and gives the file its name.
    ///
    /// - Throws: `ReportError.cannotWrite`.
    func finish() throws {
        var none = Sheet(name: "about")
        let columns = ["sheet", "rows", "rows_left_out", "texts_cut"]
        for (index, column) in columns.enumerated() {
            worksheet_set_column(about, UInt16(index), UInt16(index), 24, nil)
            try check(write(column, to: about, 0, index, heading, &none))
        }
        for (index, sheet) in sheets.enumerated() {
            try check(write(sheet.name, to: about, index + 1, 0, text, &none))
            for (column, count) in [sheet.rows, sheet.left, sheet.cut].enumerated() {
                try check(
                    worksheet_write_number(about, UInt32(index + 1), UInt16(column + 1), Double(count), nil))
            }
        }
        var row = sheets.count + 2
        for line in Self.remarks(sheets) + ["The other formats hold every row and text (Docs/Reports.md)."] {
            try check(write(line, to: about, row, 0, text, &none))
            row += 1
        }
        guard let book else { throw failure("was closed before") }
        self.book = nil
        let error = workbook_close(book)
        if error != LXW_NO_ERROR { throw failure(String(cString: lxw_strerror(error))) }
        try draft.finish(Data())
    }

    /// What the sheets could not hold, a sentence each.
    static func remarks(_ sheets: [Sheet]) -> [String] {
        sheets.flatMap { sheet in
            [
                sheet.left > 0
                    ? "\(sheet.name): \(Wording.count(sheet.left, "row")) beyond the \(Wording.number(sheet.rows)) that a sheet has room for, not in this file"
                    : nil,
                sheet.cut > 0
                    ? "\(sheet.name): \(Wording.count(sheet.cut, "text")) cut to \(Wording.number(mostCharacters)) characters, as a cell has room for no more"
                    : nil,
            ].compactMap(\.self)
        }
    }

    private func check(_ error: lxw_error) throws(ReportError) {
        if error != LXW_NO_ERROR { throw failure(String(cString: lxw_strerror(error))) }
    }

    private func failure(_ reason: String) -> ReportError { .cannotWrite(path: path, reason: reason) }
}
