/// Why a self-test cannot begin.
enum SelftestProblem: Error, CustomStringConvertible {
    case noProgram
    case notEmpty(path: String)
    case cannotCreate(path: String, reason: String)

    var description: String {
        switch self {
        case .noProgram: "the system does not tell where this program lies; call it by its path"
        case .notEmpty(let path): "\(path): is not empty; name another folder with --keep"
        case .cannotCreate(let path, let reason):
            "\(path): cannot be made: \(reason); name a folder that can be written to with --keep"
        }
    }
}
