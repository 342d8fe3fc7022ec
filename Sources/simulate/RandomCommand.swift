import ArgumentParser
import Simulation

/// `simulate random`: writes a dump full of hard cases.
struct RandomCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "random", abstract: "Write a dump full of hard cases, with the truth about each delivery.",
        discussion: """
            Key faults on some nodes, equal time stamps, purges, expiry, stale and coalesced deliveries, sold cameras, \
            grants that begin or end midway, lines out of order, several files a node and broken lines.
            """)

    @Option(help: "The number that decides everything left to chance.")
    var seed: UInt64

    @Option(help: ArgumentHelp("The folder to write to.", valueName: "folder"))
    var out: String

    @Option(help: "How many requests to send; a few of them end in 304 or 403.")
    var deliveries = 5000

    @Option(help: "How many accounts there are.")
    var accounts = 60

    @Option(help: "How many cache nodes there are.")
    var nodes = 3

    @Option(help: "The share of the requests with a twin at the very microsecond of a fill, from 0 to 1.")
    var tieRate = 0.05

    @Option(help: "How many broken lines to strew in.")
    var broken = 0

    @Option(help: "How many places a line may stand away from its place in time.")
    var displacement = 6

    @Option(help: "Into how many files each node's relay and cache log is split.")
    var filesPerNode = 3

    @Option(
        help: ArgumentHelp(
            "By what the lines tell whose frame was delivered: mixed, stated (frame, camera and owner), frame, cache (nothing: the fills tell it).",
            valueName: "evidence"))
    var evidence = RandomOptions.Evidence.mixed

    func validate() throws {
        guard deliveries >= 1, accounts >= 3, nodes >= 1, filesPerNode >= 1 else {
            throw ValidationError(
                "--deliveries, --nodes and --files-per-node have to be positive, --accounts 3 or more.")
        }
        guard (0...1).contains(tieRate), broken >= 0, displacement >= 0 else {
            throw ValidationError("--tie-rate has to be from 0 to 1, --broken and --displacement 0 or more.")
        }
    }

    func run() throws {
        let options = RandomOptions(
            seed: seed, deliveries: deliveries, accounts: accounts, nodes: nodes, tieRate: tieRate, broken: broken,
            displacement: displacement, filesPerNode: filesPerNode, evidence: evidence)
        let dump = RandomDump(options)
        try dump.write(to: out)
        let truth = dump.truth
        print(
            "\(truth.lines) lines, \(truth.broken) of them broken, \(truth.deliveries) deliveries,",
            "\(truth.exposures) exposures")
    }
}

extension RandomOptions.Evidence: ExpressibleByArgument {}
