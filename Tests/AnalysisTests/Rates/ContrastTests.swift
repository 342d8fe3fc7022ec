import Foundation
import Testing

@testable import Correlation

/// Chances and ratios against published figures and arithmetic written out.
@Suite struct ContrastTests {
    @Test(
        "Fisher's exact test gives the chances of the lady who tastes tea: 1 in 70 for four of four, 17 in 70 for three"
    )
    func tea() {
        let four = Contrast(deliveries: 4, exposures: 4, allDeliveries: 8, allExposures: 4)
        let three = Contrast(deliveries: 4, exposures: 3, allDeliveries: 8, allExposures: 4)
        #expect(abs(four.chance - 1.0 / 70) < 1e-12)
        #expect(abs(three.chance - 17.0 / 70) < 1e-12)
        #expect(Contrast(deliveries: 4, exposures: 2, allDeliveries: 8, allExposures: 4).chance == 1)
    }

    @Test(
        "where no exposure is outside there is no ratio, but a bound: of 81,780 none is seen in a twentieth at 0.00366 %"
    )
    func zero() throws {
        let contrast = Contrast(deliveries: 508, exposures: 8, allDeliveries: 82_288, allExposures: 8)
        #expect(contrast.riskRatio(error: 0.05) == nil)
        let most = try #require(contrast.rateOutsideAtMost)
        // ln 20 = 2.99573; the rule of three says 3 / 81,780.
        #expect(abs(most - 2.99573 / 81_780) < 1e-8)
        #expect(abs(pow(1 - most, 81_780) - 0.05) < 1e-9)
        #expect(Contrast(deliveries: 508, exposures: 8, allDeliveries: 1008, allExposures: 9).rateOutsideAtMost == nil)
    }

    @Test("an account counts once, whatever it received, and parts of accounts never make a chance smaller")
    func accounts() {
        // Three accounts of which two are inside alone, and the third has one of its four exposures there.
        let weight = ReceiverWeights.whole
        let inside = CaseCount(deliveries: 1000, exposures: 901, weight: 2 * weight + weight / 4)
        let all = CaseCount(deliveries: 2000, exposures: 904, weight: 3 * weight)
        let contrast = Contrast(inside, of: all)
        #expect(contrast.exposures == 2.25 && contrast.exposuresOutside == 0.75)
        // 99 that were none and 2.25 accounts inside, 997 and 0.75 outside.
        #expect(contrast.deliveries == 101.25 && contrast.outside == 997.75)
        #expect(contrast.chance == ExactTests.fisherGreater(2, of: 101, 1, of: 998))
    }

    @Test("a ratio with exposures on both sides is as it is: 30 of 100 against 10 of 200 is 6, from 3.06 to 11.8")
    func plain() throws {
        let contrast = Contrast(deliveries: 100, exposures: 30, allDeliveries: 300, allExposures: 40)
        let found = try #require(contrast.riskRatio(error: 0.05))
        let (ratio, low, high) = (found.ratio, found.low, found.high)
        // sqrt(1/30 - 1/100 + 1/10 - 1/200) = 0.34400; 6 e^-0.67424 = 3.057, 6 e^0.67424 = 11.775.
        #expect(abs(ratio - 6) < 1e-12)
        #expect(abs(low - 3.057) < 0.001)
        #expect(abs(high - 11.775) < 0.001)
        #expect(abs(Contrast.normalQuantile(0.05) - 1.959964) < 1e-6)
        #expect(abs(Contrast.normalQuantile(0.01) - 2.575829) < 1e-6)
    }

    @Test("a cut parts two classes where they meet, and nothing is cut that chance explains")
    func cuts() {
        // Values 0 to 9 and 20 to 29, ten each; all above are exposed.
        let parted = (0..<20).map { (all: 10.0, exposed: $0 < 10 ? 0.0 : 10) }
        #expect(CutPoint.best(parted[...]) == 10)
        let alike = (0..<20).map { (all: 10.0, exposed: Double($0 % 2)) }
        #expect(CutPoint.best(alike[...]) == nil)
        #expect(CutPoint.best([(all: 10.0, exposed: 0.0)][...]) == nil)
    }
}
