/// Finds where a line that holds several records has its next one, as `LineParser` does, but without a profile: for reading
/// a record's line again.
public struct RecordSplitter {
    private let scanner = JSONScanner(fields: [])
    private let slices = FieldSlices(count: 0)
    private let isFramed: Bool
    private var frame = SyslogFrame()

    /// - Parameter profile: the label of the profile that read the source.
    public init(profile: String) {
        // The outermost envelope is named last.
        isFramed = profile.hasSuffix(" in \(Envelope.syslogFrames.rawValue)")
    }

    /// Nil if the line is one record.
    public mutating func rest(of line: RawSpan) -> Int? {
        line.withUnsafeBytes { bytes in
            if isFramed { return (try? frame.take(bytes, number: 1))?.rest }
            guard bytes.first == UInt8(ascii: "{") else { return nil }
            return try? scanner.scanFirst(bytes, into: slices)
        }
    }
}
