import Benchmark

/// Each stage of the way of a byte alone, over one dump (`Sample`); a figure is the cost of the whole dump.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock], warmupIterations: 1, maxDuration: .seconds(2))
    readingBenchmarks()
    recordBenchmarks()
    correlationBenchmarks()
    caseBenchmarks()
    reportBenchmarks()
}
