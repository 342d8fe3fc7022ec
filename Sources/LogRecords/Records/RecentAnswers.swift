/// What the last lines of a log that carried a frame were answers to, by digests.
///
/// A server that writes several lines of one answer writes them one behind the other, or nearly so.
struct RecentAnswers {
    /// Half of each is enough: who is taken for another by chance is one of five hundred million lines.
    private var digests = InlineArray<8, UInt32>(repeating: 0)
    private var next = 0

    /// Adds what a line is an answer to.
    ///
    /// - Returns: whether one of the last lines was, too.
    @inline(__always)
    mutating func add(_ digest: UInt64) -> Bool {
        let half = UInt32(truncatingIfNeeded: digest >> 32) | 1
        for index in digests.indices where digests[index] == half { return true }
        digests[next] = half
        next = (next + 1) & 7
        return false
    }

    mutating func removeAll() { digests = InlineArray(repeating: 0) }
}
