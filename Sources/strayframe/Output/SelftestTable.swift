import Analysis
import Casefile
import Foundation
import LogRecords
import Selftest

/// What a self-test showed, with what a laboratory puts its name to.
struct SelftestTable: Encodable {
    let tool = "\(Tool.name) \(Tool.build)"
    let system: String
    let libraries = Diagnosis.libraryVersions
    let date = Date.now.ISO8601Format()
    let isTruthWrong: Bool
    /// Incidents of the kit that were not tried.
    let leftOut: [String]
    let holds: Bool
    let trials: [Trial]

    init(_ trials: [Trial], leftOut: [String], isTruthWrong: Bool) {
        self.trials = trials
        self.leftOut = leftOut
        self.isTruthWrong = isTruthWrong
        holds = trials.allSatisfy(\.holds)
        var machine = utsname()
        uname(&machine)
        let architecture = withUnsafeBytes(of: machine.machine) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        system = "\(ProcessInfo.processInfo.operatingSystemVersionString), \(architecture)"
    }

    enum CodingKeys: String, CodingKey {
        case tool, system, libraries, date, holds
        case isTruthWrong = "truth_is_wrong"
        case leftOut = "left_out"
        case trials = "incidents"
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    var text: String {
        let all = trials.flatMap(\.assertions)
        let widths = (
            text: all.map(\.text.count).max() ?? 0, expected: all.map(\.expected.count).max() ?? 0,
            found: all.map(\.found.count).max() ?? 0
        )
        func row(_ id: String, _ text: String, _ expected: String, _ found: String, _ result: String) -> String {
            "  \(padded(id, 4)) \(padded(text, widths.text))  \(padded(expected, widths.expected))  "
                + "\(padded(found, widths.found))  \(result)"
        }
        var lines: [String] = []
        for trial in trials {
            lines += [
                "Incident \(trial.name), seed \(trial.seed)", "  \(VisibleText.of(trial.planted))",
                "  SHA-256 of the dump, unpacked: \(trial.dump)", row("", "assertion", "expected", "found", "result"),
            ]
            for one in trial.assertions {
                lines.append(
                    row(one.id, one.text, one.expected, VisibleText.of(one.found), one.holds ? "pass" : "FAIL"))
                lines += one.problems.map { "      \(VisibleText.of($0))" }
            }
            lines.append("")
        }
        let held = all.count { $0.holds }
        lines += [
            "Result     \(held) of \(all.count) assertions hold\(holds ? "" : ": FAIL")"
                + (isTruthWrong ? "; the truth was told wrongly on purpose" : "")
                + (leftOut.isEmpty ? "" : "; left out: \(leftOut.joined(separator: ", "))"),
            "Tool       \(tool)", "System     \(system)", "Libraries  \(libraries)", "Date       \(date)", "",
            "Examiner   ______________________________", "", "Signature  ______________________________",
        ]
        return lines.joined(separator: "\n")
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
