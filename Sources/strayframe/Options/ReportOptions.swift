import ArgumentParser
import Casefile
import Foundation
import LogRecords
import Reports

/// What `--format` may be given where reports are written: how tables are written. Where logs are read too it also takes a shipped
/// profile's name, as it did before `--profile` did.
enum FormatName: ExpressibleByArgument {
    case report(ReportFormat)
    /// A shipped profile.
    case log(String)

    init?(argument: String) {
        if let format = ReportFormat(rawValue: argument) {
            self = .report(format)
        } else if ProfileLibrary.shippedText(of: argument) != nil {
            self = .log(argument)
        } else {
            return nil
        }
    }

    var defaultValueDescription: String {
        switch self {
        case .report(let format): format.rawValue
        case .log(let name): name
        }
    }

    static var allValueStrings: [String] { ReportFormat.allCases.map(\.rawValue) }
}

/// Whether files may go to a folder that holds other people's.
struct OverwriteOption: ParsableArguments {
    @Flag(
        name: .customLong("overwrite"),
        help: "Write to the folder even if it holds other files; those with the name of a report are replaced.")
    var isAsked = false
}

/// The report files.
struct ReportOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The folder for the report files.", valueName: "folder"), completion: .directory)
    var reports = "reports"

    @Option(
        help: ArgumentHelp(
            "The format of the tables: csv, jsonl (one JSON object per line), l2tcsv (the timeline as Plaso writes it) or xlsx (a workbook with a sheet for each table); may be repeated.",
            valueName: "format"),
        completion: .list(ReportFormat.allCases.map(\.rawValue)))
    var format: [FormatName] = [.report(.csv)]

    /// The shipped profiles among them.
    var profiles: [String] {
        format.compactMap { if case .log(let name) = $0 { name } else { nil } }
    }

    private var reportFormats: [ReportFormat] {
        let chosen = format.compactMap { if case .report(let format) = $0 { format } else { nil } }
        return chosen.isEmpty ? [.csv] : chosen
    }

    @Option(
        help: ArgumentHelp(
            "Sign the reports' manifest with this Ed25519 key (PEM, as 'openssl genpkey -algorithm ed25519' makes it).",
            valueName: "key"), completion: .file())
    var sign: String?

    @OptionGroup var pseudonyms: PseudonymOption

    @OptionGroup var overwrite: OverwriteOption

    /// The key to sign with. It, the one for pseudonyms and the folder are looked at before anything else, so that a mistake
    /// costs nothing.
    ///
    /// - Parameter isWritten: whether report files will be written.
    func key(isWritten: Bool = true) throws -> SigningKey? {
        if isWritten, !overwrite.isAsked { try OutputFolder.requireReports(URL(fileURLWithPath: reports)) }
        _ = try pseudonyms.key()
        return try sign.map { path throws(ReportError) in try SigningKey(pemFile: path) }
    }

    /// What the terminal says last.
    func closing(_ written: Reports.Written) -> String {
        let page = reports.hasSuffix("/") ? "\(reports)report.html" : "\(reports)/report.html"
        return "Reports: \(written.files.count) files in \(reports)\nOpen \(page)"
    }

    func write(_ caseFile: CaseFile, signedBy key: SigningKey?) throws -> Reports.Written {
        let written = try pseudonyms.withNames(of: caseFile) {
            try Reports.write($0, to: URL(fileURLWithPath: reports), as: reportFormats, signedBy: key)
        }
        for remark in written.remarks { Messages.write(remark, nameless: remark, .warning) }
        return written
    }
}
