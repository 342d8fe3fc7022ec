import Foundation

/// The tool, run as a user runs it: as a program of its own, by its command line, whatever is wrong with it.
struct ToolRun: Sendable {
    /// How it ended; a signal counts as 128 and its number, as in a shell.
    let status: Int32
    /// What it wrote, on the standard output and error alike.
    let output: String

    /// - Throws: what Foundation says if the program cannot be started.
    init(_ tool: URL, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = tool
        process.arguments = arguments
        let pipe = Pipe()
        (process.standardOutput, process.standardError) = (pipe, pipe)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        status = process.terminationStatus + (process.terminationReason == .exit ? 0 : 128)
    }

    /// The end of what it wrote, on one line.
    var lastWords: String { String(output.split(separator: "\n").joined(separator: " / ").suffix(200)) }
}
