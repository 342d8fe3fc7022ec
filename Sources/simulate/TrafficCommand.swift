import ArgumentParser
import Simulation

/// `simulate traffic`: writes a dump of any size for measuring.
struct TrafficCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "traffic", abstract: "Write a dump of any size for measuring, with its counts.",
        discussion: """
            A relay log and a cache log a node, NDJSON under zstd, in the order of time, and the directory. Each account \
            has one camera. In the last third of the week one fill in a hundred goes to another camera's key, and what \
            is delivered from there strays until the next fill. No grants, no purges, no ties, one clock.
            """)

    @Option(help: "The number that decides everything left to chance.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("The folder to write to.", valueName: "folder"))
    var out: String

    @Option(help: "How many lines the relay logs have.")
    var deliveries = 5_000_000

    @Option(help: "How many lines the cache logs have.")
    var fills = 1_000_000

    @Option(help: "How many accounts there are, each with a camera.")
    var accounts = 200_000

    @Option(help: "How many keys each camera has.")
    var keys = 1

    @Option(help: "How many cache nodes there are.")
    var nodes = 8

    @Option(help: "zstd's compression level.")
    var level = 3

    func validate() throws {
        guard nodes >= 1, keys >= 1, deliveries >= nodes, fills >= nodes, accounts >= nodes else {
            throw ValidationError("--nodes and --keys have to be positive, and the other counts at least as large.")
        }
        guard accounts < 100_000_000, nodes < 100 else {
            throw ValidationError("--accounts has to be below 100 million, --nodes below 100.")
        }
        guard (deliveries + fills) / nodes < TrafficDump.span else {
            throw ValidationError("A node can have one line a microsecond; ask for fewer lines or more --nodes.")
        }
        guard (1...19).contains(level) else { throw ValidationError("--level has to be from 1 to 19.") }
    }

    func run() throws {
        let dump = TrafficDump(
            seed: seed, deliveries: deliveries, fills: fills, accounts: accounts, keys: keys, nodes: nodes,
            level: level)
        let truth = try dump.write(to: out)
        print("\(truth.lines) lines, \(truth.logBytes) bytes, \(truth.exposuresCertain) exposures")
    }
}
