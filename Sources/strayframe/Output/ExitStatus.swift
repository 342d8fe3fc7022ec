import Analysis
import ArgumentParser
import Casefile
import Correlation
import LogBytes
import LogRecords
import Reports
import Selftest

/// The exit codes of sysexits.h that this tool uses, and which error means which.
enum ExitStatus {
    static let exposuresFound = ExitCode(1)
    static let checkFailed = ExitCode(1)
    static let usage = ExitCode(64)
    static let noUsableData = ExitCode(65)
    static let noInput = ExitCode(66)
    static let cannotCreate = ExitCode(73)
    static let inputOutput = ExitCode(74)
    static let interrupted = ExitCode(130)

    static func of(_ error: any Error) -> ExitCode {
        switch error {
        case let halt as InterruptedRun: of(halt.cause)
        case is ValidationError: usage
        case LogBytesError.noSuchPath, CaseFileError.noSuchCase: noInput
        case is LogBytesError: noInput
        case AnalysisError.noUsableData, AnalysisError.unfinishedIngest, AnalysisError.formatFitsNothing: noUsableData
        case AnalysisError.interrupted, is TestedTool.Stopped: interrupted
        case AnalysisError.noSuchExposure, AnalysisError.badBlock, CaseFileError.notCorrelated: noUsableData
        case AnalysisError.notForThisCase: usage
        case CaseFileError.notACase, CaseFileError.cannotCreate, CaseFileError.tooNew, CaseFileError.tooOld:
            cannotCreate
        case CaseFileError.edited: checkFailed
        case CaseFileError.cannotMigrate, CaseFileError.cannotReplay: noUsableData
        case CaseFileError.pseudonymized, CaseFileError.notAKey, CaseFileError.cannotAnnotate: usage
        case is ProfileProblem, is ScopeProblem: usage
        case ReportError.cannotWrite, ReportError.foreignFiles, ReportError.otherCase: cannotCreate
        case ReportError.noSuchValue: noUsableData
        case SelftestProblem.notEmpty, SelftestProblem.cannotCreate: cannotCreate
        case ReportError.cannotRead: noInput
        case ReportError.cannotReadBack: inputOutput
        case is ReportError: usage
        default: inputOutput
        }
    }
}

/// Says which files the operating system did not let be read to their end; another run may get further.
///
/// - Throws: ``ExitStatus/inputOutput`` if there is one.
func requireWholeFiles(_ caseFile: CaseFile) throws {
    let refused = try caseFile.read { try SourceRow.refused($0) }
    for source in refused {
        Messages.write(
            "\(source.displayName): \(source.reason ?? "")",
            nameless: "source \(source.id): could not be read to its end; table 'source' of the case names it", .error)
    }
    if !refused.isEmpty { throw ExitStatus.inputOutput }
}

/// Runs a command's work; an error becomes one line on the standard error and its exit code.
func report(_ work: () throws -> Void) throws {
    do {
        try work()
    } catch let error as ExitCode {
        throw error
    } catch let error as CleanExit {
        throw error
    } catch {
        // The parser would print the usage of another command beside it.
        let text = (error as? ValidationError)?.message ?? "\(error)"
        Messages.write(text, nameless: Redaction.text(of: error), .error)
        throw ExitStatus.of(error)
    }
}
