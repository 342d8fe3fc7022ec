import Foundation

/// Hands what readers have parsed to the one writer, in order of arrival, and makes readers wait while it is full.
///
/// The pipe's bound is the run's memory: readers × batch + capacity × batch.
final class BoundedChannel<Element: Sendable>: @unchecked Sendable {
    // Checked by hand: every access to `elements`, `isClosed` and `writers` holds `condition`.
    private let condition = NSCondition()
    private var elements: [Element] = []
    private var isClosed = false
    private var writers: Int
    private let capacity: Int
    /// Whoever waits sleeps until so many elements can be taken, or so many put: to wake up costs as much as a small element
    /// does.
    private let patience: Int

    /// - Parameters:
    ///   - writers: how many readers will call `finish()`.
    ///   - patience: how many elements are worth waking up for; at most `capacity`.
    init(capacity: Int, writers: Int, patience: Int = 1) {
        self.capacity = capacity
        self.writers = writers
        self.patience = patience
    }

    /// Adds an element, waiting for room.
    ///
    /// - Returns: false once the writer has gone; there is no use in reading on.
    func put(_ element: consuming Element) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        if elements.count >= capacity {
            while elements.count > capacity - patience, !isClosed { condition.wait() }
        }
        if isClosed { return false }
        elements.append(element)
        if elements.count == patience { condition.broadcast() }
        return true
    }

    /// The next element, waiting for it; nil when every reader has finished.
    func take() -> Element? {
        condition.lock()
        defer { condition.unlock() }
        if elements.isEmpty {
            while elements.count < patience, writers > 0, !isClosed { condition.wait() }
        }
        guard !elements.isEmpty else { return nil }
        defer { if elements.count == capacity - patience { condition.broadcast() } }
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
