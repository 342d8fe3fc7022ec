/// Why a run cannot do what it was asked to.
public enum AnalysisError: Error, Sendable, CustomStringConvertible {
    /// No file of the dump gave a delivery: of `found` files, those that could not be used, each with the reason.
    case noUsableData(roots: [String], found: Int, unread: [String])
    /// A profile or log format that was given is that of no file; `stop` says where it stopped fitting.
    case formatFitsNothing(format: String, stop: String)
    case cannotRead(path: String, reason: String)
    case interrupted
    /// The last ingest of a case did not come to its end.
    case unfinishedIngest(path: String)
    case noSuchExposure(id: String, hint: String)
    /// A block that a stage of a job wrote is not what the next one expects; blocks are counted from 1 on, a line each.
    case badBlock(path: String, block: UInt64, reason: String)
    /// Files that could not be read to their end.
    case damagedInput([String])
    /// The case came from other machines, or has something in it already.
    case notForThisCase(path: String, reason: String)

    public var description: String {
        switch self {
        case .noUsableData(let roots, let found, let unread): Self.noUsableData(roots, found, unread)
        case .formatFitsNothing(let format, let stop):
            "\(format) fits the first lines of no file\(stop); correct it, or leave it out to have the files read by what "
                + "recognises them"
        case .cannotRead(let path, let reason): "\(path): \(reason)"
        case .interrupted: "interrupted"
        case .unfinishedIngest(let path):
            "\(path): the last ingest did not come to its end, so files are missing; run it again, or correlate what is "
                + "there with --incomplete: its counts are too low, and say so"
        case .noSuchExposure(let id, let hint): "\(id): \(hint)"
        case .badBlock(let path, let block, let reason): "\(path): block \(block): \(reason)"
        case .damagedInput(let files):
            "\(files.joined(separator: "; ")); bring the whole file, for what is missing would be missing in every count"
        case .notForThisCase(let path, let reason): "\(path): \(reason)"
        }
    }

    /// How many files are named.
    private static let mostNamed = 8

    private static func noUsableData(_ roots: [String], _ found: Int, _ unread: [String]) -> String {
        let place = roots.joined(separator: ", ")
        if found == 0 { return "\(place): holds no file; check the path, and that the volume is mounted" }
        let files = found == 1 ? "the one file" : "any of \(found) files"
        if unread.isEmpty {
            return
                "\(place): no delivery in \(files): what was read are tables or logs of other things; add the logs of the "
                + "relays or edges that delivered frames"
        }
        let left = unread.count - mostNamed
        return
            (["\(place): no delivery in \(files):"] + unread.prefix(mostNamed).map { "  \($0)" }
            + (left > 0 ? ["  and \(left) more"] : [])
            + [
                "'strayframe profiles test FILE' shows what stands in the way, 'strayframe profiles draft FILE' proposes a profile"
            ])
            .joined(separator: "\n")
    }
}
