public import ArgumentParser
import Casefile
import Foundation
import Queries
public import Reports

struct QueryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query", abstract: "Answer a bundled question about a case, or list the questions.",
        discussion: """
            Without a name, the questions are listed. Each is one SQL file, which also runs in the sqlite3 shell.

            EXAMPLES
              strayframe query
              strayframe query pairs --case case.sqlite --format csv
              strayframe query account-story --param account=acct-00000017
              strayframe query --datasette --case case.sqlite > metadata.json
              datasette --immutable case.sqlite --metadata metadata.json
            """)

    @Argument(help: "The query's name.", completion: .list(BundledQuery.all.map(\.name)))
    var name: String?

    @Option(
        name: .customLong("param"),
        help: ArgumentHelp("A parameter of the query; may be repeated.", valueName: "name=value"),
        completion: .custom { words, _, _ in Self.candidates(words) })
    var parameters: [String] = []

    @Option(help: "How to print: \(QueryOutput.Format.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format = QueryOutput.Format.table

    @Flag(
        help:
            "Print metadata for Datasette, which then serves the case on this machine with every query as a page of its own."
    )
    var datasette = false

    @OptionGroup var shown: ShownCaseOption

    @OptionGroup var form: MessageForm

    /// What `--param` may begin with: the parameters of the query that the words name, or of all.
    private static func candidates(_ words: [String]) -> [String] {
        let named = words.compactMap(BundledQuery.named)
        return Set((named.isEmpty ? BundledQuery.all : named).flatMap(\.parameters)).sorted().map { "\($0)=" }
    }

    func validate() throws {
        if datasette, name != nil || !parameters.isEmpty {
            throw ValidationError("--datasette is of all queries; it takes no name and no parameter")
        }
    }

    func run() throws {
        try report {
            if datasette {
                let caseFile = try shown.open()
                let tables = try caseFile.tableNames()
                print(try DatasetteMetadata(forCase: caseFile.path, tables: tables).json())
                return
            }
            guard let name else {
                let width = BundledQuery.all.map(\.name.count).max() ?? 0
                for query in BundledQuery.all {
                    print(query.name + String(repeating: " ", count: width + 2 - query.name.count) + query.answers)
                }
                return
            }
            guard let query = BundledQuery.named(name) else {
                throw ReportError.noSuchQuery(name: name, nearest: BundledQuery.all.map(\.name).nearest(to: name))
            }
            var values: [String: String] = [:]
            for parameter in parameters {
                guard let sign = parameter.firstIndex(of: "=") else {
                    throw ValidationError("--param \(parameter): write it as name=value")
                }
                values[String(parameter[..<sign])] = String(parameter[parameter.index(after: sign)...])
            }
            let output = try QueryOutput(query, values, try shown.open())
            print(try output.text(format, width: Terminal.columns(of: STDOUT_FILENO)), terminator: "")
            if output.isEmpty, isatty(STDERR_FILENO) == 1 {
                Messages.write("the answer has no row: nothing in this case fits the question", nameless: nil, .info)
            }
        }
    }
}

extension QueryOutput.Format: ExpressibleByArgument {}
