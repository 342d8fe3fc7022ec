import Dispatch
import Synchronization

/// Does two things at once, on two cores if there are.
///
/// - Precondition: neither reads what the other changes.
func forkJoin(_ first: () -> Void, _ second: () -> Void) {
    withoutActuallyEscaping(first) { first in
        withoutActuallyEscaping(second) { second in
            // Checked by hand: both are done when `concurrentPerform` returns, and each runs once.
            nonisolated(unsafe) let work = [first, second]
            DispatchQueue.concurrentPerform(iterations: work.count) { work[$0]() }
        }
    }
}

/// Makes things and uses them at the same time, on two cores if there are: `use` gets what `make` hands on, in that order
/// and a few behind.
///
/// - Precondition: neither reads what the other changes.
/// - Throws: what `make` throws, once all that was handed on is used.
func pipelined<Element: Sendable>(
    _ make: (_ hand: (Element) -> Void) throws -> Void, to use: (Element) -> Void
) rethrows {
    let pipe = BoundedChannel<Element>(capacity: 8, writers: 1, patience: 4)
    let using = DispatchGroup()
    try withoutActuallyEscaping(use) { use in
        // Checked by hand: it is done when `wait` returns.
        nonisolated(unsafe) let use = use
        DispatchQueue(label: "use").async(group: using) {
            while let element = pipe.take() { use(element) }
        }
        defer {
            pipe.finish()
            using.wait()
        }
        try make { _ = pipe.put($0) }
    }
}

/// Makes things on a thread of their own, and uses them here at the same time, in that order and a few behind.
///
/// - Precondition: neither reads what the other changes.
/// - Throws: what `use` throws, at once; what `make` throws, once all that it handed on is used.
func prefetching<Element: Sendable>(
    _ make: (_ hand: (Element) throws -> Void) throws -> Void, use: (Element) throws -> Void
) throws {
    let pipe = BoundedChannel<Element>(capacity: 8, writers: 1, patience: 4)
    let making = DispatchGroup()
    let failure = Mutex<(any Error)?>(nil)
    try withoutActuallyEscaping(make) { make in
        // Checked by hand: it is done when `wait` returns.
        nonisolated(unsafe) let make = make
        DispatchQueue(label: "make").async(group: making) {
            do {
                try make { if !pipe.put($0) { throw CancellationError() } }
            } catch {
                failure.withLock { $0 = error }
            }
            pipe.finish()
        }
        defer {
            pipe.close()
            making.wait()
        }
        while let element = pipe.take() { try use(element) }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
}
