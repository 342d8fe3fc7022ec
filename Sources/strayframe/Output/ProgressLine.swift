import Analysis
import Foundation
import Synchronization

/// Shows how far a run has come, on the standard error: drawn over and over on a terminal, or a line of JSON now and then.
final class ProgressLine: Sendable {
    private let progress: Analysis.Progress
    private let isJSON: Bool
    private let isShown: Bool
    private let isOver = Atomic<Bool>(false)
    private let started = Date()

    private let stage: ProgressText.Stage

    init(_ progress: Analysis.Progress, _ messages: MessageOptions, _ stage: ProgressText.Stage) {
        self.progress = progress
        self.stage = stage
        isJSON = messages.form.logFormat == .json
        isShown = !messages.quiet && (isJSON || isatty(STDERR_FILENO) == 1)
    }

    private static let drawnEvery = 0.2
    /// Of lines of JSON: a log is read later, or by a program.
    private static let toldEvery = 5.0

    /// Runs `work` and draws beside it; SIGINT and SIGTERM make the run stop at the next batch.
    func during<T>(_ work: () throws -> T) rethrows -> T {
        if isShown {
            Thread.detachNewThread { [self] in
                var told = started
                while !isOver.load(ordering: .relaxed) {
                    if !isJSON {
                        FileHandle.standardError.write(Data("\r\u{1b}[K\(text)".utf8))
                    } else if Date().timeIntervalSince(told) >= Self.toldEvery {
                        told = Date()
                        Messages.write(text, nameless: nil, .info, figures: figures)
                    }
                    Thread.sleep(forTimeInterval: Self.drawnEvery)
                }
            }
        }
        defer {
            isOver.store(true, ordering: .relaxed)
            if isShown {
                if isJSON {
                    Messages.write("\(text); done", nameless: nil, .info, figures: figures)
                } else {
                    FileHandle.standardError.write(Data("\r\u{1b}[K".utf8))
                }
            }
        }
        return try onStopSignals({ [progress] in progress.isCancelled.store(true, ordering: .relaxed) }, during: work)
    }

    private var figures: [String: Int] {
        [
            "bytes": progress.bytesRead.load(ordering: .relaxed),
            "bytes_total": progress.bytesTotal.load(ordering: .relaxed),
            "deliveries_judged": progress.deliveriesJudged.load(ordering: .relaxed),
            "lines": progress.lines.load(ordering: .relaxed), "rejected": progress.rejected.load(ordering: .relaxed),
        ]
    }

    private var text: String {
        let text = ProgressText.text(
            stage,
            ProgressText.Figures(
                bytesRead: progress.bytesRead.load(ordering: .relaxed),
                bytesTotal: progress.bytesTotal.load(ordering: .relaxed),
                lines: progress.lines.load(ordering: .relaxed), rejected: progress.rejected.load(ordering: .relaxed),
                judged: progress.deliveriesJudged.load(ordering: .relaxed),
                deliveries: progress.deliveriesTotal.load(ordering: .relaxed)),
            seconds: Date().timeIntervalSince(started))
        // A line that is broken is not drawn over.
        guard !isJSON, let width = Terminal.columns(of: STDERR_FILENO), text.count >= width else { return text }
        return String(text.prefix(max(0, width - 2))) + "…"
    }
}
