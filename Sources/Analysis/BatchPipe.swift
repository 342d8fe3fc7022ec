import Foundation

/// Hands what readers have parsed to the one writer, in order of arrival, and makes readers wait while it is full.
///
/// The pipe's bound is the run's memory: readers × batch + capacity × batch.
final class BatchPipe<Element: Sendable>: @unchecked Sendable {
    // Checked by hand: every access to `elements`, `isClosed` and `writers` holds `condition`.
    private let condition = NSCondition()
    private var elements: [Element] = []
    private var isClosed = false
    private var writers: Int
    private let capacity: Int

    /// - Parameter writers: how many readers will call `finish()`.
    init(capacity: Int, writers: Int) {
        self.capacity = capacity
        self.writers = writers
    }

    /// Adds an element, waiting for room.
    ///
    /// - Returns: false once the writer has gone; there is no use in reading on.
    func put(_ element: consuming Element) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while elements.count >= capacity, !isClosed { condition.wait() }
        if isClosed { return false }
        elements.append(element)
        condition.broadcast()
        return true
    }

    /// The next element, waiting for it; nil when every reader has finished.
    func take() -> Element? {
        condition.lock()
        defer { condition.unlock() }
        while elements.isEmpty, writers > 0, !isClosed { condition.wait() }
        guard !elements.isEmpty else { return nil }
        defer { condition.broadcast() }
        return elements.removeFirst()
    }

    /// A reader has nothing more to give.
    func finish() {
        condition.lock()
        writers -= 1
        condition.broadcast()
        condition.unlock()
    }

    /// The writer stops; waiting readers are let go.
    func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }
}
