import ArgumentParser

/// Dumps with known truth, from a seed number: for tests, fixtures and benchmarks.
@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Write dumps of camera caches with known truth, from a seed number.",
        discussion: "The same options give the same files, byte for byte.",
        subcommands: [XiaomiCommand.self, RandomCommand.self, IncidentCommand.self, TrafficCommand.self])
}
