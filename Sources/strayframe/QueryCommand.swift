public import ArgumentParser
import Casefile
import Foundation
import Queries
public import Reports

struct QueryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query", abstract: "Answer one of the bundled questions; without a name, list them.",
        discussion: """
            EXAMPLES
              strayframe query
              strayframe query pairs --case case.sqlite --format csv
              strayframe query account-story --param account=acct-00000017
            """)

    @Argument(help: "The query's name.")
    var name: String?

    @Option(
        name: .customLong("param"),
        help: ArgumentHelp("A parameter of the query; may be repeated.", valueName: "name=value"))
    var parameters: [String] = []

    @Option(help: "How to print: \(QueryOutput.Format.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format = QueryOutput.Format.table

    @OptionGroup var shown: ShownCaseOption

    @OptionGroup var form: MessageForm

    func run() throws {
        try report {
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
            print(try output.text(format, width: Self.terminalWidth), terminator: "")
        }
    }

    /// Nil if the output goes elsewhere: a program that reads it wants whole texts.
    private static var terminalWidth: Int? {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }
}

extension QueryOutput.Format: ExpressibleByArgument {}
