/// What the last lines of a log that carried a frame were answers to, by digests.
///
/// A server that writes several lines of one answer writes them one behind the other, or nearly so.
struct RecentAnswers {
    private var digests = SIMD8<UInt64>()
    private var next = 0

    /// Adds what a line is an answer to.
    ///
    /// - Parameter digest: not 0.
    /// - Returns: whether one of the last lines was, too.
    @inline(__always)
    mutating func add(_ digest: UInt64) -> Bool {
        if any(digests .== SIMD8(repeating: digest)) { return true }
        digests[next] = digest
        next = (next + 1) & 7
        return false
    }

    mutating func removeAll() { digests = SIMD8() }
}
