/// What can be wrong with a case file.
public enum CaseFileError: Error, Sendable, CustomStringConvertible {
    /// The file exists and is not a case of this product; it has not been touched.
    case notACase(path: String)
    /// The case was written by a later version.
    case tooNew(path: String, version: Int)
    case noSuchCase(path: String)
    case cannotCreate(path: String, reason: String)
    /// The operating system refuses to read or write it: a full disk, a folder that is read-only, a failing medium.
    case cannotUse(path: String, reason: String)
    /// Another process is writing to it.
    case locked(path: String)
    /// Something else than this program has changed it.
    case edited(path: String, what: String)
    /// The case was written by an earlier version.
    case tooOld(path: String, version: Int)
    case damaged(path: String, what: String)
    /// Files that a case of an earlier version was read from are not where they were, or no longer what they were.
    case cannotMigrate(path: String, version: Int, missing: [String])
    /// What the journal of a case of an earlier version has cannot be run again.
    case cannotReplay(path: String, reason: String)
    /// No correlation has judged all that is in the case.
    case notCorrelated(path: String)
    /// A copy without names is for reading.
    case pseudonymized(path: String)
    /// A tag or a note cannot be kept, or what it is about is not in the case.
    case cannotAnnotate(path: String, reason: String)
    /// The file of a key for pseudonyms is none.
    case notAKey(path: String, reason: String)

    public var description: String {
        switch self {
        case .notACase(let path):
            "\(path): is not a strayframe case file and was left as it is; name another file with --case"
        case .tooNew(let path, let version):
            "\(path): was written by a later strayframe (schema \(version)); use that version"
        case .noSuchCase(let path):
            "\(path): no such case file; 'strayframe ingest' or 'strayframe analyze' makes one"
        case .cannotCreate(let path, let reason):
            "\(path): cannot create the case file: \(reason)"
        case .cannotUse(let path, let reason):
            "\(path): cannot read or write the case file: \(reason); make room, or check the disk and the permissions of the file and its folder"
        case .locked(let path):
            "\(path): another process is writing to this case; wait for it or name another file"
        case .edited(let path, let what):
            "\(path): the case was changed by something else: \(what); see 'strayframe verify', and ingest the dump again into a new case"
        case .tooOld(let path, let version):
            "\(path): was written by an earlier strayframe (schema \(version)); 'strayframe migrate --case \(path)' brings it to this version, from the logs where they lie"
        case .notCorrelated(let path):
            "\(path): not correlated since the last ingest; run 'strayframe correlate --case \(path)' first"
        case .pseudonymized(let path):
            "\(path): is a copy with pseudonyms, which is only read; work on the case that it was made from"
        case .cannotAnnotate(let path, let reason): "\(path): nothing was annotated: \(reason)"
        case .notAKey(let path, let reason):
            "\(path): is no key for pseudonyms: \(reason); 'openssl rand -hex 32 >key' makes one"
        case .cannotMigrate(let path, let version, let missing):
            "\(path): was written by an earlier strayframe (schema \(version)) and was left as it is: \(missing.count) of its files are not where they were, or have changed (\(missing.prefix(4).joined(separator: ", "))\(missing.count > 4 ? ", …" : "")); put them back, or ingest the dump into a new case"
        case .cannotReplay(let path, let reason):
            "\(path): was left as it is, for a run that its journal has cannot be repeated: \(reason); ingest the dump into a new case"
        case .damaged(let path, let what):
            "\(path): the case file is damaged: \(what); ingest the dump again into a new case"
        }
    }
}
