import Analysis
import Casefile
import Correlation
import Foundation
import GRDB
import LogRecords
import Reports

/// A folder of its own for a test, gone when the test is.
final class Scratch: Sendable {
    let folder: URL

    /// - Parameter isInMemory: whether nothing of it needs to reach a disk, for tests of very many small cases.
    init(isInMemory: Bool = false) throws {
        let memory = "/dev/shm"
        let place =
            isInMemory && FileManager.default.isWritableFile(atPath: memory)
            ? URL(fileURLWithPath: memory) : FileManager.default.temporaryDirectory
        folder = place.appending(path: "strayframe-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    /// Writes a file, with the folders above it.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    /// Runs a program of the system on files of this folder.
    func run(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.currentDirectoryURL = folder
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ProgramFailed(program: program, status: process.terminationStatus)
        }
    }

    struct ProgramFailed: Error {
        var program: String
        var status: Int32
    }

    /// Ingests and correlates into a case of this folder.
    ///
    /// - Parameter isPart: whether more is to come, and nothing is correlated yet.
    func analyze(
        _ roots: [String], case name: String = "case.sqlite", jobs: Int = 2, options: Correlator.Options = .init(),
        profiles: [(file: String, text: String)] = [], isPart: Bool = false
    ) throws -> CaseFile {
        let caseFile = try CaseFile(writingTo: path(name))
        var ingest = Ingest.Options(roots: roots, library: try ProfileLibrary(own: profiles))
        ingest.jobs = jobs
        let trace = try Ingest(caseFile, ingest).run()
        if isPart { return caseFile }
        try Correlator(caseFile, options, trace: trace).run()
        return caseFile
    }

    /// Every report file of a case, by name.
    func reports(of caseFile: CaseFile, in name: String = "reports") throws -> [String: Data] {
        let target = folder.appending(path: name)
        var files: [String: Data] = [:]
        for file in try Reports.write(caseFile, to: target).files {
            files[file] = try Data(contentsOf: target.appending(path: file))
        }
        return files
    }
}

extension CaseFile {
    /// The certainty of each line that is an exposure or unresolved, in a case whose deliveries are of one file.
    func verdictsByLine() throws -> [Int: String] {
        try read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT line, certainty FROM exposures UNION ALL SELECT line, 'unresolved' FROM unresolved_deliveries
                    """)
            return Dictionary(uniqueKeysWithValues: rows.map { ($0[0] as Int, $0[1] as String) })
        }
    }

    func count(_ sql: String) throws -> Int { try read { try Int.fetchOne($0, sql: sql) ?? 0 } }
}
