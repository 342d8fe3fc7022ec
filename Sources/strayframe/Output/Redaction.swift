import Analysis
import ArgumentParser
import Casefile
import Correlation
import Foundation
import GRDB
import LogBytes
import LogRecords
import Reports
import Selftest
import Simulation

/// What errors say where nothing may be named: what is wrong and what to do, in fixed words and numbers. Nothing that came with
/// the error as text is passed on, for a reason may hold a line of a log.
enum Redaction {
    static func text(of error: any Error) -> String {
        switch error {
        case let halt as InterruptedRun: text(of: halt.cause) + "\n" + halt.standing
        case let error as LogBytesError: text(of: error)
        case let error as AnalysisError: text(of: error)
        case let error as CaseFileError: text(of: error)
        case let error as ReportError: text(of: error)
        case let error as SelftestProblem: text(of: error)
        case let stopped as TestedTool.Stopped: stopped.description
        case let problem as ProfileProblem:
            "a profile or a log format cannot be used" + (problem.line.map { ": line \($0)" } ?? "")
                + "; 'strayframe profiles schema' says what one has"
        case is ScopeProblem:
            "--scope cannot be read, or asks for what no delivery has; 'strayframe correlate --help' says how it is written"
        case is ValidationError: "the arguments do not fit the command; its --help says what it takes"
        case is UnplannedPopulation: "an incident did not come out as planned; try another --seed"
        case let error as DatabaseError: "SQLite error \(error.extendedResultCode.rawValue) with the case file"
        default: "an error of kind \(type(of: error)); without --no-names it says more"
        }
    }

    private static func text(of error: LogBytesError) -> String {
        switch error {
        case .noSuchPath:
            "no file or folder lies at a path that was given. Check the spelling and that the volume is mounted."
        case .cannotOpen(_, let number):
            "a file cannot be opened: \(String(cString: strerror(number))). Check the permissions of the file and its folders."
        case .notARegularFile:
            "a path that was given is not a regular file. Save its contents to a file and give that instead."
        case .isAFolder:
            "a path that was given is a folder, and one file is wanted. Give a file that lies in it; 'strayframe analyze FOLDER --dry-run' lists them."
        }
    }

    private static func text(of error: AnalysisError) -> String {
        switch error {
        case .noUsableData(_, let found, let unread):
            "no delivery in any of \(found) files, of which \(unread.count) could not be used; 'strayframe profiles test FILE' shows what stands in the way"
        case .formatFitsNothing:
            "a profile or log format that was given fits the first lines of no file; correct it, or leave it out to have the files "
                + "read by what recognises them"
        case .cannotRead: "a file that was given cannot be read; check its path and what stands in it"
        case .interrupted: "interrupted"
        case .unfinishedIngest:
            "the last ingest did not come to its end, so files are missing; run it again, or correlate what is there with "
                + "--incomplete: its counts are too low, and say so"
        case .noSuchExposure: "no such exposure in this case; IDs stand in exposures.csv"
        case .badBlock(_, let block, _):
            "block \(block) of a job's file is not what this stage expects; run the stage before again"
        case .damagedInput(let files):
            "\(files.count) files could not be read to their end; bring the whole files, for what is missing would be missing in every count"
        case .notForThisCase: "this cannot be brought into this case; name a new one with --case"
        }
    }

    private static func text(of error: CaseFileError) -> String {
        switch error {
        case .notACase: "the file is not a strayframe case file and was left as it is; name another file with --case"
        case .tooNew(_, let version): "the case was written by a later strayframe (schema \(version)); use that version"
        case .noSuchCase: "no such case file; 'strayframe ingest' or 'strayframe analyze' makes one"
        case .cannotCreate: "cannot create the case file; check its folder, and that there is no such file yet"
        case .cannotUse:
            "cannot read or write the case file; make room, or check the disk and the permissions of the file and its folder"
        case .locked: "another process is writing to this case; wait for it or name another file"
        case .edited:
            "the case was changed by something else; see 'strayframe verify', and ingest the dump again into a new case"
        case .tooOld(_, let version):
            "the case was written by an earlier strayframe (schema \(version)); 'strayframe migrate' brings it to this version, from the logs where they lie"
        case .cannotMigrate(_, let version, let missing):
            "the case was written by an earlier strayframe (schema \(version)) and was left as it is: \(missing.count) of its files are not where they were, or have changed; put them back, or ingest the dump into a new case"
        case .cannotReplay:
            "the case was left as it is, for a run that its journal has cannot be repeated; ingest the dump into a new case"
        case .damaged: "the case file is damaged; ingest the dump again into a new case"
        case .notCorrelated: "the case is not correlated since the last ingest; run 'strayframe correlate' first"
        case .pseudonymized:
            "the case is a copy with pseudonyms, which is only read; work on the case that it was made from"
        case .cannotAnnotate:
            "nothing was annotated: the case lacks what the annotation is about, or its text cannot be kept; 'strayframe annotate --help' says what it takes"
        case .notAKey: "the file is no key for pseudonyms; 'openssl rand -hex 32 >key' makes one"
        }
    }

    private static func text(of error: ReportError) -> String {
        switch error {
        case .cannotWrite: "a report cannot be written; check the folder and the free space"
        case .cannotRead: "a file that was given cannot be read; check its path"
        case .cannotReadBack: "a report was written but cannot be read back; check the disk and write the reports again"
        case .notAKey: "the file is no Ed25519 key; 'openssl genpkey -algorithm ed25519 -out key.pem' makes one"
        case .noShell:
            "sqlite3 cannot be started; install it (Debian: apt install sqlite3), or use 'strayframe query'"
        case .notAManifest: "the file is not a manifest of reports; give the manifest.json of a report folder"
        case .noSuchQuery: "no such query; 'strayframe query' lists them"
        case .noSuchParameter: "the query has no such parameter; its header says which it takes"
        case .missingParameter: "the query needs a parameter; its header says which"
        case .noSuchValue: "the value of a parameter is in no line and no table of this case"
        case .foreignFiles(_, _, let count, let option):
            "the folder holds files that this command did not write (\(count)) and was left as it is; give another folder"
                + (option.map { ", or \($0) to write there all the same" } ?? "")
        case .noFigure: "the case has no such number as every correlation counts; 'strayframe correlate' counts anew"
        case .otherCase: "the folder holds drafts of another case and was left as it is; give another folder with --out"
        case .notANumber: "a parameter of the query is a number, and what was given is none"
        }
    }

    private static func text(of error: SelftestProblem) -> String {
        switch error {
        case .noProgram: error.description
        case .notEmpty: "the folder is not empty; name another one with --keep"
        case .cannotCreate: "the folder cannot be made; name one that can be written to with --keep"
        }
    }
}
