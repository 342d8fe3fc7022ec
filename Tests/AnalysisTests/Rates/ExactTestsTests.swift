import Correlation
import Foundation
import Testing

/// Exact tests against SciPy 1.17.1 and against plain enumeration.
@Suite struct ExactTestsTests {
    @Test(
        "Fisher's p-value is SciPy's",
        arguments: [
            // scipy.stats.fisher_exact([[a, b], [c, d]]).pvalue
            ([8, 2, 1, 5], 0.034965034965034975), ([0, 1000, 12, 900], 0.00013351889837507946),
            ([3, 97, 5, 95], 0.72093855483014), ([120, 4880, 180, 4820], 0.0005230002785682024), ([0, 10, 0, 5], 1.0),
            ([312, 84803, 0, 40000], 8.461628341264737e-53),
        ])
    func fisher(_ table: [Int], _ expected: Double) {
        let found = ExactTests.fisher(table[0], of: table[0] + table[1], table[2], of: table[2] + table[3])
        #expect(abs(found / expected - 1) < 1e-6, "\(found)")
    }

    @Test("Fisher's p-value is the sum over all tables with these margins, counted one by one")
    func enumeration() {
        /// In how many ways `k` of `n` can be chosen, in whole numbers.
        func choose(_ n: Int, _ k: Int) -> Int {
            k < 0 || k > n ? 0 : (0..<k).reduce(1) { $0 * (n - $1) / ($1 + 1) }
        }
        for count in 1...9 {
            for otherCount in 1...7 {
                for hits in 0...count {
                    for otherHits in 0...otherCount {
                        let all = hits + otherHits
                        let ways = (0...all).map { choose(count, $0) * choose(otherCount, all - $0) }
                        let own = ways[hits]
                        let expected =
                            Double(ways.filter { $0 <= own }.reduce(0, +)) / Double(ways.reduce(0, +))
                        let found = ExactTests.fisher(hits, of: count, otherHits, of: otherCount)
                        #expect(abs(found - expected) < 1e-9, "\(hits)/\(count), \(otherHits)/\(otherCount)")
                    }
                }
            }
        }
    }

    @Test(
        "the interval of a share is SciPy's",
        arguments: [
            // scipy.stats.binomtest(k, n).proportion_ci(0.95, 'exact')
            (0, 10, 0.0, 0.30849710781876294), (3, 100, 0.006229971538306227, 0.08517605297428028),
            (10, 10, 0.6915028921812371, 1.0), (57, 20000, 0.002159255118635843, 0.0036909494631974424),
        ])
    func share(_ hits: Int, _ count: Int, _ low: Double, _ high: Double) {
        let found = ExactTests.share(hits, of: count)
        #expect(abs(found.lowerBound - low) < 1e-9 && abs(found.upperBound - high) < 1e-9, "\(found)")
    }

    @Test("the ends of the interval are where the binomial tails are a fortieth, summed term by term")
    func tails() {
        func term(_ k: Int, _ n: Int, _ share: Double) -> Double {
            (0..<k).reduce(1.0) { $0 * Double(n - $1) / Double($1 + 1) } * pow(share, Double(k))
                * pow(1 - share, Double(n - k))
        }
        for count in [1, 2, 7, 30] {
            for hits in 0...count {
                let found = ExactTests.share(hits, of: count)
                if hits > 0 {
                    let tail = (hits...count).reduce(0.0) { $0 + term($1, count, found.lowerBound) }
                    #expect(abs(tail - 0.025) < 1e-9)
                }
                if hits < count {
                    let tail = (0...hits).reduce(0.0) { $0 + term($1, count, found.upperBound) }
                    #expect(abs(tail - 0.025) < 1e-9)
                }
            }
        }
    }
}
