/// One of the line syntaxes, made ready for a profile's fields.
enum LineScanner {
    case json(JSONLines)
    case logfmt(LogfmtScanner)
    case pattern(PatternLines)
    case delimited(DelimitedScanner)

    /// - Returns: nil for `varnishlog`, whose records span many lines (see `VarnishTransactions`).
    init?(_ profile: Profile) {
        switch profile.syntax {
        case .json:
            self = .json(JSONLines(profile.jsonScanner ?? JSONScanner(fields: profile.scannedFields)))
        case .logfmt: self = .logfmt(LogfmtScanner(fields: profile.scannedFields))
        case .pattern(let patterns): self = .pattern(PatternLines(patterns))
        case .delimited(let separator, let isQuoted, let columns):
            self = .delimited(
                DelimitedScanner(
                    fields: profile.scannedFields, separator: separator, isQuoted: isQuoted,
                    columns: columns == nil ? .header : .fixed, names: columns ?? [], keepsForeignCells: !profile.isLog,
                    isOthers: ForeignColumns.rivals(of: profile)))
        case .w3c:
            self = .delimited(DelimitedScanner(w3c: profile.scannedFields))
        case .varnishlog: return nil
        }
    }

    /// Forgets what a source's header said of its lines.
    func beginSource() {
        if case .delimited(let scanner) = self { scanner.beginSource() }
    }

    /// - Returns: false for a line that the syntax itself says is no record.
    func scan(_ line: UnsafeRawBufferPointer, into slices: FieldSlices) throws(ScanFailure) -> Bool {
        slices.clear()
        switch self {
        case .json(let lines):
            try lines.scan(line, into: slices)
            return true
        case .logfmt(let scanner):
            try scanner.scan(line, into: slices)
            return true
        case .pattern(let lines):
            try lines.scan(line, into: slices)
            return true
        case .delimited(let scanner): return try scanner.scan(line, into: slices)
        }
    }
}

/// One class, so that a line costs one count of references.
final class JSONLines {
    private let scanner: JSONScanner
    private let shapes = JSONLayoutCache()

    init(_ scanner: JSONScanner) { self.scanner = scanner }

    func scan(_ line: UnsafeRawBufferPointer, into slices: FieldSlices) throws(ScanFailure) {
        if !shapes.match(line, into: slices) {
            slices.rest = try scanner.scanFirst(line, into: slices, noting: shapes) ?? -1
        }
    }
}
