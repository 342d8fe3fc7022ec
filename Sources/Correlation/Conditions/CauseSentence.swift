internal import Foundation

extension Conditions {
    /// The cause in one English sentence; nil if no condition explains the exposures.
    public var sentence: String? {
        guard let cause else { return nil }
        let rest = cause.terms.filter { $0.attribute != .rolloutAtDelivery }.map(Self.words)
        var parts: [String] = []
        if let last = rest.last {
            let list = rest.count == 1 ? last : rest.dropLast().joined(separator: ", ") + " and " + last
            parts.append("with \(list)")
        }
        if let rollout = cause.terms.first(where: { $0.attribute == .rolloutAtDelivery }) {
            parts.append("since rollout \(rollout.value) and while it was in force")
        }
        let all = cause.exposures == exposures
        return "Frames strayed on deliveries \(parts.joined(separator: ", ")): "
            + (all ? "all \(exposures)" : "\(cause.exposures) of the \(exposures)")
            + " \(basis.rawValue) are among those \(cause.deliveries) deliveries, \(Self.percent(cause.rateInside)) of"
            + " them; of all others, \(all ? "none is" : Self.percent(cause.rateOutside) + " are")."
    }

    private static func words(_ term: Term) -> String {
        if term.attribute == .extra { return term.value.replacing("=", with: " ", maxReplacements: 1) }
        let name =
            switch term.attribute {
            case .cache: "cache verdict"
            case .rolloutAtFill: "a fill under rollout"
            case .key: "a key like"
            case .hour: "hour (UTC)"
            case .roundTrip: "a round trip"
            case .loss: "a loss"
            default: term.attribute.label
            }
        let unit = term.attribute == .roundTrip ? " ms" : term.attribute == .loss ? " %" : ""
        return switch term.comparison {
        case .equal: "\(name) \(term.value)\(unit)"
        case .atLeast: "\(name) of \(term.value)\(unit) or more"
        case .below: "\(name) below \(term.value)\(unit)"
        }
    }

    private static func percent(_ rate: Double) -> String { String(format: "%.3g %%", 100 * rate) }
}
