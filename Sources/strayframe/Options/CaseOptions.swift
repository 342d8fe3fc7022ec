import Analysis
import ArgumentParser
import Casefile
import Foundation
import Synchronization

/// Which case file.
struct CaseOption: ParsableArguments {
    @Option(
        name: .customLong("case"), help: ArgumentHelp("The case file.", valueName: "file"),
        completion: .file(extensions: ["sqlite"]))
    var path = "case.sqlite"

    /// Opens the case to read it, if every row is the one that was written; a terminal shows that this takes a while.
    ///
    /// - Throws: `CaseFileError`.
    func asWritten(quiet: Bool = false) throws -> CaseFile {
        let caseFile = try CaseFile(reading: path, arguments: CommandLine.arguments)
        let isShown = !quiet && isatty(STDERR_FILENO) == 1 && !Messages.isJSON.load(ordering: .relaxed)
        func show(_ text: String) {
            if isShown { FileHandle.standardError.write(Data("\r\u{1b}[K\(text)".utf8)) }
        }
        show("checking that every row is as it was written")
        defer { show("") }
        try caseFile.requireAsWritten()
        return caseFile
    }
}

/// Where the dump lies now.
struct DumpOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder where the dump is now, if it was moved. Sources are found by their SHA-256, whatever their names.",
            valueName: "folder"), completion: .directory)
    var dump: String?

    func files(for caseFile: CaseFile) throws -> DumpFiles? { try dump.map { try DumpFiles($0, for: caseFile) } }
}

/// Which case file, and whether it is shown also if it was altered.
struct ShownCaseOption: ParsableArguments {
    @OptionGroup var caseOption: CaseOption

    @Flag(
        help:
            "Skip the check that every row is as it was written, which takes a second for each million lines."
    )
    var asIs = false

    func open() throws -> CaseFile {
        try asIs ? CaseFile(reading: caseOption.path) : caseOption.asWritten()
    }
}
