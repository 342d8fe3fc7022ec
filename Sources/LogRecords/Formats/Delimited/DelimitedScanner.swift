import Interning

/// Reads lines whose values stand between a separator: CSV (RFC 4180), tab- or blank-separated values, and W3C extended
/// logs.
///
/// A CSV whose first line names the columns may separate them by `;` or tabs instead of commas, as spreadsheets do where
/// the comma is the decimal mark; a line `sep=;` before it says so too.
///
/// The columns' names come from the profile, from the first line (`header`), or from a `#Fields:` line, which may
/// come again with other columns. A W3C log's line with a tab is split by tabs, any other by blanks: CloudFront
/// separates names by blanks and values by tabs.
final class DelimitedScanner {
    enum Columns {
        case fixed
        case header
        case w3c
    }

    private var separator: UInt8
    /// The profile's.
    private let ownSeparator: UInt8
    private var isQuoted: Bool
    /// Whether a line may have more columns than are named (`...` behind the last name).
    private let allowsMore: Bool
    private let source: Columns
    private let wanted: [String]
    /// The field number of each column; -1 for one nobody wants. Nil until the columns are known.
    private var fieldOfColumn: [Int]?
    /// The columns that the file names and nobody wants: where they stand, and their names.
    private(set) var foreignColumns: [(place: Int, name: String)] = []
    /// What they hold on the line read last, by their index.
    private(set) var foreignCells: [(column: Int, range: Range<Int>)] = []
    private let keepsForeignCells: Bool
    /// Lines before the header that were passed over.
    private var titles = 0
    private static let mostTitles = 5
    /// Fields that the file names more than one column for.
    private var doubled: Set<Int> = []
    /// Of these, the ones whose columns held different values on some line.
    private(set) var everDiffering: Set<Int> = []
    /// And on the line read last.
    private(set) var differing: [Int] = []
    /// Whether blanks stand around the header's names, and so are none of the values either.
    private var hasLooseHeader = false
    /// Whether a W3C log's line with the columns' names separates them by commas.
    private var hasCommas = false
    /// Says of a file's header whether it is another table's.
    private let isOthers: @Sendable ([String]) -> Bool

    /// - Parameters:
    ///   - keepsForeignCells: whether `foreignCells` are asked for.
    ///   - isOthers: gets the names in a header that nobody wants; whether they say that the file is another table.
    init(
        fields: [String], separator: UInt8, isQuoted: Bool, columns: Columns, names: [String] = [],
        keepsForeignCells: Bool = false, isOthers: @escaping @Sendable ([String]) -> Bool = { _ in false }
    ) {
        wanted = fields
        self.isOthers = isOthers
        self.keepsForeignCells = keepsForeignCells
        self.separator = separator
        ownSeparator = separator
        self.isQuoted = isQuoted
        source = columns
        allowsMore = names.last == "..."
        if columns == .fixed {
            fieldOfColumn = (allowsMore ? names.dropLast() : names).map { fields.firstIndex(of: $0) ?? -1 }
        }
    }

    convenience init(w3c fields: [String]) {
        self.init(fields: fields, separator: 0x09, isQuoted: false, columns: .w3c)
    }

    /// Forgets the columns that a file named.
    func beginSource() {
        guard source != .fixed else { return }
        (fieldOfColumn, hasCommas) = (nil, false)
        (foreignColumns, foreignCells, hasLooseHeader, titles) = ([], [], false, 0)
        (doubled, everDiffering, differing) = ([], [], [])
        if source == .header { separator = ownSeparator }
    }

    /// Whether a quoted value may go on behind the end of a line (RFC 4180 section 2, rule 6): in a table that names its
    /// columns. A server's log line is a line.
    var spansLines: Bool { isQuoted && source == .header && fieldOfColumn != nil }

    /// The columns that the file named, as field numbers; for recognising a profile by its header.
    var knownFields: Set<Int> { Set((fieldOfColumn ?? []).filter { $0 >= 0 }) }

    /// - Returns: false for a line that is no record: a header or a directive.
    func scan(_ line: UnsafeRawBufferPointer, into slices: FieldSlices) throws(ScanFailure) -> Bool {
        if source == .w3c, line.first == UInt8(ascii: "#") {
            let prefix = "#Fields:"
            if line.starts(with: prefix.utf8) {
                // CloudFront delivers its newer logs with commas too, if asked to.
                let directive = line.dropFirst(prefix.utf8.count)
                hasCommas = directive.contains(UInt8(ascii: ","))
                let names = String(decoding: directive, as: UTF8.self).split {
                    $0 == " " || $0 == "\t" || $0 == ","
                }
                fieldOfColumn = names.map { wanted.firstIndex(of: String($0)) ?? -1 }
            }
            return false
        }
        guard let fieldOfColumn else {
            guard source == .header else { throw ScanFailure(reason: .noColumns, offset: 0) }
            return try readHeader(line)
        }
        if source == .w3c {
            separator = hasCommas ? UInt8(ascii: ",") : Bytes.index(of: 0x09, in: line) == nil ? 0x20 : 0x09
            isQuoted = separator != 0x09
        }
        var column = 0
        var offset = 0
        let keepsForeignCells = keepsForeignCells && !foreignColumns.isEmpty
        if keepsForeignCells { foreignCells.removeAll(keepingCapacity: true) }
        if !doubled.isEmpty { differing = [] }
        while true {
            var value = try value(line, from: offset)
            if hasLooseHeader { value.range = Self.trimmed(value.range, line) }
            if keepsForeignCells { keep(value.range, ofColumn: column) }
            if column < fieldOfColumn.count, fieldOfColumn[column] >= 0 {
                if !doubled.isEmpty { compare(value.range, fieldOfColumn[column], line, slices) }
                slices.set(
                    fieldOfColumn[column], start: value.range.lowerBound, end: value.range.upperBound,
                    escape: value.escape)
            }
            column += 1
            if value.end >= line.count { break }
            offset = value.end + 1
            if offset == line.count {
                // A blank at the end of a W3C log's line is no value.
                if !doubled.isEmpty, column < fieldOfColumn.count {
                    compare(offset..<offset, fieldOfColumn[column], line, slices)
                }
                if keepsForeignCells { keep(offset..<offset, ofColumn: column) }
                if source != .w3c || column < fieldOfColumn.count { column += 1 }
                break
            }
        }
        if column < fieldOfColumn.count || (column > fieldOfColumn.count && !mayHave(column, of: fieldOfColumn.count)) {
            throw ScanFailure(reason: .columnCount, offset: min(offset, line.count))
        }
        return true
    }

