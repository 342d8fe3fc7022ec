import Analysis
import ArgumentParser
import Foundation
import LogRecords

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check that the machine and a case are ready to use.",
        discussion: """
            Names each problem and its remedy, and writes nothing. 'strayframe verify' checks a case's evidence. Exits with 1 if \
            there is a problem.

            EXAMPLES
              strayframe doctor
              strayframe doctor --case case.sqlite
            """)

    @Option(
        name: .customLong("case"),
        help: ArgumentHelp("A case to check as well.", valueName: "file"),
        completion: .file(extensions: ["sqlite"]))
    var casePath: String?

    @OptionGroup var form: MessageForm

    func run() throws {
        try report {
            let place = URL(fileURLWithPath: casePath ?? "case.sqlite").deletingLastPathComponent()
            var found = Diagnosis.ofMachine(folder: place)
            if let casePath { found += Diagnosis.ofCase(casePath) }
            for one in found {
                print(
                    "\(one.degree.rawValue)".padding(toLength: 9, withPad: " ", startingAt: 0)
                        + one.what.padding(toLength: 13, withPad: " ", startingAt: 0) + VisibleText.of(one.detail))
                if !one.advice.isEmpty { print(String(repeating: " ", count: 22) + one.advice) }
            }
            if found.contains(where: { $0.degree == .problem }) { throw ExitStatus.checkFailed }
        }
    }
}
