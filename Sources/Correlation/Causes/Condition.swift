public import LogRecords

/// A conjunction of terms under which exposures are more frequent than elsewhere.
public struct Condition: Sendable {
    /// In order of attributes.
    public var terms: [Term]
    public var deliveries: Int
    public var exposures: Int
    /// Of deliveries.
    public var rateInside: Double
    public var rateOutside: Double
    /// No more than this, at 95 %, if no exposure is outside; else nil.
    public var rateOutsideAtMost: Double?
    /// How many accounts received the exposures inside, and how many those outside; some both.
    public var receivers = 0
    public var receiversOutside = 0
    /// Of the rates at which accounts are reached, each counted once; its interval holds the true ratio at 95 %, for all
    /// conjunctions that were tried at once. Nil if no exposure is outside.
    public var riskRatio: RiskRatio?
    /// Fisher's exact test of accounts, times the number of conjunctions tried; 1 at most.
    public var pAdjusted: Double
    /// Other conjunctions that pick out the same exposures, and other deliveries only as far as chance would have it: this
    /// dump cannot tell them apart.
    public var sameAs: [[Term]] = []

    /// As reports have it: `client=nest-hub AND network=poor`.
    public var text: String { Self.text(terms) }

    public static func text(_ terms: [Term]) -> String { terms.map(\.description).joined(separator: " AND ") }

    init(_ terms: [Term], _ inside: CaseCount, of all: CaseCount, tried: Int) {
        self.terms = terms
        let (contrast, outside) = (Contrast(inside, ofEverything: all), all - inside)
        deliveries = inside.deliveries
        exposures = inside.exposures
        rateInside = Double(inside.exposures) / Double(max(inside.deliveries, 1))
        rateOutside = Double(outside.exposures) / Double(max(outside.deliveries, 1))
        rateOutsideAtMost = outside.exposures == 0 ? contrast.rateOutsideAtMost : nil
        riskRatio = contrast.riskRatio(error: 0.05 / Double(max(tried, 1)))
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
    /// The account that received most exposures, if those are nearly all.
    public var foremost: ForemostReceiver?
    /// The first exposure of the cause where the path was clean for long before, and no rollout in force explains it; the
    /// last one where it was clean for long after: microseconds since 1970 UTC.
    public var began: Int64?
    public var ended: Int64?
    /// The rollout that began right before `began`; nil if none did.
    public var rollout: SymbolID?
    /// Whether all counts are of the time from `began` to `ended`.
    public var isOfPart = false
    /// Terms that are known to be no cause.
    var excluded: Set<Term> = []
    /// What explains those exposures that the cause does not hold for, among the other deliveries; nil if nothing does.
    public var second: Condition?
    /// When the cause's exposures happened; nil without a cause.
    public var window: CauseWindow?
    /// What happened to the cache right before `began`; nil if it was as warm as ever, or if nothing began.
    public var cold: ColdCache?
    /// What came of the rollouts after the cause's, in order.
    public var fixes: [Fix] = []

    public var cause: Condition? { ranked.first }
}

/// When the exposures of a cause happened.
public struct CauseWindow: Sendable {
    /// Time stamps of the first and the last, microseconds since 1970 UTC.
    public var first: Int64
    public var last: Int64
    /// How many accounts more would have been reached after the last one until the logs end, had it gone on at its rate.
    public var expectedAfter: Double
    /// With fewer expected, that none was seen tells nothing: none of three is seen one time in twenty.
    public static let leastExpected = 3.0
}

/// What came of a rollout that followed the cause's: exposures on its path, beside those that the cause's rate would have
/// given.
public struct Fix: Sendable {
    public var rollout: SymbolID
    /// When it first began on a node, microseconds.
    public var from: Int64
    /// On the path under it.
    public var deliveries: Int
    public var exposures: Int
    public var last: Int64? = nil
    /// Accounts, each counted once in all: those of the exposures, what they would be at other samples of the same size (95 %,
    /// Clopper and Pearson), and how many the cause's rate would have reached.
    public var receivers: Double
    public var interval: ClosedRange<Double>
    public var expected: Double
}

/// An account, or a household of several, that received nearly all exposures: a finding of its own, for it may be that this
/// account is what is odd.
public struct ForemostReceiver: Sendable {
    /// The one with most exposures.
    public var account: SymbolID
    /// How many accounts the household has that received any; 1: no other belongs to it.
    public var accounts = 1
    /// Of all of them.
    public var exposures: Int
    /// The part of all exposures from which on an account is named.
    static let share = 0.9
}
