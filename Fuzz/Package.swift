// swift-tools-version: 6.2
import PackageDescription

// A package of its own, for everything in it is built with the fuzzer's and the address sanitizer's instrumentation.
let package = Package(
    name: "Fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "strayframe", path: "..")],
    targets: [
        .executableTarget(
            name: "fuzz",
            dependencies: [.product(name: "Stages", package: "strayframe")],
            swiftSettings: [
                .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"),
                // libFuzzer brings the `main`.
                .unsafeFlags(["-parse-as-library"]),
            ])
    ]
)
