/// Why a report cannot be written.
public enum ReportError: Error, Sendable, CustomStringConvertible {
    case cannotWrite(path: String, reason: String)
    case cannotRead(path: String, reason: String)
    case cannotReadBack(path: String, reason: String)
    case notAKey(path: String, reason: String)
    case noShell(reason: String)
    case notAManifest(path: String, reason: String)
    case noSuchQuery(name: String, nearest: String?)
    case noSuchParameter(name: String, query: String, known: [String])
    case notANumber(parameter: String, value: String)
    case missingParameter(name: String, query: String)
    /// The value of a parameter that names something is in no line and no table.
    case noSuchValue(parameter: String, value: String, nearest: String?)
    /// A folder that files shall go to has others, some of them by name; `option` would have them written all the same.
    case foreignFiles(folder: String, names: [String], count: Int, option: String?)
    /// The correlation's conclusion of this name is absent or no number.
    case noFigure(name: String, value: String?)
    /// Drafts in a folder were made of another case.
    case otherCase(folder: String)

    public var description: String {
        switch self {
        case .cannotWrite(let path, let reason): "\(path): cannot write: \(reason); check the folder and the free space"
        case .cannotRead(let path, let reason): "\(path): cannot be read: \(reason)"
        case .cannotReadBack(let path, let reason):
            "\(path): was written but cannot be read back: \(reason); check the disk and write the reports again"
        case .notAKey(let path, let reason):
            "\(path): \(reason); 'openssl genpkey -algorithm ed25519 -out key.pem' makes a key, 'openssl pkey -in key.pem -pubout' prints its public half"
        case .noShell(let reason):
            "sqlite3 cannot be started: \(reason); install it (Debian: apt install sqlite3), or use 'strayframe query'"
        case .notAManifest(let path, let reason):
            "\(path): is not a manifest of reports: \(reason); give the manifest.json of a report folder"
        case .noSuchQuery(let name, let nearest):
            "no query '\(name)'; " + (nearest.map { "did you mean '\($0)'? " } ?? "") + "'strayframe query' lists them"
        case .missingParameter(let name, let query):
            "query \(query) needs a parameter: --param \(name)=VALUE"
        case .noSuchValue(let parameter, let value, let nearest):
            "--param \(parameter)=\(value): this case has no such \(parameter), in no line and no table"
                + (nearest.map { "; did you mean '\($0)'?" }
                    ?? "; check the spelling, upper and lower case and leading zeros")
        case .noFigure(let name, let value):
            "the case has "
                + (value.map { "'\($0)', which is no number, for its figure '\(name)'" } ?? "no figure '\(name)'")
                + "; 'strayframe correlate' counts anew"
        case .foreignFiles(let folder, let names, let count, let option):
            "\(folder): holds \(count == 1 ? "a file" : "\(count) files") that this command did not write (\(names.joined(separator: ", "))\(names.count < count ? ", …" : "")) and was left as it is; give another folder"
                + (option.map { ", or \($0) to write there all the same" } ?? "")
        case .otherCase(let folder):
            "\(folder): holds drafts of another case and was left as it is; give another folder with --out"
        case .notANumber(let parameter, let value):
            "parameter \(parameter) is a number, not '\(value)'"
        case .noSuchParameter(let name, let query, let known):
            "query \(query) has no parameter '\(name)'"
                + (known.nearest(to: name).map { "; did you mean '\($0)'?" } ?? "")
                + (known.isEmpty ? "; it takes none" : "; it takes \(known.joined(separator: ", "))")
        }
    }
}
