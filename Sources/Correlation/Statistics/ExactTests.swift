import Foundation

/// Tests and intervals for counts that hold for any numbers, also for none and for very few.
public enum ExactTests {
    /// The two-sided p-value of R. A. Fisher's exact test for a two-by-two table: how likely it is, if both rates are
    /// one, that the counts lie as far apart as these or are less likely still (the sum of the probabilities of all
    /// tables with these margins that are no likelier, as R's fisher.test and SciPy's fisher_exact have it).
    ///
    /// - Parameters:
    ///   - hits: of the first sample, at most `count`.
    ///   - otherHits: of the second sample, at most `otherCount`.
    public static func fisher(_ hits: Int, of count: Int, _ otherHits: Int, of otherCount: Int) -> Double {
        let all = hits + otherHits
        let lowest = max(0, all - otherCount)
        let highest = min(all, count)
        guard lowest < highest else { return 1 }
        let whole = logChoose(count + otherCount, all)
        func logProbability(_ k: Int) -> Double {
            logChoose(count, k) + logChoose(otherCount, all - k) - whole
        }
        // Rounding must not leave out a table that is exactly as likely.
        let limit = logProbability(hits) + 1e-7
        var sum = 0.0
        for k in lowest...highest {
            let value = logProbability(k)
            if value <= limit { sum += exp(value) }
        }
        return min(1, sum)
    }

    /// The one-sided p-value of the same test: how likely it is, if both rates are one, that the first sample has as many
    /// hits as this or more. Below 1e-300 it may come out as 0.
    public static func fisherGreater(_ hits: Int, of count: Int, _ otherHits: Int, of otherCount: Int) -> Double {
        let all = hits + otherHits
        let (lowest, highest) = (max(0, all - otherCount), min(all, count))
        guard hits > lowest else { return 1 }
        var term = exp(
            logChoose(count, hits) + logChoose(otherCount, otherHits) - logChoose(count + otherCount, all))
        var sum = term
        var k = hits
        while k < highest {
            let ratio =
                Double(count - k) * Double(all - k) / (Double(k + 1) * Double(otherCount - all + k + 1))
            term *= ratio
            sum += term
            k += 1
            // Past the distribution's peak the terms only fall.
            if ratio < 1, term < sum * 1e-17 { break }
        }
        return min(1, sum)
    }

    /// The interval of C. J. Clopper and E. S. Pearson (1934) for a share: it holds the true share in at least the
    /// given part of all cases, whatever that share is.
    public static func share(_ hits: Int, of count: Int, confidence: Double = 0.95) -> ClosedRange<Double> {
        guard count > 0 else { return 0...1 }
        let tail = (1 - confidence) / 2
        // The chance of so many hits or more grows with the share, that of so many or fewer falls.
        let low = hits == 0 ? 0 : root { upperTail(hits, count, $0) - tail }
        let high = hits == count ? 1 : root { tail - (1 - upperTail(hits + 1, count, $0)) }
        return low...max(low, high)
    }

    /// The chance of so many hits or more of `count`, each of which is one with a chance of `share`. Below 1e-300 it may come
    /// out as 0.
    public static func binomialGreater(_ hits: Int, of count: Int, _ share: Double) -> Double {
        hits <= 0 ? 1 : hits > count ? 0 : min(1, upperTail(hits, count, share))
    }

    /// Where a growing function of a share passes zero.
    private static func root(_ function: (Double) -> Double) -> Double {
        var (low, high) = (0.0, 1.0)
        for _ in 0..<200 {
            let middle = (low + high) / 2
            if middle == low || middle == high { break }
            if function(middle) < 0 { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// The chance of `hits` or more of `count`, which is the regularised incomplete beta function.
    private static func upperTail(_ hits: Int, _ count: Int, _ share: Double) -> Double {
        guard share > 0 else { return 0 }
        guard share < 1 else { return 1 }
        let (a, b) = (Double(hits), Double(count - hits + 1))
        let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(share) + b * log1p(-share))
        return share < (a + 1) / (a + b + 2)
            ? front * continuedFraction(a, b, share) / a : 1 - front * continuedFraction(b, a, 1 - share) / b
    }

    /// The continued fraction of the incomplete beta function (NIST DLMF 8.17.22), by W. J. Lentz's method.
    private static func continuedFraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        func away(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / away(1 - (a + b) * x / (a + 1))
        var result = d
        for step in 1...100_000 {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / away(1 + even * d)
            c = away(1 + even / c)
            result *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / away(1 + odd * d)
            c = away(1 + odd / c)
            result *= d * c
            if abs(d * c - 1) < 1e-15 { break }
        }
        return result
    }

    private static func logChoose(_ n: Int, _ k: Int) -> Double {
        lgamma(Double(n) + 1) - lgamma(Double(k) + 1) - lgamma(Double(n - k) + 1)
    }
}
