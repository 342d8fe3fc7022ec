import LogBytes
public import LogRecords

/// A profile drafted from the first lines of a file: of the first member with lines, if it is an archive.
public struct FileDraft {
    /// Nil if nothing could be made of the lines.
    public private(set) var draft: ProfileDraft?
    /// The profile that reads the file already.
    public private(set) var fitting: Profile?
    /// Whether the file has no line at all.
    public private(set) var isEmpty = true

    /// Enough has been read.
    private struct Enough: Error {}

    /// - Parameters:
    ///   - wanted: how many lines to look at; at least one.
    ///   - timeFormat: how time stamps are written, in strptime's words.
    /// - Throws: `LogBytesError` if the file cannot be opened, `AnalysisError.cannotRead` if damage is before its first line,
    ///   `ProfileProblem`.
    public init(of path: String, name: String, library: ProfileLibrary, lines wanted: Int, timeFormat: String? = nil)
        throws
    {
        let file = try LogFile(path: path)
        do {
            let outcome = try file.forEachMember { member in
                guard member.peek({ $0.byteCount > 0 }) else { return }
                isEmpty = false
                fitting = member.peek { library.recognize($0) }
                var lines: [[UInt8]] = []
                member.forEachLine { bytes, _ in
                    // Of a line that is too long to be drafted from, so much that it is still seen to be.
                    lines.append(bytes.withUnsafeBytes { Array($0.prefix(1 << 17)) })
                    return lines.count < wanted
                }
                draft = try ProfileDraft(of: lines, name: name, timeFormat: timeFormat)
                // The rest of a large file need not be read for it.
                throw Enough()
            }
            if let damage = outcome.damage ?? outcome.members.lazy.compactMap(\.damage).first {
                throw AnalysisError.cannotRead(path: path, reason: "\(damage)")
            }
        } catch is Enough {
            return
        }
    }
}
