import Dispatch

/// Does two things at once, on two cores if there are.
///
/// - Precondition: neither reads what the other changes.
func together(_ first: () -> Void, _ second: () -> Void) {
    withoutActuallyEscaping(first) { first in
        withoutActuallyEscaping(second) { second in
            // Checked by hand: both are done when `concurrentPerform` returns, and each runs once.
            nonisolated(unsafe) let work = [first, second]
            DispatchQueue.concurrentPerform(iterations: work.count) { work[$0]() }
        }
    }
}
