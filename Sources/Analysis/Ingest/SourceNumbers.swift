import Synchronization

/// Gives each source its number, and knows the digests that the case had when the run began.
final class SourceNumbers: Sendable {
    private let last: Atomic<Int64>
    private let digests: Set<String>

    init(after last: Int64, digests: Set<String>) {
        self.last = Atomic(last)
        self.digests = digests
    }

    func next() -> Int64 { last.add(1, ordering: .relaxed).newValue }
    func isKnown(_ sha256: String) -> Bool { digests.contains(sha256) }
}
