internal import CBytes

/// What the last lines of a log that carried a frame were answers to, by digests.
///
/// A server that writes several lines of one answer writes them one behind the other, or nearly so.
struct RecentAnswers {
    private var digests = [UInt64](repeating: 0, count: 8)
    private var next = 0

    /// Adds what a line is an answer to.
    ///
    /// - Returns: whether one of the last lines was, too.
    mutating func add(_ digest: UInt64) -> Bool {
        if digests.contains(digest) { return true }
        digests[next] = digest
        next = (next + 1) % digests.count
        return false
    }

    mutating func removeAll() {
        for index in digests.indices { digests[index] = 0 }
    }

    /// A digest of several values.
    static func digest(_ seed: UInt64, _ values: UnsafeRawBufferPointer?...) -> UInt64 {
        var digest = seed
        for value in values {
            digest = (digest ^ digest >> 29) &* 0x9e37_79b9_7f4a_7c15
            guard let value, let start = value.baseAddress else { continue }
            digest ^= digest_of_bytes(start.assumingMemoryBound(to: UInt8.self), value.count)
        }
        return digest == 0 ? 1 : digest
    }
}
