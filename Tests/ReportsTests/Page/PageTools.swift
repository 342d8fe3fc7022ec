import Foundation

/// What the tests ask of others and `make test` installs into `.build/page-tools` (Tests/Page/requirements.txt): axe-core, a
/// reader of workbooks, Datasette.
enum PageTools {
    static let absence: String = "NOT TESTED: .build/page-tools is not there; 'make page-tools' makes it"

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: ".build/page-tools")

    /// A program of its environment; nil if it is not there.
    static func program(_ name: String) -> String? {
        let path = folder.appending(path: "bin/\(name)").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    /// The text of axe-core, which finds what keeps people from reading a page; nil if it is not there.
    static let axe: String? = {
        let libraries = folder.appending(path: "lib")
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: libraries.path)) ?? []
        return versions.lazy.compactMap { version in
            try? String(
                contentsOf: libraries.appending(path: "\(version)/site-packages/axe_playwright_python/axe.min.js"),
                encoding: .utf8)
        }.first
    }()

    /// Runs a program to its end.
    ///
    /// - Returns: what it printed.
    static func output(_ program: String, _ arguments: [String], in folder: URL) throws -> String {
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Chromium.Failure(description: "\(program) ended with \(process.terminationStatus)")
        }
        return String(decoding: data, as: UTF8.self)
    }
}
