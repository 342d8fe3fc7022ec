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

    // 8 of 508 against 0 of 500: log ratio 2.817 with variance 2.1137 and interval 0.97 to 289.04, as worked out on
    // R-help on 12 November 2006.
    @Test("a ratio without an exposure outside has half an observation added to each count")
    func zero() {
        let contrast = Contrast(deliveries: 508, exposures: 8, allDeliveries: 1008, allExposures: 8)
        let (ratio, low, high) = contrast.riskRatio(error: 0.05)
        #expect(abs(log(ratio) - 2.817) < 0.001)
        #expect(abs(low - 0.97) < 0.01)
        #expect(abs(high - 289.04) < 0.5)
    }

    @Test("a ratio with exposures on both sides is as it is: 30 of 100 against 10 of 200 is 6, from 3.06 to 11.8")
    func plain() {
        let contrast = Contrast(deliveries: 100, exposures: 30, allDeliveries: 300, allExposures: 40)
        let (ratio, low, high) = contrast.riskRatio(error: 0.05)
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
        let parted = (0..<20).map { (all: 10, exposed: $0 < 10 ? 0 : 10) }
        #expect(CutPoint.best(parted[...]) == 10)
        let alike = (0..<20).map { (all: 10, exposed: $0 % 2) }
        #expect(CutPoint.best(alike[...]) == nil)
        #expect(CutPoint.best([(all: 10, exposed: 0)][...]) == nil)
    }
}
