import Foundation

/// While `work` goes on, SIGINT and SIGTERM call `stop` instead of ending the program there.
func onStopSignals<T>(_ stop: @escaping @Sendable () -> Void, during work: () throws -> T) rethrows -> T {
    let numbers = [SIGINT, SIGTERM]
    let sources = numbers.map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler(handler: stop)
        source.resume()
        return source
    }
    defer {
        for source in sources { source.cancel() }
        for number in numbers { signal(number, SIG_DFL) }
    }
    return try work()
}
