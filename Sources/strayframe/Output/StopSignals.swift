import Foundation

/// Makes the process hear its signals and its limits, before anything else is done.
func prepareSignals() {
    // A file that grows beyond `ulimit -f` is an error of the write then, with a message, and not the end of the program.
    signal(SIGXFSZ, SIG_IGN)
    // Whoever started the program may have handed down that these are blocked: a SIGTERM would wait for ever.
    unblockStopSignals()
}

/// While `work` goes on, the first SIGINT or SIGTERM calls `stop` instead of ending the program there; a second one ends it, for
/// work that waits, as for a pipe, may not come to where it stops.
///
/// A handler writes to a pipe: while signals are ignored, as a signal source of Dispatch would have them, one that came before
/// the source listens is dropped.
func onStopSignals<T>(_ stop: @escaping @Sendable () -> Void, during work: () throws -> T) rethrows -> T {
    var ends: [Int32] = [-1, -1]
    // Without descriptors for it the work says so in its turn, and a signal ends the program.
    guard pipe(&ends) == 0 else { return try work() }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    // A handler must not wait for a full pipe.
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    stopPipe = ends[1]
    let source = DispatchSource.makeReadSource(fileDescriptor: ends[0], queue: .global())
    let reader = ends[0]
    source.setEventHandler {
        var byte: UInt8 = 0
        guard read(reader, &byte, 1) == 1 else { return }
        for number in stopSignals { signal(number, SIG_DFL) }
        stop()
    }
    let closed = DispatchSemaphore(value: 0)
    source.setCancelHandler { closed.signal() }
    source.resume()
    for number in stopSignals { setHandler(of: number) { _ in noteStop() } }
    unblockStopSignals()
    defer {
        for number in stopSignals { signal(number, SIG_DFL) }
        stopPipe = -1
        source.cancel()
        closed.wait()
        for end in ends { close(end) }
    }
    return try work()
}

private let stopSignals = [SIGINT, SIGTERM]

/// Where the handler writes; -1 if nobody listens. A global that needs no initialiser to run: a handler may not wait for one.
nonisolated(unsafe) private var stopPipe: Int32 = -1

/// All that a handler may do: `write(2)`, which is safe in one (signal-safety(7)).
private func noteStop() {
    let number = errno
    var byte: UInt8 = 1
    if stopPipe >= 0 { _ = write(stopPipe, &byte, 1) }
    errno = number
}

private func setHandler(of number: Int32, _ handler: @convention(c) @escaping (Int32) -> Void) {
    var action = sigaction()
    #if os(Linux)
        action.__sigaction_handler.sa_handler = handler
    #else
        action.__sigaction_u.__sa_handler = handler
    #endif
    action.sa_flags = Int32(SA_RESTART)
    sigaction(number, &action, nil)
}

private func unblockStopSignals() {
    var set = sigset_t()
    sigemptyset(&set)
    for number in stopSignals { sigaddset(&set, number) }
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
}
