import LogBytes
public import LogRecords

/// A profile drafted from the first lines of a file: of the first member with lines, if it is an archive.
public struct FileDraft {
    /// Nil if nothing could be made of the lines.
    public private(set) var draft: ProfileDraft?
    /// The profile that reads the file already.
    public private(set) var fitting: Profile?

    /// Enough has been read.
    private struct Enough: Error {}

    /// - Throws: `LogBytesError` if the file cannot be opened, `AnalysisError.cannotRead` if it has no line, `ProfileProblem`.
    public init(of path: String, name: String, library: ProfileLibrary) throws {
        let file = try LogFile(path: path)
        var isEmpty = true
        do {
            let outcome = try file.forEachMember { member in
                try member.peek { bytes in
                    guard bytes.byteCount > 0 else { return }
                    isEmpty = false
                    fitting = library.recognize(bytes)
                    draft = try ProfileDraft(of: bytes, name: name)
                    // The rest of a large file need not be read for it.
                    throw Enough()
                }
            }
            if isEmpty {
                let damage = outcome.damage ?? outcome.members.lazy.compactMap(\.damage).first
                throw AnalysisError.cannotRead(path: path, reason: damage.map { "\($0)" } ?? "has no line")
            }
        } catch is Enough {
            return
        }
    }
}
