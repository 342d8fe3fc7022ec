import Analysis
import Casefile

/// A run that ended before its end: why, and how far it got.
struct InterruptedRun: Error, CustomStringConvertible {
    let cause: any Error
    /// What the case holds, and what to do; names nothing.
    let standing: String
    var description: String { "\(cause)\n\(standing)" }

    /// - Parameter standing: what the case holds now.
    init(_ cause: any Error, _ standing: String) {
        self.cause = cause
        self.standing = "\(standing); run the same command again to go on"
    }

    /// Runs a stage; an error that another run may not meet says besides how far this one got.
    static func telling<T>(_ standing: @autoclosure () -> String, _ stage: () throws -> T) throws -> T {
        do {
            return try stage()
        } catch  where [ExitStatus.interrupted, ExitStatus.inputOutput].contains(ExitStatus.of(error)) {
            throw InterruptedRun(error, standing())
        }
    }

    /// What of a dump has been read.
    static func reading(_ caseFile: CaseFile, of files: Int) -> String {
        guard let whole = try? caseFile.wholeFiles() else { return "no file counts that was not read to its end" }
        return "\(whole) files are in the case, each as a whole, of \(files) that this run found"
    }
}