    /// Keeps a cell if nobody wants its column.
    private func keep(_ range: Range<Int>, ofColumn place: Int) {
        guard let column = foreignColumns.firstIndex(where: { $0.place == place }) else { return }
        foreignCells.append((column, range))
    }

    /// Whether a line may have so many columns: of as many as two lines have, a line feed was lost between them.
    private func mayHave(_ columns: Int, of known: Int) -> Bool {
        allowsMore && (known < Self.leastOfRecord || columns < 2 * known - 1)
    }

    /// Of fewer columns, twice as many may be one line's.
    private static let leastOfRecord = 8

    private func readHeader(_ line: UnsafeRawBufferPointer) throws(ScanFailure) -> Bool {
        if ownSeparator == UInt8(ascii: ",") {
            if line.count == 5, line.starts(with: "sep=".utf8) {
                separator = line[4]
                return false
            }
            if separator == ownSeparator, Bytes.index(of: separator, in: line) == nil {
                separator = [UInt8(ascii: ";"), 0x09].first { Bytes.index(of: $0, in: line) != nil } ?? separator
            }
        }
        let names = try columnNames(line)
        let columns = names.map { wanted.firstIndex(of: $0.lowercased()) ?? -1 }
        let fields = columns.filter { $0 >= 0 }
        // A comment or a title above the table.
        if fields.isEmpty, titles < Self.mostTitles, names.count == 1 || line.first == UInt8(ascii: "#") {
            titles += 1
            separator = ownSeparator
            // It may also be the header itself, misspelt.
            foreignColumns = names.enumerated().map { ($0.offset, $0.element) }
            return false
        }
        fieldOfColumn = columns
        doubled = Set(fields.filter { field in fields.count { $0 == field } > 1 })
        foreignColumns = names.enumerated().filter { columns[$0.offset] < 0 }.map { ($0.offset, $0.element) }
        // No line then has as many columns as the header.
        if isOthers(foreignColumns.map(\.name)) { fieldOfColumn = [] }
        return false
    }

    /// Takes note of another value in a column that came before by the same name.
    private func compare(_ range: Range<Int>, _ field: Int, _ line: UnsafeRawBufferPointer, _ slices: FieldSlices) {
        guard doubled.contains(field), let before = slices.place(field), !line[before].elementsEqual(line[range]) else {
            return
        }
        differing.append(field)
        everDiffering.insert(field)
    }

    private static func trimmed(_ range: Range<Int>, _ line: UnsafeRawBufferPointer) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, line[start] == 0x20 { start += 1 }
        while end > start, line[end - 1] == 0x20 { end -= 1 }
        return start..<end
    }

    /// The names in a header, without the blanks around them.
    private func columnNames(_ line: UnsafeRawBufferPointer) throws(ScanFailure) -> [String] {
        var names: [String] = []
        var offset = line.starts(with: "\u{feff}".utf8) ? "\u{feff}".utf8.count : 0
        while true {
            while offset < line.count, line[offset] == 0x20, separator != 0x20 {
                offset += 1
                hasLooseHeader = true
            }
            let value = try value(line, from: offset)
            var name: [UInt8] = []
            value.escape.decode(UnsafeRawBufferPointer(rebasing: line[value.range]), into: &name)
            while name.last == 0x20 {
                name.removeLast()
                hasLooseHeader = true
            }
            names.append(String(decoding: name, as: UTF8.self))
            if value.end >= line.count { return names }
            offset = value.end + 1
        }
    }

    /// The value that begins at `start`, and the offset of the separator behind it (or the line's end).
    @inline(__always)
    private func value(
        _ line: UnsafeRawBufferPointer, from start: Int
    ) throws(ScanFailure) -> (range: Range<Int>, end: Int, escape: FieldSlices.Escape) {
        var offset = start
        guard isQuoted, offset < line.count, line[offset] == UInt8(ascii: "\"") else {
            let end = Bytes.index(of: separator, in: line, from: offset) ?? line.count
            return (start..<end, end, .none)
        }
        offset += 1
        var escape = FieldSlices.Escape.none
        while offset < line.count {
            if line[offset] == UInt8(ascii: "\"") {
                if offset + 1 < line.count, line[offset + 1] == UInt8(ascii: "\"") {
                    escape = .doubledQuotes
                    offset += 2
                    continue
                }
                guard offset + 1 == line.count || line[offset + 1] == separator else { break }
                return ((start + 1)..<offset, offset + 1, escape)
            }
            offset += 1
        }
        throw ScanFailure(reason: .openQuote, offset: start)
    }
}
