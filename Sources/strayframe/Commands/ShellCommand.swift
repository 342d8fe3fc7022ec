import ArgumentParser
import Casefile
import Foundation
import Queries
import Reports

struct ShellCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell", abstract: "Open a case read-only in the sqlite3 shell.",
        discussion: """
            The case's views are there ('.tables' lists them, Docs/Reports.md describes them), and each bundled query is a view \
            too: 'strayframe query pairs' is query_pairs.

            EXAMPLES
              strayframe shell --case case.sqlite
              strayframe shell 'SELECT * FROM query_pairs LIMIT 5'
              echo 'SELECT count(*) FROM exposures;' | strayframe shell
            """)

    @Argument(help: ArgumentHelp("SQL, or a command of the shell, to run instead of a session.", valueName: "sql"))
    var statement: String?

    @OptionGroup var caseOption: CaseOption

    @OptionGroup var form: MessageForm

    func run() throws {
        try report {
            // Refuses what is no case, and undoes what a killed writer has left half done.
            let caseFile = try CaseFile(reading: caseOption.path)
            var words = ["sqlite3", "-readonly"]
            if isatty(STDOUT_FILENO) != 0 { words += ["-cmd", ".headers on", "-cmd", ".mode box"] }
            for view in Self.views { words += ["-cmd", view] }
            words.append(URL(fileURLWithPath: caseFile.path).path)
            if let statement { words.append(statement) }
            try Self.become(words)
        }
    }

    /// Each query that can do without parameters, as a view of the session; a parameter that is not given is NULL there as it
    /// is in `strayframe query`.
    static let views = BundledQuery.all.filter { $0.requiredParameters.isEmpty }.map { query in
        let name = "query_" + query.name.replacing("-", with: "_")
        let body = query.sql.replacing(/:[a-z_]+/, with: "NULL").split(separator: ";").dropLast().joined(separator: ";")
        return "CREATE TEMP VIEW \(name) AS \(body);"
    }

    /// Ends this program and begins another in its place, so that the terminal and its signals are that one's.
    private static func become(_ words: [String]) throws {
        var arguments = words.map { strdup($0) }
        arguments.append(nil)
        execvp(words[0], arguments)
        throw ReportError.noShell(reason: String(cString: strerror(errno)))
    }
}
