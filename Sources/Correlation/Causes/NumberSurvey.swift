internal import Foundation
public import LogRecords

/// How often each round-trip time and each loss occurs, and where to cut them in two.
public struct NumberSurvey: Sendable {
    /// How often each value occurs; values beyond the last place count there. Empty until there is one.
    private var roundTrips: [Int] = []
    private var losses: [Int] = []
    /// No round trip is longer than this, milliseconds, and no loss greater, hundredths of a percent.
    static let largest: Int32 = 65_535
    /// Into how many parts a number is cut at most, less one.
    static let mostCuts = 3

    public init() {}

    /// Takes note of a delivery, in any order.
    public mutating func add(_ delivery: Delivery, count: Int = 1) {
        if let value = delivery.number(.roundTrip) { Self.note(value, count, &roundTrips) }
        if let value = delivery.number(.loss) { Self.note(value, count, &losses) }
    }

    private static func note(_ value: Int32, _ times: Int, _ counts: inout [Int]) {
        if counts.isEmpty { counts = [Int](repeating: 0, count: Int(largest) + 1) }
        counts[Int(value)] += times
    }

    private func counts(_ attribute: Attribute) -> [Int] { attribute == .roundTrip ? roundTrips : losses }

    /// The values at which a number is cut in two, so that the deliveries that were exposed part best from the others:
    /// recursively at the cut of least entropy, as long as it shortens the description.
    ///
    /// Fayyad and Irani, Multi-interval discretization of continuous-valued attributes for classification learning,
    /// IJCAI 1993. At most three cuts; each is the smallest value of its upper part.
    ///
    /// - Parameters:
    ///   - exposed: the exposures among these deliveries.
    ///   - weighed: the same, each counted by its weight: a receiving account counts once.
    func cuts(_ attribute: Attribute, exposed: NumberSurvey, weighed: NumberSurvey) -> [Int32] {
        let (all, hit, weights) = (counts(attribute), exposed.counts(attribute), weighed.counts(attribute))
        guard !all.isEmpty, !hit.isEmpty, !weights.isEmpty else { return [] }
        let values = all.indices.filter { all[$0] > 0 }
        let histogram = values.map { value in
            let units = ReceiverWeights.units(Int64(weights[value]))
            return (all: Double(all[value] - hit[value]) + units, exposed: units)
        }
        var cuts: [Int32] = []
        var open = [histogram.indices]
        while !open.isEmpty, cuts.count < Self.mostCuts {
            let part = open.removeFirst()
            guard let cut = CutPoint.best(histogram[part]) else { continue }
            cuts.append(Int32(values[cut]))
            open += [part.lowerBound..<cut, cut..<part.upperBound]
        }
        return cuts.sorted()
    }
}

/// The cut of a histogram of two classes.
enum CutPoint {
    /// - Returns: the first place of the upper part; nil if no cut is worth its description.
    static func best(_ histogram: ArraySlice<(all: Double, exposed: Double)>) -> Int? {
        let all = histogram.reduce(0) { $0 + $1.all }
        let exposed = histogram.reduce(0) { $0 + $1.exposed }
        guard exposed > 1e-9, exposed < all - 1e-9 else { return nil }
        var best: (place: Int, entropy: Double, below: (all: Double, exposed: Double))?
        var below = (all: 0.0, exposed: 0.0)
        for place in histogram.indices.dropFirst() {
            below.all += histogram[place - 1].all
            below.exposed += histogram[place - 1].exposed
            let mixed =
                (below.all * entropy(below.exposed, of: below.all)
                    + (all - below.all) * entropy(exposed - below.exposed, of: all - below.all)) / all
            if mixed < best?.entropy ?? .infinity { best = (place, mixed, below) }
        }
        guard let best else { return nil }
        let above = (all: all - best.below.all, exposed: exposed - best.below.exposed)
        func classes(_ part: (all: Double, exposed: Double)) -> Double {
            part.exposed > 1e-9 && part.exposed < part.all - 1e-9 ? 2 : 1
        }
        let whole = entropy(exposed, of: all)
        let price =
            log2(7)
            - (2 * whole - classes(best.below) * entropy(best.below.exposed, of: best.below.all)
                - classes(above) * entropy(above.exposed, of: above.all))
        let isWorth = whole - best.entropy > (log2(max(all - 1, 1)) + price) / all
        return isWorth ? best.place : nil
    }

    /// Of a part of a whole, in bits.
    private static func entropy(_ part: Double, of whole: Double) -> Double {
        guard part > 1e-9, part < whole - 1e-9 else { return 0 }
        let share = part / whole
        return -share * log2(share) - (1 - share) * log2(1 - share)
    }
}

extension Delivery {
    /// A number that its line states; nil if it does not.
    func number(_ attribute: Attribute) -> Int32? {
        let value = attribute == .roundTrip ? rttMilliseconds : lossBasisPoints
        return value < 0 ? nil : min(value, NumberSurvey.largest)
    }
}
