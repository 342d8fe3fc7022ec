public import Synchronization

/// How far a run has come, for whoever wants to show it; read at any time from any thread.
public final class Progress: Sendable {
    /// Bytes of the dump, as found.
    public let bytesTotal = Atomic<Int>(0)
    public let bytesRead = Atomic<Int>(0)
    public let filesTotal = Atomic<Int>(0)
    public let filesRead = Atomic<Int>(0)
    public let lines = Atomic<Int>(0)
    public let rejected = Atomic<Int>(0)
    public let deliveriesJudged = Atomic<Int>(0)
    public let deliveriesTotal = Atomic<Int>(0)
    /// Set to stop the run at the next batch.
    public let isCancelled = Atomic<Bool>(false)

    public init() {}
}
