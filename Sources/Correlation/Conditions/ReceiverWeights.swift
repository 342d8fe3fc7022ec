import LogRecords

/// What each exposure counts when accounts are the unit: a part of its receiving account, which counts once.
///
/// An account that polls is no thousand observations, but one: what its requests have in common need not have anything to
/// do with the fault. (So in cluster-robust inference; B. R. Moulton, Journal of Econometrics 32, 1986.)
struct ReceiverWeights: Sendable {
    /// What an account counts. Weights are whole numbers, so that their sums do not depend on the order.
    static let whole: Int64 = 1 << 32

    /// How many accounts a sum of weights comes to.
    static func units(_ weight: Int64) -> Double { Double(weight) / Double(whole) }

    /// By receiving account: how many exposures it has.
    private var exposures = NameMap<Int64>()
    /// Of all accounts.
    private(set) var sum = 0

    var accounts: Int { exposures.count }

    mutating func add(_ receiver: NameID) {
        sum += 1
        if let place = exposures.place(of: receiver) {
            exposures.update(place) { $0 += 1 }
        } else {
            exposures.append(receiver, 1)
        }
    }

    /// Of an exposure of an account that was added: the account's number, and the exposure's weight.
    func share(of receiver: NameID) -> (account: Int32, weight: Int64) {
        guard let place = exposures.place(of: receiver) else { return (-1, Self.whole) }
        return (Int32(place), Self.whole / exposures.values[place])
    }

    /// The account with most exposures; of several the first by `isBefore`.
    func foremost(_ isBefore: (NameID, NameID) -> Bool) -> (account: NameID, exposures: Int)? {
        var best: (account: NameID, exposures: Int)?
        exposures.each { account, count in
            guard let known = best else {
                best = (account, Int(count))
                return
            }
            if count > known.exposures || count == known.exposures && isBefore(account, known.account) {
                best = (account, Int(count))
            }
        }
        return best
    }
}

/// Deliveries, the exposures among them, and how many receiving accounts those make.
struct CaseCount: Sendable {
    var deliveries = 0
    var exposures = 0
    /// In parts of `ReceiverWeights.whole`.
    var weight: Int64 = 0

    /// Receiving accounts, in parts.
    var units: Double { ReceiverWeights.units(weight) }

    static func += (sum: inout CaseCount, one: CaseCount) {
        sum.deliveries += one.deliveries
        sum.exposures += one.exposures
        sum.weight += one.weight
    }

    static func - (whole: CaseCount, part: CaseCount) -> CaseCount {
        CaseCount(
            deliveries: whole.deliveries - part.deliveries, exposures: whole.exposures - part.exposures,
            weight: whole.weight - part.weight)
    }

    /// Deliveries that were no exposure, and each receiving account once.
    fileprivate var observations: Double { Double(deliveries - exposures) + units }
}

extension Contrast {
    /// Accounts that received exposures against deliveries that were none, inside and in all.
    init(_ inside: CaseCount, of all: CaseCount) {
        self.init(
            deliveries: inside.observations, exposures: inside.units, allDeliveries: all.observations,
            allExposures: all.units)
    }
}
