import Chance
import Crypto
import Foundation

@testable import LogBytes

/// A folder of its own for a test, gone when the test is.
final class Dump {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appendingPathComponent("logbytes-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file below the folder and returns its path.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String = "input") throws -> String {
        let url = URL(fileURLWithPath: path).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
        return url.path
    }
}

/// A line as lent, kept.
struct ReadLine: Equatable, Sendable {
    var text: String
    var number: UInt64
    var offset: UInt64
    var extent: LogLine.Extent
    var hole = LogLine.Hole.none
    var hasLineFeed = true
}

/// Everything that one file gave.
struct Reading {
    var outcome: FileOutcome
    /// The lines of each member that was lent.
    var lines: [[ReadLine]]

    var texts: [[String]] { lines.map { $0.map(\.text) } }
    var firstDamage: Damage? { outcome.members.compactMap(\.damage).first ?? outcome.damage }
}

/// Reads a whole file, and checks its hash and size on the way.
func read(_ path: String, limits: Limits = Limits(), chunkBytes: Int = 1 << 20) throws -> Reading {
    let file = try LogFile(path: path, limits: limits, chunkBytes: chunkBytes)
    var lines: [[ReadLine]] = []
    let outcome = file.forEachMember { member in
        var own: [ReadLine] = []
        member.forEachLine { bytes, line in
            own.append(
                ReadLine(
                    text: text(of: bytes), number: line.number, offset: line.offset, extent: line.extent,
                    hole: line.hole, hasLineFeed: line.hasLineFeed))
            return true
        }
        lines.append(own)
    }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    precondition(outcome.size == UInt64(bytes.count), "size as found")
    precondition(outcome.sha256 == sha256(bytes), "hash as found")
    return Reading(outcome: outcome, lines: lines)
}

/// Reads bytes as the only file of a dump.
func read(_ bytes: [UInt8], limits: Limits = Limits(), chunkBytes: Int = 1 << 20) throws -> Reading {
    let dump = try Dump()
    return try read(dump.write(bytes), limits: limits, chunkBytes: chunkBytes)
}

func text(of bytes: RawSpan) -> String {
    bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
}

func sha256(_ bytes: some DataProtocol) -> String {
    SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
}

/// `count` lines like a relay's, different from one another, each with its terminator.
func sampleLog(_ count: Int) -> [UInt8] {
    var random = Chance(seed: 7)
    return Array(
        (0..<count).map { "{\"t\":\(1_577_318_400_000 + $0),\"account\":\"\(random.next() % 9973)\",\"n\":\($0)}\n" }
            .joined().utf8)
}

/// What ``sampleLog(_:)`` reads as.
func lines(of log: [UInt8]) -> [String] {
    String(decoding: log, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        .map(String.init).dropLast(log.last == 0x0A ? 1 : 0)
}
