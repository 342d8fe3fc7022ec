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

    @Option(help: "How many requests reach the edges: 5000, or 24000 of a kind.")
    var requests: Int?

    @Option(
        help: ArgumentHelp(
            "A case that is hard for the search for causes, with what may be named as its cause.",
            discussion: HardCase.allCases.map(\.rawValue).joined(separator: ", "), valueName: "kind"))
    var kind: HardCase?

    @Flag(help: "Plant nothing: the same traffic, under sound keys.")
    var faultless = false

    func validate() throws {
        guard requests ?? 50 >= 50 else { throw ValidationError("--requests has to be at least 50.") }
        guard kind == nil || !faultless else { throw ValidationError("--faultless goes without --kind.") }
    }

    func run() throws {
        if let kind { return try write(kind) }
        let dump = IncidentDump(IncidentOptions(seed: seed, requests: requests ?? 5000, isFaulty: !faultless))
        try dump.write(to: out)
        let truth = dump.truth
        print("\(truth.deliveries) deliveries, \(truth.exposures) exposures; \(truth.features.joined(separator: ", "))")
        for cause in truth.causes { print(cause) }
    }

    private func write(_ kind: HardCase) throws {
        let incident = HardIncident(kind, seed: seed, requests: requests ?? HardIncident.requests)
        try incident.write(to: out)
        print("\(incident.deliveries) deliveries, \(incident.exposures) exposures. \(incident.truth.sentence)")
        print("Read them with --profile \(out)/relay.yaml.")
    }
}

extension HardCase: ExpressibleByArgument {}
