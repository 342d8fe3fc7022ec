import Analysis
import ArgumentParser
import Casefile
import LogRecords

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Hash the sources again and check the case's invariants.",
        discussion: """
            Exits with 1 if a check fails.

            EXAMPLES
              strayframe verify --case case.sqlite
              strayframe verify --case case.sqlite --no-rehash
            """)

    @OptionGroup var caseOption: CaseOption

    @Flag(inversion: .prefixedNo, help: "Read every source again and compare its SHA-256.")
    var rehash = true

    func run() throws {
        try report {
            let result = try Verification(of: try CaseFile(reading: caseOption.path), rehash: rehash)
            for check in result.checks {
                print(
                    "\(check.problems.isEmpty ? "ok    " : "FAILED") \(VisibleText.of(check.name))"
                        + (check.examined > 1 ? " (\(check.examined))" : ""))
                for problem in check.problems { print("         \(VisibleText.of(problem))") }
            }
            if !result.isSound { throw ExitStatus.checkFailed }
        }
    }
}
