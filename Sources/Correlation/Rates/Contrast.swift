internal import Foundation

/// Exposures inside and outside a part of the deliveries, and how sure it is that they differ.
struct Contrast: Sendable {
    /// Deliveries and exposures inside.
    var deliveries: Int
    var exposures: Int
    /// All of them.
    var allDeliveries: Int
    var allExposures: Int

    var outside: Int { allDeliveries - deliveries }
    var exposuresOutside: Int { allExposures - exposures }
    var rateInside: Double { Self.ratio(exposures, deliveries) }
    var rateOutside: Double { Self.ratio(exposuresOutside, outside) }

    /// Whether exposures are more frequent inside than outside, both of which have deliveries.
    var isRaised: Bool {
        outside > 0 && deliveries > 0
            && exposures.multipliedFullWidth(by: outside) > exposuresOutside.multipliedFullWidth(by: deliveries)
    }

    /// The chance of as many exposures inside, or more, if they fell on deliveries at random: Fisher's exact test,
    /// one-sided.
    var chance: Double {
        isRaised ? ExactTests.fisherGreater(exposures, of: deliveries, exposuresOutside, of: outside) : 1
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

    /// The rate inside by the rate outside, with its confidence interval by Katz et al. (Biometrics 34, 1978). If there
    /// is no exposure outside, half an observation is added to each of the four counts (Pagano and Gauvreau,
    /// *Principles of Biostatistics*), so that ratio and interval are finite.
    ///
    /// - Parameter error: the chance that the interval does not hold the true ratio.
    func riskRatio(error: Double) -> (ratio: Double, low: Double, high: Double) {
        let extra = exposuresOutside == 0 ? 0.5 : 0
        let (a, n) = (Double(exposures) + extra, Double(deliveries) + 2 * extra)
        let (c, m) = (Double(exposuresOutside) + extra, Double(outside) + 2 * extra)
        let ratio = (a / n) / (c / m)
        let spread = Self.normalQuantile(error) * (1 / a - 1 / n + 1 / c - 1 / m).squareRoot()
        return (ratio, ratio * exp(-spread), ratio * exp(spread))
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

    private static func ratio(_ part: Int, _ whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }

    private static func logLikelihood(_ part: Int, _ whole: Int) -> Double {
        guard part > 0, part < whole else { return 0 }
        let (a, n) = (Double(part), Double(whole))
        return a * log(a / n) + (n - a) * log((n - a) / n)
    }
}
