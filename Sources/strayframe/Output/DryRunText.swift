import Analysis
import Foundation
import LogRecords

/// A plan as the terminal shows it.
enum DryRunText {
    private static let shown = 20

    /// - Parameter casePath: where the case would be.
    static func text(_ plan: DryRun, casePath: String) -> String {
        var lines = ["profile".padded(to: 28) + "   files          MB"]
        for group in plan.groups {
            lines.append(VisibleText.of(group.profile).padded(to: 28) + row(group.files, group.bytes))
        }
        lines.append(
            "in all".padded(to: 28)
                + row(plan.groups.reduce(0) { $0 + $1.files }, plan.groups.reduce(0) { $0 + $1.bytes }))
        if !plan.strangers.isEmpty {
            lines += ["", "\(plan.strangers.count) not read:"]
            for stranger in plan.strangers.prefix(shown) {
                lines.append("  \(VisibleText.of(stranger.name)): \(VisibleText.of(stranger.reason))")
            }
            if plan.strangers.count > shown { lines.append("  and \(plan.strangers.count - shown) more") }
            lines.append("  'strayframe profiles draft FILE' proposes a profile for a log of no known format")
        }
        if !plan.pipes.isEmpty {
            lines += ["", "not opened, for a pipe is read once: \(VisibleText.of(plan.pipes.joined(separator: ", ")))"]
        }
        if !plan.answerProfiles.isEmpty {
            lines += [
                "",
                "\(plan.answerProfiles.count) formats tell of answers (\(VisibleText.of(plan.answerProfiles.joined(separator: ", ")))): "
                    + "logs with the same answers count once, which the run tells by their lines",
            ]
        }
        if !plan.open.isEmpty {
            lines += ["", "open, by the logs' first lines (Docs/Assumptions.md):"]
            lines += plan.open.map { "  \($0.assumption.rawValue): \(VisibleText.of($0.detail))" }
        }
        if plan.lines > 0 { lines += ["", cost(plan, casePath)] }
        return lines.joined(separator: "\n")
    }

    private static func row(_ files: Int, _ bytes: UInt64) -> String {
        String(format: "%8d %11.1f", files, Double(bytes) / 1e6)
    }

    private static func cost(_ plan: DryRun, _ casePath: String) -> String {
        let (least, most) = (time(plan.seconds.lowerBound), time(plan.seconds.upperBound))
        var text = "about \(count(plan.lines)) lines, "
        text += least == most ? least : "\(least) to \(most)"
        text += String(format: ", and a case of about %.0f MB", max(1, plan.caseBytes / 1e6))
        let folder = URL(fileURLWithPath: casePath).deletingLastPathComponent()
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder.path)
        guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.doubleValue else { return text }
        text += String(format: "; %.0f MB are free there", free / 1e6)
        // Scratch files lie beside the case.
        if free < plan.caseBytes * 2 { text += ": THAT IS TOO LITTLE; put the case elsewhere with --case" }
        return text
    }

    private static func count(_ lines: Double) -> String {
        lines < 10_000
            ? String(format: "%.0f", lines)
            : lines < 10e6
                ? String(format: "%.0f thousand", lines / 1e3) : String(format: "%.0f million", lines / 1e6)
    }

    private static func time(_ seconds: Double) -> String {
        switch seconds {
        case ..<2: "seconds"
        case ..<120: String(format: "%.0f s", seconds)
        case ..<7200: String(format: "%.0f min", seconds / 60)
        default: String(format: "%.1f h", seconds / 3600)
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(1, width - count))
    }
}
