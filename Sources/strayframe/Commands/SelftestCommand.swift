import Analysis
import ArgumentParser
import Casefile
import Foundation
import LogRecords
import Selftest
import Simulation

struct SelftestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selftest",
        abstract: "Run this program on incidents with known answers.",
        discussion: """
            Generates incidents, runs 'analyze', 'explain' and 'verify' on them, compares the answers with what was planted, and \
            prints a table to sign (Docs/Validation.md). The first incident is always the same; the others depend on the seed, \
            which you may choose, so that nobody can have prepared for them. Exits with 1 if an assertion fails.

            EXAMPLES
              strayframe selftest
              strayframe selftest --seed 4711 --keep kit > selftest.txt
              strayframe selftest --format json > selftest.json
              strayframe selftest --wrong-truth
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text, json
    }

    @Option(help: "The seed of the random incidents.")
    var seed = Kit.seed

    @Option(help: ArgumentHelp("How to print the table: text or json.", valueName: "format"))
    var format = Format.text

    @Option(
        help: ArgumentHelp(
            "Keep the dumps, their truth, the cases and the reports in this folder; made if it is not there.",
            valueName: "folder"), completion: .directory)
    var keep: String?

    @Option(
        help: ArgumentHelp(
            "Run only this incident; may be repeated. The table says which were left out.", valueName: "name"))
    var only: [String] = []

    @Flag(
        help:
            "Add an exposure that never happened to each incident's known answers, to show that a wrong answer fails."
    )
    var wrongTruth = false

    @OptionGroup var messages: MessageOptions

    func run() throws {
        try report {
            guard let program = Bundle.main.executableURL else { throw SelftestProblem.noProgram }
            var incidents = try Kit.incidents(seed: seed)
            let all = incidents.map(\.name)
            if let stranger = only.first(where: { !all.contains($0) }) {
                throw ValidationError("no incident '\(stranger)'; there are \(all.joined(separator: ", "))")
            }
            if !only.isEmpty { incidents.removeAll { !only.contains($0.name) } }
            if wrongTruth { for index in incidents.indices { incidents[index].misstate() } }
            let folder = try emptyFolder()
            defer { if keep == nil { try? FileManager.default.removeItem(at: folder) } }
            let tool = TestedTool(program)
            let trials = try onStopSignals(tool.stop) { try self.trials(incidents, of: tool, in: folder) }
            let table = SelftestTable(
                trials, leftOut: all.filter { name in !incidents.contains { $0.name == name } },
                isTruthWrong: wrongTruth)
            switch format {
            case .text: print(table.text)
            case .json: print(try table.json())
            }
            if !table.holds { throw ExitStatus.checkFailed }
        }
    }

    private func trials(_ incidents: [KnownIncident], of tool: TestedTool, in folder: URL) throws -> [Trial] {
        try incidents.enumerated().map { index, incident in
            if !messages.quiet, isatty(STDERR_FILENO) == 1 {
                Messages.write("incident \(index + 1) of \(incidents.count): \(incident.name)", nameless: nil, .info)
            }
            let place = folder.appending(path: incident.name)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            return try Trial(incident, of: tool, in: place)
        }
    }

    private func emptyFolder() throws -> URL {
        let folder =
            keep.map { URL(fileURLWithPath: $0) }
            ?? FileManager.default.temporaryDirectory.appending(path: "strayframe-selftest-\(UUID().uuidString)")
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            guard try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty else {
                throw SelftestProblem.notEmpty(path: folder.path)
            }
        } catch let problem as SelftestProblem {
            throw problem
        } catch {
            throw SelftestProblem.cannotCreate(path: folder.path, reason: error.localizedDescription)
        }
        return folder
    }
}

/// Why a self-test cannot begin.
enum SelftestProblem: Error, CustomStringConvertible {
    case noProgram
    case notEmpty(path: String)
    case cannotCreate(path: String, reason: String)

    var description: String {
        switch self {
        case .noProgram: "the system does not tell where this program lies; call it by its path"
        case .notEmpty(let path): "\(path): is not empty; name another folder with --keep"
        case .cannotCreate(let path, let reason):
            "\(path): cannot be made: \(reason); name a folder that can be written to with --keep"
        }
    }
}
