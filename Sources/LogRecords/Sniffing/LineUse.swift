// What lines are good for, to tell whose file they are.
extension LineParser {
    /// Whether the line read last is of a table that has what it must.
    private var isTableRow: Bool { isTable || !profile.isLog && !hasColumns && hasRequiredFields }

    enum Use {
        case record
        /// A header or a directive, which is not against a profile whose columns are there, but alone not for it.
        case header
    }

    /// What came of a source's next line, and what it is good for; nil: nothing.
    mutating func tryLine(
        _ line: UnsafeRawBufferPointer, _ id: EventID, into batch: inout RecordBatch
    ) -> (outcome: LineOutcome, use: Use?) {
        let outcome = read(line.bytes, id: id, into: &batch)
        switch outcome {
        case .accepted where hasRequiredFields, .ignored where hasRequiredFields: return (outcome, .record)
        case .ignored where hasRequiredColumns: return (outcome, .header)
        // A table whose header names what it must have is one, however its times are written.
        case .rejected(.badTime, _) where isTableRow, .rejected(.emptyInterval, _) where isTableRow,
            .rejected(.severalValues, _) where isTableRow:
            return (outcome, .record)
        default: return (outcome, nil)
        }
    }

    /// What a source's next line is good for, whose names nobody needs.
    mutating func use(
        of line: UnsafeRawBufferPointer, _ id: EventID, into batch: inout RecordBatch
    ) -> Use? {
        defer { forgetNames() }
        return tryLine(line, id, into: &batch).use
    }

    /// How many of a source's lines are records.
    mutating func records(_ lines: [[UInt8]]) -> Int {
        var batch = RecordBatch()
        var count = 0
        for (number, line) in lines.enumerated() {
            let id = EventID(source: 1, line: Int64(number + 1))
            if line.withUnsafeBytes({ use(of: $0, id, into: &batch) }) == .record { count += 1 }
            batch.removeAll()
        }
        return count
    }

    /// How many of a source's first lines it can use, if at least half.
    mutating func fit(_ lines: [[UInt8]]) -> Int? {
        var batch = RecordBatch()
        var usable = 0
        var headers = 0
        for (number, line) in lines.enumerated() {
            switch line.withUnsafeBytes({ use(of: $0, EventID(source: 1, line: Int64(number + 1)), into: &batch) }) {
            case .record: usable += 1
            case .header: headers += 1
            case nil: break
            }
        }
        let fit = usable + headers
        return fit * 2 >= lines.count && (usable > 0 || fit == lines.count) ? fit : nil
    }
}
