// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the tool does not depend on what only measures it.
let package = Package(
    name: "Micro",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "strayframe", path: "../.."),
        // Without its traits, which intercept the allocator and the runtime: wall clock, CPU and memory are enough.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "StageBenchmarks",
            dependencies: [
                .product(name: "Benchmark", package: "benchmark"), .product(name: "Stages", package: "strayframe"),
            ],
            path: "Benchmarks/StageBenchmarks",
            swiftSettings: [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")],
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
    ]
)
