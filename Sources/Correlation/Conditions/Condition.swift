/// A conjunction of terms under which exposures are more frequent than elsewhere.
public struct Condition: Sendable {
    /// In order of attributes.
    public var terms: [Term]
    public var deliveries: Int
    public var exposures: Int
    public var rateInside: Double
    public var rateOutside: Double
    /// With a half added to each count if no exposure is outside.
    public var riskRatio: Double
    /// Holds the true ratio at 95 %, for all conjunctions that were tried at once.
    public var riskRatioLow: Double
    public var riskRatioHigh: Double
    /// Fisher's exact test, times the number of conjunctions tried; 1 at most.
    public var pAdjusted: Double
    /// Other conjunctions that pick out the same exposures, and other deliveries only as far as chance would have it: this
    /// dump cannot tell them apart.
    public var sameAs: [[Term]] = []

    /// As reports have it: `client=nest-hub AND network=poor`.
    public var text: String { Self.text(terms) }
    public static func text(_ terms: [Term]) -> String { terms.map(\.description).joined(separator: " AND ") }

    init(_ terms: [Term], _ contrast: Contrast, tried: Int) {
        self.terms = terms
        deliveries = contrast.deliveries
        exposures = contrast.exposures
        rateInside = contrast.rateInside
        rateOutside = contrast.rateOutside
        (riskRatio, riskRatioLow, riskRatioHigh) = contrast.riskRatio(error: 0.05 / Double(max(tried, 1)))
        pAdjusted = min(1, contrast.chance * Double(tried))
    }
}

/// What explains the exposures of a case.
public struct Conditions: Sendable {
    /// Which exposures were explained: the first kind of which there are any. A grant that had ended, or a delivery that
    /// is an exposure only maybe, has other causes than a frame that surely reached a stranger.
    public enum Basis: String, Sendable, CaseIterable {
        case certainToStrangers = "certain exposures to strangers"
        case certain = "certain exposures"
        case possible = "possible exposures"
    }

    public var basis: Basis
    /// The first one is the cause; the others follow by how likely they make the exposures.
    public var ranked: [Condition]
    /// Of the basis.
    public var exposures: Int
    /// All deliveries that carried a frame.
    public var deliveries: Int
    /// How many conjunctions there were to try.
    public var tried: Int
    /// For each term of the cause, how many exposures of the basis it holds for.
    public var exposuresByTerm: [Term: Int]

    public var cause: Condition? { ranked.first }
}
