import Foundation

/// How far a run has come, in words that are right from its first second to its last.
enum ProgressText {
    /// What a run is at.
    enum Stage {
        /// Looking at the beginnings of files.
        case looking
        case reading
        case correlating
    }

    struct Figures {
        /// Of the dump; of files, where their beginnings are looked at.
        var bytesRead = 0
        var bytesTotal = 0
        var lines = 0
        var rejected = 0
        var judged = 0
        var deliveries = 0
    }

    /// From when on speed and what is left can be told, seconds.
    private static let settled = 1.0

    static func text(_ stage: Stage, _ figures: Figures, seconds: Double) -> String {
        switch stage {
        case .looking:
            figures.bytesTotal == 0
                ? "looking for files" : "\(figures.bytesRead) of \(figures.bytesTotal) files looked at"
        case .reading: reading(figures, seconds)
        case .correlating: correlating(figures, seconds)
        }
    }

    private static func reading(_ figures: Figures, _ seconds: Double) -> String {
        let (read, total) = (figures.bytesRead, figures.bytesTotal)
        // Of pipes no size is known.
        if total == 0, figures.lines == 0 { return "looking for files" }
        var parts: [String] = []
        if total > 0 {
            let share = min(1, Double(read) / Double(total))
            parts.append("\(megabytes(read)) of \(megabytes(total)) MB (\(Int(share * 100)) %)")
        }
        parts.append("\(SummaryTable.number(figures.lines)) lines")
        if figures.rejected > 0 { parts.append("\(SummaryTable.number(figures.rejected)) rejected") }
        if total > 0, read >= total { return "all read: " + parts.joined(separator: ", ") + "; finishing the case" }
        if seconds >= settled {
            parts.append("\(SummaryTable.number(Int(Double(figures.lines) / seconds))) lines/s")
            if read > 0, total > read { parts.append(left(seconds * Double(total - read) / Double(read))) }
        }
        return parts.joined(separator: ", ")
    }

    private static func correlating(_ figures: Figures, _ seconds: Double) -> String {
        let (judged, total) = (figures.judged, figures.deliveries)
        if total == 0 || judged == 0 { return "correlating: reading what the logs say" }
        if judged > total { return "correlating: following the keys that need their history" }
        if judged == total {
            return "correlating: all \(SummaryTable.number(total)) deliveries judged; finding the cause"
        }
        let text = "correlating: \(SummaryTable.number(judged)) of \(SummaryTable.number(total)) deliveries judged"
        return seconds < settled ? text : text + ", " + left(seconds * Double(total - judged) / Double(judged))
    }

    private static func left(_ seconds: Double) -> String {
        switch seconds {
        case ..<1: "less than a second left"
        case ..<120: "\(Int(seconds.rounded(.up))) s left"
        case ..<7200: "\(Int((seconds / 60).rounded(.up))) min left"
        case ..<360_000: "\(Int((seconds / 3600).rounded(.up))) h left"
        default: "days left"
        }
    }

    private static func megabytes(_ bytes: Int) -> String { String(format: "%.1f", Double(bytes) / 1e6) }
}
