import ArgumentParser
import Simulation

/// `simulate xiaomi`: writes the fixture of the incident of 26 December 2019.
struct XiaomiCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "xiaomi", abstract: "Write the incident of 26 December 2019 as a dump with its truth.")

    @Option(help: "The number that decides everything left to chance.")
    var seed = XiaomiIncident.seed

    @Option(help: "How many accounts lie inside the scope; the others come in proportion.")
    var affected = XiaomiIncident.affected

    @Option(help: ArgumentHelp("The folder to write to.", valueName: "folder"))
    var out: String

    func validate() throws {
        guard affected >= 30 else { throw ValidationError("--affected has to be at least 30.") }
    }

    func run() throws {
        let fixture = try XiaomiFixture(seed: seed, affected: affected)
        try fixture.write(to: out)
        let truth = fixture.truth
        print(
            "\(truth.lines) lines, \(truth.deliveries) deliveries, \(truth.exposuresCertain) exposures,",
            "\(truth.exposedAccounts) exposed, \(truth.receivingAccounts) receiving,",
            "\(truth.affectedAccounts) affected accounts")
    }
}
