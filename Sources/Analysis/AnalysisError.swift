/// Why a run cannot do what it was asked to.
public enum AnalysisError: Error, Sendable, CustomStringConvertible {
    /// No file of the dump gave a delivery.
    case noUsableData(roots: [String], unrecognized: Int)
    case cannotRead(path: String, reason: String)
    case interrupted
    case noSuchExposure(id: String, hint: String)

    public var description: String {
        switch self {
        case .noUsableData(let roots, let unrecognized):
            "\(roots.joined(separator: ", ")): no delivery in any file (\(unrecognized) not recognized); "
                + "see 'strayframe profiles' and try 'strayframe profiles test FILE'"
        case .cannotRead(let path, let reason): "\(path): \(reason)"
        case .interrupted: "interrupted"
        case .noSuchExposure(let id, let hint): "\(id): \(hint)"
        }
    }
}
