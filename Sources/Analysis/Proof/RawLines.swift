import LogBytes
import LogRecords

/// Reads single lines of a dump again.
public enum RawLines {
    /// The text of a line, and the SHA-256 of the whole file as it is now.
    ///
    /// - Parameter profile: by which it was read, for a line can hold several records.
    public static func read(
        line number: Int64, member: String?, of path: String, profile: String? = nil
    ) throws -> (text: String?, sha256: String) {
        let file = try LogFile(path: path, limits: .widest)
        var text: String?
        let outcome = file.forEachMember { entry in
            guard text == nil, entry.name == member else { return }
            var splitter = RecordSplitter(profile: profile ?? "")
            entry.forEachRecord { bytes, line in
                let rest = splitter.rest(of: bytes)
                guard line.number == UInt64(number) else { return rest.map { .rest(from: $0) } ?? .next }
                text = bytes.withUnsafeBytes {
                    VisibleText.of($0.prefix(rest.flatMap { $0 > 0 ? $0 : nil } ?? $0.count))
                }
                return .stop
            }
        }
        return (text, outcome.sha256)
    }
}
