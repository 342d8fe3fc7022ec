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

/// Makes things and uses them at the same time, on two cores if there are: `use` gets what `make` hands on, in that order
/// and a few behind.
///
/// - Precondition: neither reads what the other changes.
/// - Throws: what `make` throws, once all that was handed on is used.
func handOn<Element: Sendable>(
    _ make: (_ hand: (Element) -> Void) throws -> Void, to use: (Element) -> Void
) rethrows {
    let pipe = BatchPipe<Element>(capacity: 4, writers: 1)
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
