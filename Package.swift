// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// Every SQL file of `Queries/`, so that a new query is one new file here. SwiftPM remembers what it found while this
/// manifest stays the same: build once with `--manifest-cache none` after adding one.
let queryFiles = try FileManager.default.contentsOfDirectory(atPath: "\(Context.packageDirectory)/Queries")
    .filter { $0.hasSuffix(".sql") }.sorted()

/// Whether a warning is an error: in CI (.ci/run), for a later compiler warns of more, and whoever builds with it must be able to.
let isStrict = Context.environment["STRAYFRAME_STRICT"] != nil

let strict: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + (isStrict ? [.treatAllWarnings(as: .error)] : [])

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "strayframe",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "strayframe", targets: ["strayframe"]),
        // For `Benchmarks/Micro`, a package of its own.
        .library(
            name: "Stages",
            targets: [
                "Interning", "LogBytes", "LogRecords", "ProfileAuthoring", "Correlation", "Casefile", "Queries",
                "Analysis", "Distributed", "Reports",
            ]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    ],
    targets: [
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(
            name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"]), .brew(["libdeflate"])]),
        .systemLibrary(
            name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"]), .brew(["libarchive"])]),
        .systemLibrary(name: "CLzma", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"]), .brew(["xz"])]),
        // Debian's libbz2 has no file for pkg-config.
        .systemLibrary(name: "CBzip2", providers: [.apt(["libbz2-dev"]), .brew(["bzip2"])]),
        .systemLibrary(name: "CLz4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"]), .brew(["lz4"])]),
        .systemLibrary(
            name: "CXlsxWriter", pkgConfig: "xlsxwriter",
            providers: [.apt(["libxlsxwriter-dev"]), .brew(["libxlsxwriter"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CBytes"),
        .target(
            name: "LogBytes",
            dependencies: ["CBytes", "CZstd", "CZlib", "CDeflate", "CLzma", "CBzip2", "CLz4", "CArchive", crypto],
            swiftSettings: strict),
        .target(name: "Interning", dependencies: ["CMalloc"], swiftSettings: strict),
        .target(
            name: "LogRecords", dependencies: ["CBytes", "Interning", yams],
            resources: [.embedInCode("Profiles/Shipped")],
            swiftSettings: strict),
        .target(
            name: "ProfileAuthoring", dependencies: ["Interning", "LogRecords", yams], swiftSettings: strict),
        .target(name: "Correlation", dependencies: ["Interning", "LogRecords"], swiftSettings: strict),
        .plugin(name: "Commit", capability: .buildTool()),
        .target(
            name: "Casefile", dependencies: ["Interning", "LogRecords", grdb, sqlite, crypto], swiftSettings: strict,
            plugins: ["Commit"]),
        .target(
            name: "Queries", path: "Queries", exclude: ["spark"], resources: queryFiles.map { .embedInCode($0) },
            swiftSettings: strict),
        .target(
            name: "Analysis",
            dependencies: [
                "CBytes", "CMalloc", "Interning", "LogBytes", "LogRecords", "ProfileAuthoring", "Correlation",
                "Casefile",
                grdb, crypto,
            ],
            swiftSettings: strict),
        .target(
            name: "Distributed",
            dependencies: ["Interning", "LogBytes", "LogRecords", "Correlation", "Casefile", "Analysis", grdb],
            swiftSettings: strict),
        .target(
            name: "Reports",
            dependencies: ["CXlsxWriter", "LogRecords", "Casefile", "Queries", grdb, crypto, asn1, mustache],
            resources: [.embedInCode("Page/Resources"), .embedInCode("Notice/Resources")], swiftSettings: strict),
        .target(name: "Simulation", dependencies: ["CZstd"], swiftSettings: strict),
        .target(name: "Selftest", dependencies: ["Casefile", "Simulation", crypto, grdb], swiftSettings: strict),
        .executableTarget(
            name: "strayframe",
            dependencies: [
                "CMalloc", "LogBytes", "LogRecords", "ProfileAuthoring", "Correlation", "Casefile", "Queries",
                "Analysis",
                "Distributed", "Reports", "Selftest", "Simulation", grdb, arguments,
            ],
            swiftSettings: strict),
        .executableTarget(name: "simulate", dependencies: ["Simulation", arguments], swiftSettings: strict),
        .target(name: "Chance", path: "Tests/Chance", swiftSettings: strict),
        .testTarget(
            name: "LogBytesTests", dependencies: ["Chance", "LogBytes", "CZstd", "CZlib", "CArchive", crypto],
            swiftSettings: strict),
        .testTarget(name: "InterningTests", dependencies: ["Chance", "Interning"], swiftSettings: strict),
        .testTarget(
            name: "LogRecordsTests", dependencies: ["CBytes", "Chance", "Interning", "LogRecords", "ProfileAuthoring"],
            swiftSettings: strict),
        .testTarget(
            name: "CorrelationTests", dependencies: ["Chance", "Correlation", "Interning", "LogRecords"],
            swiftSettings: strict),
        .testTarget(
            name: "CasefileTests", dependencies: ["Casefile", "Chance", "Interning", "LogRecords", grdb],
            swiftSettings: strict),
        .testTarget(
            name: "AnalysisTests",
            dependencies: [
                "Chance", "Interning", "LogBytes", "LogRecords", "ProfileAuthoring", "Correlation", "Casefile",
                "Queries",
                "Analysis", "Reports", "Simulation", grdb,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DistributedTests", dependencies: ["Chance", "Distributed", "Interning", "LogRecords"],
            swiftSettings: strict),
        .testTarget(
            name: "ReportsTests",
            dependencies: [
                "LogRecords", "Correlation", "Casefile", "Queries", "Analysis", "Reports", "Simulation", grdb,
            ],
            swiftSettings: strict),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation", "CZstd"], swiftSettings: strict),
        .testTarget(
            name: "strayframeTests",
            dependencies: [
                "Chance", "strayframe", "Casefile", "Correlation", "Queries", "Selftest", "Simulation", grdb,
            ],
            exclude: ["Crash/faults.c"], swiftSettings: strict),
    ]
)

// `make test` runs the tool as it is shipped, optimized, and still sees its insides: the tests themselves stay as they are,
// for to optimize them takes longer than they run.
if Context.environment["STRAYFRAME_OPTIMIZE"] != nil {
    for target in package.targets where target.type == .regular || target.type == .executable {
        target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-O"], .when(configuration: .debug))]
    }
}
