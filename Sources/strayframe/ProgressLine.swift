import Analysis
import Foundation
import Synchronization

/// Shows how far a run has come, on the standard error if that is a terminal; nothing otherwise.
final class ProgressLine: Sendable {
    private let progress: Analysis.Progress
    private let isShown: Bool
    private let isOver = Atomic<Bool>(false)
    private let started = Date()

    init(_ progress: Analysis.Progress, quiet: Bool) {
        self.progress = progress
        isShown = !quiet && isatty(STDERR_FILENO) == 1
    }

    private static let stops = [SIGINT, SIGTERM]

    /// Runs `work` and draws beside it; SIGINT and SIGTERM make the run stop at the next batch.
    func during<T>(_ work: () throws -> T) rethrows -> T {
        let signals = Self.stops.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [progress] in progress.isCancelled.store(true, ordering: .relaxed) }
            source.resume()
            return source
        }
        if isShown {
            Thread.detachNewThread { [self] in
                while !isOver.load(ordering: .relaxed) {
                    draw()
                    Thread.sleep(forTimeInterval: 0.2)
                }
            }
        }
        defer {
            isOver.store(true, ordering: .relaxed)
            for source in signals { source.cancel() }
            for number in Self.stops { signal(number, SIG_DFL) }
            if isShown { FileHandle.standardError.write(Data("\r\u{1b}[K".utf8)) }
        }
        return try work()
    }

    private func draw() {
        let total = progress.bytesTotal.load(ordering: .relaxed)
        let read = progress.bytesRead.load(ordering: .relaxed)
        let lines = progress.lines.load(ordering: .relaxed)
        let judged = progress.deliveriesJudged.load(ordering: .relaxed)
        let seconds = max(Date().timeIntervalSince(started), 0.001)
        var text: String
        if judged > 0 {
            text = "correlating: \(judged) deliveries judged"
        } else {
            let share = total > 0 ? Double(read) / Double(total) : 0
            text =
                "\(megabytes(read)) of \(megabytes(total)) MB (\(Int(share * 100)) %), \(lines) lines, \(Int(Double(lines) / seconds)) lines/s"
            let rejected = progress.rejected.load(ordering: .relaxed)
            if rejected > 0 { text += ", \(rejected) rejected" }
            if share > 0.01, share < 1 { text += ", \(Int(seconds / share - seconds)) s left" }
        }
        FileHandle.standardError.write(Data("\r\u{1b}[K\(text)".utf8))
    }

    private func megabytes(_ bytes: Int) -> String { String(format: "%.1f", Double(bytes) / 1e6) }
}
