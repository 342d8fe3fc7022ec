import Foundation
import LogBytes

/// Compressions and containers: a file of any bytes is read to its end, within its limits.
enum Framing {
    /// Small, so that inputs of a few hundred bytes reach them.
    private static let limits = Limits(maxLineBytes: 1000, maxOutputBytesPerInputByte: 1000, freeOutputBytes: 1 << 16)

    /// Where the file to be read stands; in memory where the system has such a place.
    private static let path =
        (FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory())
        + "/strayframe-fuzz-\(ProcessInfo.processInfo.processIdentifier)"

    /// - Parameter mark: put into its place, so that every input is one of this format.
    static func target(mark: [UInt8], at offset: Int = 0) -> Target {
        atexit { unlink(Framing.path) }
        return { read($0, mark, offset) }
    }

    private static func read(_ input: [UInt8], _ mark: [UInt8], _ offset: Int) {
        var bytes = input
        guard bytes.count >= offset + mark.count else { return }
        bytes.replaceSubrange(offset..<offset + mark.count, with: mark)
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes)),
            let file = try? LogFile(path: path, limits: limits)
        else { fatalError("cannot write \(path)") }
        var lent: UInt64 = 0
        let outcome = file.forEachMember { member in
            member.peek { precondition($0.byteCount <= LogMember.maxPeekBytes) }
            member.forEachLine { bytes, line in
                lent += 1
                precondition(bytes.byteCount <= limits.maxLineBytes)
                precondition(line.extent != .whole || UInt64(bytes.byteCount) == line.byteCount)
                return true
            }
        }
        precondition(outcome.size == UInt64(bytes.count), "the whole file is hashed, whatever is in it")
        precondition(lent == outcome.members.reduce(0) { $0 + $1.lines })
        let most = max(limits.freeOutputBytes, outcome.size * limits.maxOutputBytesPerInputByte) + 4 << 20
        precondition(outcome.members.allSatisfy { $0.decodedBytes <= most })
        for member in outcome.members { _ = "\(member.packing) \(member.damage.map { "\($0)" } ?? "")" }
    }
}
