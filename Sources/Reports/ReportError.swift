/// Why a report cannot be written.
public enum ReportError: Error, Sendable, CustomStringConvertible {
    case cannotWrite(path: String, reason: String)
    case cannotRead(path: String, reason: String)
    case cannotReadBack(path: String, reason: String)
    case notEmpty(path: String)
    case notAKey(path: String, reason: String)
    case noShell(reason: String)
    case notAManifest(path: String, reason: String)
    case noSuchQuery(name: String, nearest: String?)
    case noSuchParameter(name: String, query: String, known: [String])
    case notANumber(parameter: String, value: String)

    public var description: String {
        switch self {
        case .cannotWrite(let path, let reason): "\(path): cannot write: \(reason); check the folder and the free space"
        case .notEmpty(let path):
            "\(path): is not empty; give another folder, or take away what is there, so that no notice of an earlier case stays"
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
        case .notANumber(let parameter, let value):
            "parameter \(parameter) is a number, not '\(value)'"
        case .noSuchParameter(let name, let query, let known):
            "query \(query) has no parameter '\(name)'"
                + (known.nearest(to: name).map { "; did you mean '\($0)'?" } ?? "")
                + (known.isEmpty ? "; it takes none" : "; it takes \(known.joined(separator: ", "))")
        }
    }
}
