internal import Foundation
public import LogRecords

extension Conditions {
    /// The cause in one English sentence; nil if no condition explains the exposures.
    ///
    /// - Parameter text: of a rollout's name.
    public func sentence(_ text: (SymbolID) -> String) -> String? {
        guard let cause else { return nil }
        let rest = cause.terms.filter { $0.attribute != .rolloutAtDelivery }
        var parts: [String] = []
        if !rest.isEmpty { parts.append("with \(Self.list(rest))") }
        if let rollout = cause.terms.first(where: { $0.attribute == .rolloutAtDelivery }) {
            parts.append("since rollout \(rollout.value) and while it was in force")
        } else if let time = time(text) {
            parts.append(time)
        }
        let all = cause.exposures == exposures
        let others = deliveries - cause.deliveries
        let accounts = cause.receivers == 1 ? "1 account" : "\(cause.receivers) accounts"
        return "Frames strayed on deliveries \(parts.joined(separator: ", ")): "
            + (all ? "all \(exposures)" : "\(cause.exposures) of the \(exposures)")
            + " \(basis.rawValue), received by \(accounts), are among those \(cause.deliveries) deliveries,"
            + " \(Self.percent(cause.rateInside)) of them; of the \(others) others\(isOfPart ? " then" : ""), "
            + (cause.rateOutsideAtMost.map { "none is (at most \(Self.roundedUp($0)))" }
                ?? "\(Self.percent(cause.rateOutside)) are") + "."
            + (coldSentence(text).map { " " + $0 } ?? "")
    }

    /// What happened to the cache right before the cause began; nil if nothing did.
    ///
    /// - Parameter text: of a node's name.
    public func coldSentence(_ text: (SymbolID) -> String) -> String? {
        guard let cold else { return nil }
        let nodes = cold.nodes.filter(\.isPresent).map(text).sorted()
        let place =
            switch nodes.count {
            case 0: "the cache"
            case 1...4: "the cache of " + Self.join(nodes)
            default: "the cache of \(nodes.count) nodes"
            }
        let why =
            if cold.purges > 0 {
                "after \(cold.purges == 1 ? "a purge" : "\(cold.purges) purges")"
            } else if cold.silence > 0 {
                "as after a restart: it had delivered nothing for \(Int(Double(cold.silence) / 1e6)) s"
            } else {
                "as after a restart or a loss of its store; no purge is logged"
            }
        return "It began while \(place) was cold from \(cold.from.rfc3339) to \(cold.until.rfc3339)"
            + " (\(Self.percent(cold.misses)) of its answers were misses, \(Self.percent(cold.missesOtherwise)) at other"
            + " times), \(why)."
    }

    private func time(_ text: (SymbolID) -> String) -> String? {
        let after = rollout.map { ", right after rollout \(text($0))," } ?? ""
        return switch (began, ended) {
        case (let began?, let ended?): "from \(began.rfc3339)\(after) to \(ended.rfc3339)"
        case (let began?, nil): "from \(began.rfc3339) on\(after.dropLast())"
        case (nil, let ended?): "until \(ended.rfc3339)"
        case (nil, nil): nil
        }
    }

    /// The second cause in one sentence; nil if there is none.
    public var secondSentence: String? {
        guard let second else { return nil }
        return
            "Of the others, frames strayed on deliveries with \(Self.list(second.terms)): \(second.exposures) exposures,"
            + " received by \(second.receivers) accounts, are among those \(second.deliveries) deliveries."
    }

    private static func list(_ terms: [Term]) -> String { join(terms.map(words)) }

    private static func join(_ all: [String]) -> String {
        guard let last = all.last else { return "" }
        return all.count == 1 ? last : all.dropLast().joined(separator: ", ") + " and " + last
    }

    /// When most exposures happened, if no condition explains them; nil if there is no such time.
    public func burstSentence(_ text: (SymbolID) -> String) -> String? {
        guard ranked.isEmpty, isOfPart, let time = time(text) else { return nil }
        return "\(exposures) exposures happened \(time), and no condition tells them from the other deliveries then."
            + (coldSentence(text).map { " " + $0 } ?? "")
    }

    /// What there is to say of an account that received nearly all; nil if there is none. It does not name it.
    public var foremostSentence: String? {
        foremost.map {
            ($0.accounts == 1 ? "One account" : "One household of \($0.accounts) accounts")
                + " received \(Self.percent(Double($0.exposures) / Double(max(exposures, 1)))) of them:"
                + " \($0.exposures) of the \(exposures) \(basis.rawValue)."
        }
    }

    private static func words(_ term: Term) -> String {
        if term.attribute == .extra { return term.value.replacing("=", with: " ", maxReplacements: 1) }
        let name =
            switch term.attribute {
            case .cache: "cache verdict"
            case .rolloutAtFill: "a fill under rollout"
            case .key: "a key like"
            case .roundTrip: "a round trip"
            case .loss: "a loss"
            default: term.attribute.label
            }
        let unit = term.attribute == .roundTrip ? " ms" : term.attribute == .loss ? " %" : ""
        return switch term.comparison {
        case .equal where term.attribute == .hour: hours(term.value)
        case .equal: "\(name) \(term.value)\(unit)"
        case .between:
            "\(name) of \(term.bounds?.low ?? "") to less than \(term.bounds?.high ?? "")\(unit)"
        case .atLeast: "\(name) of \(term.value)\(unit) or more"
        case .below: "\(name) below \(term.value)\(unit)"
        }
    }

    /// `02` and `02-03` as times of the day.
    private static func hours(_ value: String) -> String {
        let ends = value.split(separator: "-").compactMap { Int($0) }
        guard let first = ends.first, let last = ends.last else { return "hour \(value)" }
        return String(format: "a time from %02d:00 to %02d:00 UTC", first, (last + 1) % 24)
    }

    private static func percent(_ rate: Double) -> String { String(format: "%.3g %%", 100 * rate) }

    /// A bound, to one digit.
    private static func roundedUp(_ rate: Double) -> String {
        guard rate > 0 else { return "0 %" }
        let power = pow(10, (log10(100 * rate)).rounded(.down))
        return String(format: "%.3g %%", (100 * rate / power - 1e-9).rounded(.up) * power)
    }
}
