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

    /// What is counted as a run goes on.
    enum Unit {
        case bytes
        case files
    }

    private let unit: Unit

    init(_ progress: Analysis.Progress, _ messages: MessageOptions, unit: Unit = .bytes) {
        self.progress = progress
        self.unit = unit
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
        let judged = progress.deliveriesJudged.load(ordering: .relaxed)
        let seconds = max(Date().timeIntervalSince(started), 0.001)
        let deliveries = progress.deliveriesTotal.load(ordering: .relaxed)
        if judged > deliveries { return "correlating: following the keys that need their history" }
        if judged > 0 {
            let left = seconds * Double(deliveries - judged) / Double(judged)
            return "correlating: \(judged) of \(deliveries) deliveries judged, \(Int(left)) s left"
        }
        let total = progress.bytesTotal.load(ordering: .relaxed)
        let read = progress.bytesRead.load(ordering: .relaxed)
        if unit == .files { return "\(read) of \(total) files looked at" }
        let lines = progress.lines.load(ordering: .relaxed)
        let share = total > 0 ? Double(read) / Double(total) : 0
        var text =
            "\(megabytes(read)) of \(megabytes(total)) MB (\(Int(share * 100)) %), \(lines) lines, \(Int(Double(lines) / seconds)) lines/s"
        let rejected = progress.rejected.load(ordering: .relaxed)
        if rejected > 0 { text += ", \(rejected) rejected" }
        if share > 0.01, share < 1 { text += ", \(Int(seconds / share - seconds)) s left" }
        return text
    }

    private func megabytes(_ bytes: Int) -> String { String(format: "%.1f", Double(bytes) / 1e6) }
}
