import Foundation

@testable import LogBytes

/// A file for a test, made by the system's own tools, and what reading it gives.
final class Sample {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "logbytes-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    func write(_ name: String, _ bytes: [UInt8]) throws { try Data(bytes).write(to: folder.appending(path: name)) }

    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: name))) }

    /// Runs a shell line in the folder and returns what it prints.
    @discardableResult
    func shell(_ line: String) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", line]
        process.currentDirectoryURL = folder
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw ShellFailed(line: line) }
        return String(decoding: data, as: UTF8.self)
    }

    struct ShellFailed: Error { var line: String }

    struct Read {
        var lines: [[UInt8]] = []
        var numbers: [UInt64] = []
        var offsets: [UInt64] = []
        var extents: [LogLine.Extent] = []
        var outcome: FileOutcome
    }

    /// All lines of all members.
    func read(_ name: String, limits: Limits = Limits(), chunkBytes: Int = 1 << 20) throws -> Read {
        let file = try LogFile(path: path(name), limits: limits, chunkBytes: chunkBytes)
        var read = Read(outcome: FileOutcome(size: 0, sha256: "", members: [], skipped: [], damage: nil))
        read.outcome = file.forEachMember { member in
            member.forEachLine { bytes, line in
                read.lines.append(bytes.withUnsafeBytes { Array($0) })
                read.numbers.append(line.number)
                read.offsets.append(line.offset)
                read.extents.append(line.extent)
                return true
            }
        }
        return read
    }
}
