internal import Foundation

/// Exposures inside and outside a part of the deliveries, and how sure it is that they differ.
///
/// Counts need not be whole: where accounts are the unit, each that received exposures counts once, divided among the
/// parts by how many of its exposures lie in each.
struct Contrast: Sendable {
    /// Deliveries and exposures inside.
    var deliveries: Double
    var exposures: Double
    /// All of them.
    var allDeliveries: Double
    var allExposures: Double
    /// The part of the accounts that the deliveries inside come to, if each account counts once, divided among all that it
    /// received; nil: not known.
    var accountShare: Double?

    init(deliveries: Double, exposures: Double, allDeliveries: Double, allExposures: Double) {
        self.deliveries = deliveries
        self.exposures = exposures
        self.allDeliveries = allDeliveries
        self.allExposures = allExposures
    }

    init(deliveries: Int, exposures: Int, allDeliveries: Int, allExposures: Int) {
        self.init(
            deliveries: Double(deliveries), exposures: Double(exposures), allDeliveries: Double(allDeliveries),
            allExposures: Double(allExposures))
    }

    var outside: Double { max(0, allDeliveries - deliveries) }
    var exposuresOutside: Double { max(0, allExposures - exposures) }
    var rateInside: Double { Self.ratio(exposures, deliveries) }
    var rateOutside: Double { Self.ratio(exposuresOutside, outside) }

    /// Whether exposures are more frequent inside than outside, both of which have deliveries.
    var isRaised: Bool {
        // Equal rates whose sums were rounded differently are not raised.
        outside > 0 && deliveries > 0 && exposures * outside > exposuresOutside * deliveries * (1 + 1e-9)
    }

    /// The chance of as many exposures inside, or more, if they fell on deliveries at random: Fisher's exact test,
    /// one-sided. Parts of one count outside, so that it is never understated.
    ///
    /// What befalls accounts, as a client that is stuck, falls on accounts at random, however much each of them asks for: each
    /// then lies inside with the chance that its deliveries do, on average `accountShare` (the binomial bounds that sum from
    /// above; W. Hoeffding, Annals of Mathematical Statistics 27, 1956). The larger of both chances counts.
    var chance: Double {
        guard isRaised else { return 1 }
        let (hits, others) = (Int((exposures + 1e-6).rounded(.down)), Int((exposuresOutside - 1e-6).rounded(.up)))
        let ofDeliveries = ExactTests.fisherGreater(
            hits, of: max(hits, Int(deliveries.rounded())), others, of: max(others, Int(outside.rounded())))
        return max(ofDeliveries, accountShare.map { ExactTests.binomialGreater(hits, of: hits + others, $0) } ?? 0)
    }

    /// Whether exposures are more frequent inside than chance would have it, at 5 % for `tried` such questions together
    /// (Bonferroni).
    func isSignificant(tried: Int) -> Bool { isRaised && chance * Double(tried) <= 0.05 }

    /// How much likelier the exposures are with a rate of their own inside and outside than with one for all, as a
    /// logarithm (half of the likelihood-ratio statistic G).
    var gain: Double {
        Self.logLikelihood(exposures, deliveries) + Self.logLikelihood(exposuresOutside, outside)
            - Self.logLikelihood(allExposures, allDeliveries)
    }

    /// The rate inside by the rate outside, with its confidence interval by Katz et al. (Biometrics 34, 1978). Nil if there
    /// is no exposure outside: no sample tells how small a rate is of which it has no case; see `rateOutsideAtMost`.
    ///
    /// - Parameter error: the chance that the interval does not hold the true ratio.
    func riskRatio(error: Double) -> RiskRatio? {
        guard exposures > 0, exposuresOutside > 1e-9 else { return nil }
        let (a, n, c, m) = (exposures, deliveries, exposuresOutside, outside)
        let ratio = (a / n) / (c / m)
        let spread = Self.normalQuantile(error) * max(0, 1 / a - 1 / n + 1 / c - 1 / m).squareRoot()
        return RiskRatio(ratio: ratio, low: ratio * exp(-spread), high: ratio * exp(spread))
    }

    /// The rate outside is below this at 95 % if no exposure is there: the rate at which none of so many would be seen one
    /// time in twenty (the "rule of three", Hanley and Lippman-Hand, JAMA 249, 1983, without its rounding). Nil if one is
    /// there.
    var rateOutsideAtMost: Double? {
        exposuresOutside <= 1e-9 && outside > 0 ? 1 - pow(0.05, 1 / outside) : nil
    }

    /// How far from its mean, in standard deviations, a normal variable lies with a chance of `error`, on both sides
    /// together.
    static func normalQuantile(_ error: Double) -> Double {
        var low = 0.0
        var high = 38.0
        for _ in 0..<80 {
            let middle = (low + high) / 2
            if erfc(middle / 2.0.squareRoot()) > error { low = middle } else { high = middle }
        }
        return low
    }

    private static func ratio(_ part: Double, _ whole: Double) -> Double { whole > 0 ? part / whole : 0 }

    private static func logLikelihood(_ part: Double, _ whole: Double) -> Double {
        guard part > 0, part < whole else { return 0 }
        return part * log(part / whole) + (whole - part) * log((whole - part) / whole)
    }
}

/// How many times more frequent exposures are under a condition than elsewhere, and the interval of that.
public struct RiskRatio: Sendable {
    public var ratio: Double
    public var low: Double
    public var high: Double
}
