import Foundation

/// The built tool, run as a user runs it.
struct Tool {
    struct Result {
        /// How it ended.
        enum Ending: Equatable {
            case status(Int32)
            case signal(Int32)
        }
        var ending: Ending
        var status: Int32
        var output: String
        var errors: String
    }

    static let executable: URL = {
        if let path = ProcessInfo.processInfo.environment["STRAYFRAME_TOOL"] { return URL(fileURLWithPath: path) }
        // The tests' own program lies beside the tool's.
        let tests = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let places = [tests, Bundle.main.bundleURL, Bundle.main.bundleURL.deletingLastPathComponent()]
        return places.map { $0.appending(path: "strayframe") }.first {
            FileManager.default.isExecutableFile(atPath: $0.path)
        } ?? tests.appending(path: "strayframe")
    }()

    /// Runs it to its end.
    @discardableResult
    static func run(
        _ arguments: [String], in folder: URL, environment: [String: String] = [:]
    ) throws -> Result {
        let output = folder.appending(path: ".stdout-\(UUID().uuidString)")
        let errors = folder.appending(path: ".stderr-\(UUID().uuidString)")
        let process = try start(arguments, in: folder, environment: environment, output: output, errors: errors)
        process.waitUntilExit()
        defer {
            try? FileManager.default.removeItem(at: output)
            try? FileManager.default.removeItem(at: errors)
        }
        let status = process.terminationStatus
        return Result(
            ending: process.terminationReason == .exit ? .status(status) : .signal(status), status: status,
            output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }

    /// - Parameter environment: what it has besides the tests' own.
    static func start(
        _ arguments: [String], in folder: URL, environment: [String: String] = [:], output: URL? = nil,
        errors: URL? = nil
    ) throws -> Process {
        let process = Process()
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.executableURL = executable
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardOutput = try handle(output)
        process.standardError = try handle(errors)
        try process.run()
        return process
    }

    private static func handle(_ file: URL?) throws -> FileHandle {
        guard let file else { return .nullDevice }
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        return try FileHandle(forWritingTo: file)
    }
}

/// A folder of its own for a test, gone when the test is.
final class Folder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "strayframe-tool-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ name: String, _ text: String) throws {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// Runs a command of the shell in it.
    func shell(_ command: String) throws {
        guard try status(command) == 0 else { throw CrashProblem(what: command) }
    }

    /// How a command of the shell ends in it.
    func status(_ command: String) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-ec", command]
        process.currentDirectoryURL = url
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    func data(_ name: String) throws -> Data { try Data(contentsOf: url.appending(path: name)) }
    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: url.appending(path: name).path) }
}

/// A small dump in the native format: a key that two cameras share, so that a frame strays.
enum SmallDump {
    /// A delivery of alice's camera, in the minute after ten.
    static func line(requester: String, second: Int) -> String {
        #"{"ts":"2019-12-26T10:00:\#(second).000000Z","node":"edge","requester":"\#(requester)","camera":"cam-a","key":"slot/1","cache":"HIT","status":200,"bytes":9000}"#
            + "\n"
    }

    static func write(to folder: Folder) throws {
        try folder.write(
            "dump/relay/edge.ndjson",
            """
            {"ts":"2019-12-26T10:00:10.000000Z","node":"edge","requester":"alice","camera":"cam-a","key":"slot/1","cache":"HIT","status":200,"bytes":9000,"client":"nest-hub"}
            {"ts":"2019-12-26T10:00:20.000000Z","node":"edge","requester":"alice","camera":"cam-a","key":"slot/1","cache":"HIT","status":200,"bytes":9000,"client":"nest-hub"}
            {"ts":"2019-12-26T10:00:21.000000Z","node":"edge","requester":"alice","camera":"cam-a","key":"slot/1","cache":"HIT","status":403,"bytes":12}

            """)
        try folder.write(
            "dump/cache/edge.ndjson",
            """
            {"ts":"2019-12-26T10:00:09.000000Z","node":"edge","op":"FILL","key":"slot/1","frame":"f-1","camera":"cam-a"}
            {"ts":"2019-12-26T10:00:19.000000Z","node":"edge","op":"FILL","key":"slot/1","frame":"f-2","camera":"cam-b"}

            """)
        try folder.write("dump/cameras.csv", "camera,owner,from,until,model\ncam-a,alice,,,m\ncam-b,bob,,,m\n")
        try folder.write("dump/grants.csv", "owner,camera,grantee,from,until\n")
    }
}
