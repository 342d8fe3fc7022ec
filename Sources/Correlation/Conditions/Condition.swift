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
    /// Which exposures were explained. A grant that had ended, or a camera that was sold, has other causes than a frame
    /// that reached a stranger.
    public enum Basis: String, Sendable {
        case certainToStrangers = "certain exposures to strangers"
        /// Where most are no more than possible: what is certain then is certain for what the logs happen to tell, and
        /// would be explained by that.
        case toStrangers = "certain and possible exposures to strangers"
        case certain = "certain exposures"

        /// How many accounts must have received those of the last kind: a camera that was sold gives many exposures of
        /// one account, which are no independent observations.
        static let fewestReceivers = 10

        /// What to explain; nil if there is too little.
        ///
        /// - Parameters:
        ///   - certainToStrangers, possibleToStrangers: how many exposures there are.
        ///   - receivers: how many accounts received certain ones.
        public init?(certainToStrangers: Int, possibleToStrangers: Int, receivers: Int) {
            if possibleToStrangers > certainToStrangers {
                self = .toStrangers
            } else if certainToStrangers > 0 {
                self = .certainToStrangers
            } else if receivers >= Self.fewestReceivers {
                self = .certain
            } else {
                return nil
            }
        }
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
