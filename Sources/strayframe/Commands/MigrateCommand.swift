import Analysis
import ArgumentParser
import Casefile
import Foundation
import Reports

struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring a case that an earlier version wrote to this version.",
        discussion: """
            Reads the logs again from where they lay, with the options that the case's journal has, and correlates them as the \
            last correlation did; 'analyze', 'ingest' and 'correlate' do this by themselves. The earlier case is kept beside the new \
            one. If a file of the dump is missing or has changed, nothing is done.

            EXAMPLES
              strayframe migrate --case case.sqlite
            """)

    @OptionGroup var caseOption: CaseOption

    @OptionGroup var messages: MessageOptions

    func run() throws {
        try report {
            do {
                _ = try CaseFile(reading: caseOption.path)
                guard !messages.quiet else { return }
                print("\(caseOption.path): is of this version already")
            } catch CaseFileError.tooOld {
                try Migration(EarlierCase(caseOption.path), messages).run()
            }
        }
    }
}

/// Makes a case anew of one that an earlier version wrote.
struct Migration {
    private let earlier: EarlierCase
    private let messages: MessageOptions

    init(_ earlier: EarlierCase, _ messages: MessageOptions) { (self.earlier, self.messages) = (earlier, messages) }

    /// - Throws: `CaseFileError.cannotMigrate`; the earlier case is then where it was.
    func run() throws {
        let path = earlier.path
        if !messages.quiet {
            Messages.write(
                "\(path): was written by an earlier strayframe (schema \(earlier.version)); its \(earlier.files.count) files are read again",
                nameless:
                    "the case was written by an earlier strayframe (schema \(earlier.version)); its files are read again",
                .info)
        }
        let draft = "\(path).migrating"
        // Of a run that was interrupted.
        func removeDraft() {
            for suffix in ["", "-journal"] { try? FileManager.default.removeItem(atPath: draft + suffix) }
        }
        removeDraft()
        // After its end the draft has the case's name, and its rollback journal is empty.
        defer { removeDraft() }
        try CaseFile(writingTo: draft, arguments: CommandLine.arguments).noteMigration(of: earlier)
        for run in earlier.runs { try replay(run, into: draft) }
        let missing = try CaseFile(reading: draft).missing(of: earlier)
        guard missing.isEmpty else {
            throw CaseFileError.cannotMigrate(path: path, version: earlier.version, missing: missing)
        }
        let kept = try CaseFile.replace(earlier, by: draft)
        if !messages.quiet {
            Messages.write(
                "\(path): is of this version now; the earlier case is \(kept)",
                nameless: "the case is of this version now; the earlier one is kept beside it", .info)
        }
    }

    /// Runs again what the journal has, into another case.
    private func replay(_ run: EarlierCase.Run, into draft: String) throws {
        let command: any ParsableCommand
        do {
            command = try Strayframe.parseAsRoot(Array(run.arguments.dropFirst()))
        } catch {
            throw CaseFileError.cannotReplay(path: earlier.path, reason: Strayframe.message(for: error))
        }
        let caseFile = try CaseFile(writingTo: draft, arguments: run.arguments)
        let progress = Analysis.Progress()
        switch (command, run.isIngest) {
        case (let analyze as Analyze, true):
            try analyze.input.at(run.roots).ingest(
                into: caseFile, profiles: analyze.reportOptions.profiles, messages, progress)
        case (let ingest as IngestCommand, true):
            try ingest.input.at(run.roots).ingest(into: caseFile, profiles: ingest.format.names, messages, progress)
        case (let analyze as Analyze, false): try analyze.correlation.correlate(caseFile, messages, progress)
        case (let correlate as CorrelateCommand, false):
            try correlate.correlation.correlate(
                caseFile, isIncompleteAccepted: correlate.incomplete, messages, progress)
        default:
            throw CaseFileError.cannotReplay(
                path: earlier.path, reason: "'\(run.arguments.dropFirst().first ?? "")' is no command that reads a dump"
            )
        }
    }
}

extension CaseOption {
    /// Opens the case to write to it; one that an earlier version wrote is migrated first.
    func openToWrite(_ messages: MessageOptions) throws -> CaseFile {
        do {
            return try CaseFile(writingTo: path, arguments: CommandLine.arguments)
        } catch CaseFileError.tooOld {
            try Migration(EarlierCase(path), messages).run()
            return try CaseFile(writingTo: path, arguments: CommandLine.arguments)
        }
    }
}
