import ArgumentParser
import Simulation

/// `simulate incident`: writes a random incident with planted causes.
struct IncidentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "incident",
        abstract: "Write a random incident: planted causes, with the truth about each delivery.",
        discussion: """
            Requests that meet a conjunction share keys, since a rollout or without one on record; sometimes two such \
            faults overlap. Chance decides what else there is: clocks that are off and drift, a shield above the edges, \
            requests that wait for another's fetch or share it, stale answers, revalidation, errors in the cache, \
            stretches in which nothing is stored, attributes that come along with the cause, days without a log.
            """)

    @Option(help: "The number that decides everything left to chance.")
    var seed: UInt64

    @Option(help: ArgumentHelp("The folder to write to.", valueName: "folder"))
    var out: String

    @Option(help: "How many requests reach the edges.")
    var requests = 5000

    @Flag(help: "Plant nothing: the same traffic, under sound keys.")
    var faultless = false

    func validate() throws {
        guard requests >= 50 else { throw ValidationError("--requests has to be at least 50.") }
    }

    func run() throws {
        let dump = IncidentDump(IncidentOptions(seed: seed, requests: requests, isFaulty: !faultless))
        try dump.write(to: out)
        let truth = dump.truth
        print("\(truth.deliveries) deliveries, \(truth.exposures) exposures; \(truth.features.joined(separator: ", "))")
        for cause in truth.causes { print(cause) }
    }
}
