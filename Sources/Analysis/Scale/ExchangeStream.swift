import Foundation
import LogBytes
import LogRecords

/// Reads the lines that one stage of a job wrote for the next; plain or compressed, from files, folders or `-`.
enum ExchangeInput {
    /// Calls `body` with each line that is not empty.
    ///
    /// - Throws: `AnalysisError.badLine` with the file and the line for an `ExchangeProblem` that `body` throws, and for a
    ///   file that ends before its end.
    static func eachLine(of paths: [String], _ body: (RawSpan) throws -> Void) throws {
        for found in try LogTree.find(paths).files where isOutput(found.name) {
            var last: UInt64 = 0
            let outcome = try LogFile(found).forEachMember { member in
                try member.forEachLine { bytes, line in
                    last = line.number
                    guard bytes.byteCount > 0 else { return true }
                    do {
                        guard line.extent == .whole else { throw ExchangeProblem("is cut off, or too long") }
                        try body(bytes)
                    } catch let problem as ExchangeProblem {
                        throw AnalysisError.badLine(path: found.name, line: line.number, reason: problem.description)
                    }
                    return true
                }
            }
            guard outcome.isIntact else {
                throw AnalysisError.badLine(path: found.name, line: last, reason: "the file is damaged behind it")
            }
        }
    }

    /// Whether a file is none of those that Spark leaves beside what it wrote (`_SUCCESS`, `.part-….crc`).
    private static func isOutput(_ name: String) -> Bool {
        let last = name.split(separator: "/").last ?? ""
        return !last.hasPrefix("_") && !last.hasPrefix(".")
    }
}

/// Writes lines to the standard output or a file, some thousand bytes at a time.
final class ExchangeOutput {
    private let file: FileHandle
    private static let enough = 1 << 18

    init(_ file: FileHandle) { self.file = file }

    /// - Parameter path: a file that is made anew.
    convenience init(path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw AnalysisError.cannotRead(path: path, reason: "cannot make this file") }
        self.init(file)
    }

    /// Writes out what a text has gathered, if it is worth it.
    func flush(_ text: inout ExchangeText, isLast: Bool = false) throws {
        guard isLast ? !text.bytes.isEmpty : text.bytes.count >= Self.enough else { return }
        try file.write(contentsOf: text.bytes)
        text.removeAll()
    }
}
