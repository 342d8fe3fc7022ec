/// Finds where a line that holds several records has its next one, as `LineParser` does, but without a profile: for reading
/// a record's line again.
public struct RecordSplitter {
    private let scanner = JSONScanner(fields: [])
    private let slices = FieldSlices(count: 0)
    /// Of the envelopes that are no JSON those of which a line may hold several records.
    private let unwrapper: EnvelopeDecoder?

    /// - Parameter profile: the label of the profile that read the source.
    public init(profile: String) {
        // The outermost envelope is named last.
        let envelopes: [Envelope] = [.syslogFrames, .syslog, .syslogWithoutTag]
        unwrapper = envelopes.first { profile.hasSuffix(" in \($0.rawValue)") }.map { EnvelopeDecoder($0) }
    }

    /// Nil if the line is one record; 0 if it stands for another one as a whole.
    public mutating func rest(of line: RawSpan) -> Int? {
        line.withUnsafeBytes { bytes in
            if let unwrapper {
                _ = try? unwrapper.take(bytes, number: 1)
                return unwrapper.rest
            }
            guard bytes.first == UInt8(ascii: "{") else { return nil }
            return try? scanner.scanFirst(bytes, into: slices)
        }
    }
}
