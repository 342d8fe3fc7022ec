import Benchmark
import Foundation
import LogBytes

/// `LogBytes`. A file is hashed as found, so a plain log's lines cost their hash besides, and zstd's share in the first
/// is what is left without the difference of the other two.
func readingBenchmarks() {
    Benchmark("read: lines of zstd logs") { _ in
        for path in Sample.relay.files { try readLines(path) }
    }

    let plain = Sample.scratch.appending(path: "relay.ndjson").path
    Benchmark("read: lines of a plain log") { _ in
        try readLines(plain)
    } setup: {
        try Data(Sample.relay.text).write(to: URL(fileURLWithPath: plain))
    }

    Benchmark("read: hash of a plain log") { _ in
        blackHole(try LogFile(path: plain).forEachMember { _ in }.sha256)
    } setup: {
        try Data(Sample.relay.text).write(to: URL(fileURLWithPath: plain))
    }
}

private func readLines(_ path: String) throws {
    var count = 0
    _ = try LogFile(path: path).forEachMember { member in
        member.forEachLine { bytes, _ in
            count += bytes.byteCount
            return true
        }
    }
    blackHole(count)
}
