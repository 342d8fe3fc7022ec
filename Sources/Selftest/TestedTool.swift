package import Foundation
import Synchronization

/// The program that is tested, run as a user runs it: by its command line, as a program of its own, whatever is wrong with it.
package final class TestedTool: Sendable {
    /// What came of a run.
    struct Run: Sendable {
        /// How it ended; a signal counts as 128 and its number, as in a shell.
        let status: Int32
        /// What it wrote, on the standard output and error alike.
        let output: String

        /// The end of what it wrote, on one line.
        var lastWords: String { String(output.split(separator: "\n").joined(separator: " / ").suffix(200)) }
    }

    /// No run begins any more.
    package struct Stopped: Error, CustomStringConvertible {
        package let description = "interrupted"
    }

    private let program: URL
    private let state = Mutex((process: pid_t?.none, isStopped: false))

    /// - Parameter program: an executable file.
    package init(_ program: URL) {
        self.program = program
    }

    /// - Throws: ``Stopped`` once ``stop()`` was called, what Foundation says if the program cannot be started.
    func run(_ arguments: [String]) throws -> Run {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        let pipe = Pipe()
        (process.standardOutput, process.standardError) = (pipe, pipe)
        process.standardInput = FileHandle.nullDevice
        try start(process)
        let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        try state.withLock {
            $0.process = nil
            if $0.isStopped { throw Stopped() }
        }
        return Run(
            status: process.terminationStatus + (process.terminationReason == .exit ? 0 : 128), output: output)
    }

    /// Ends the run that goes on, which a terminal's interrupt does not reach as Foundation gives it a process group of its
    /// own, and lets no other begin.
    package func stop() {
        state.withLock {
            $0.isStopped = true
            if let process = $0.process { kill(process, SIGTERM) }
        }
    }

    private func start(_ process: Process) throws {
        try state.withLock {
            if $0.isStopped { throw Stopped() }
            try process.run()
            $0.process = process.processIdentifier
        }
    }
}
