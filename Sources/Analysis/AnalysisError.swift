/// Why a run cannot do what it was asked to.
public enum AnalysisError: Error, Sendable, CustomStringConvertible {
    /// No file of the dump gave a delivery.
    case noUsableData(roots: [String], unrecognized: Int)
    /// A profile or log format that was given is that of no file; `stop` says where it stopped fitting.
    case formatFitsNothing(format: String, stop: String)
    case cannotRead(path: String, reason: String)
    case interrupted
    /// The last ingest of a case did not come to its end.
    case unfinishedIngest(path: String)
    case noSuchExposure(id: String, hint: String)
    /// A line that a stage of a job wrote is not what the next one expects.
    case badLine(path: String, line: UInt64, reason: String)
    /// Files that could not be read to their end.
    case damagedInput([String])
    /// The case came from other machines, or has something in it already.
    case notForThisCase(path: String, reason: String)

    public var description: String {
        switch self {
        case .noUsableData(let roots, let unrecognized):
            "\(roots.joined(separator: ", ")): no delivery in any file (\(unrecognized) not recognized); "
                + "see 'strayframe profiles' and try 'strayframe profiles test FILE'"
        case .formatFitsNothing(let format, let stop):
            "\(format) fits the first lines of no file\(stop); correct it, or leave it out to have the files read by what "
                + "recognises them"
        case .cannotRead(let path, let reason): "\(path): \(reason)"
        case .interrupted: "interrupted"
        case .unfinishedIngest(let path):
            "\(path): the last ingest did not come to its end, so files are missing; run it again, or correlate what is "
                + "there with --incomplete: its counts are too low, and say so"
        case .noSuchExposure(let id, let hint): "\(id): \(hint)"
        case .badLine(let path, let line, let reason): "\(path): line \(line): \(reason)"
        case .damagedInput(let files):
            "\(files.joined(separator: "; ")); bring the whole file, for what is missing would be missing in every count"
        case .notForThisCase(let path, let reason): "\(path): \(reason)"
        }
    }
}
