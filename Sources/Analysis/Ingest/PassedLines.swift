import CBytes
import Casefile
import LogBytes
import LogRecords

/// The lines before a log that begins far behind its file's beginning: what a server said of its start, another program's
/// lines, a line longer than anything that is looked at.
struct PassedLines {
    private(set) var count: Int64 = 0
    private(set) var digests = LineDigests()

    /// What is behind so many lines is not looked for.
    private static let most = 1 << 24

    var areTooMany: Bool { count >= Self.most }

    mutating func add(_ line: RawSpan) {
        count += 1
        if areTooMany { return }
        digests.append(line)
    }

    /// What is said of them where their source is listed.
    var note: String {
        "\(count == 1 ? "line 1 fits" : "lines 1–\(count) fit") no profile and \(count == 1 ? "was" : "were") passed over"
    }
}

extension LineDigests {
    /// Adds the line that follows.
    @inline(__always)
    mutating func append(_ line: RawSpan) {
        append(
            line.withUnsafeBytes {
                digest_of_line($0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count)
            })
    }
}

extension LogMember {
    /// How many stretches are looked at; what is behind the last one is not, for a file can be very large.
    private static let mostStretches = 256
    private static let stretchBytes: UInt64 = 1 << 20

    /// Passes over lines, stretch by stretch, to where a profile fits what comes next; to the end if none does.
    mutating func profileLater(by recognizer: FormatSniffer, _ passed: inout PassedLines) -> Profile? {
        for _ in 0..<Self.mostStretches {
            let before = passed.count
            var bytes: UInt64 = 0
            forEachLine { line, place in
                passed.add(line)
                bytes += place.byteCount + 1
                return bytes < Self.stretchBytes
            }
            if passed.count == before || passed.areTooMany { break }
            if let profile = profileFurther(by: recognizer) { return profile }
        }
        forEachLine { line, _ in
            passed.add(line)
            return true
        }
        return nil
    }
}
