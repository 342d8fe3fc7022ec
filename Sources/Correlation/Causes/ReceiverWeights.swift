import LogRecords

/// What each exposure counts when accounts are the unit: a part of its receiving account, which counts once.
///
/// An account that polls is no thousand observations, but one: what its requests have in common need not have anything to
/// do with the fault. (So in cluster-robust inference; B. R. Moulton, Journal of Econometrics 32, 1986.) Nor are the
/// accounts of one household several: together they count once.
struct ReceiverWeights: Sendable {
    /// What an account counts. Weights are whole numbers, so that their sums do not depend on the order.
    static let whole: Int64 = 1 << 32

    /// How many accounts a sum of weights comes to.
    static func units(_ weight: Int64) -> Double { Double(weight) / Double(whole) }

    private let households: Households
    /// By receiving account: how many exposures it has.
    private var exposures = NameMap<Int64>()
    /// By household, for accounts that are of one.
    private var byHousehold: [SymbolID: Int64] = [:]
    /// Of all accounts.
    private(set) var sum = 0

    init(_ households: Households = Households()) { self.households = households }

    var accounts: Int { exposures.count }

    mutating func add(_ receiver: SymbolID) {
        sum += 1
        if let household = households[receiver] { byHousehold[household, default: 0] += 1 }
        if let place = exposures.place(of: receiver) {
            exposures.update(place) { $0 += 1 }
        } else {
            exposures.append(receiver, 1)
        }
    }

    /// Of an exposure of an account that was added: the account's number, and the exposure's weight.
    func share(of receiver: SymbolID) -> (account: Int32, weight: Int64) {
        guard let place = exposures.place(of: receiver) else { return (-1, Self.whole) }
        let all = households[receiver].flatMap { byHousehold[$0] } ?? exposures.values[place]
        return (Int32(place), Self.whole / all)
    }

    /// The account with most exposures, or the household if that has more; of several the first by `isBefore`.
    func foremost(_ isBefore: (SymbolID, SymbolID) -> Bool) -> (account: SymbolID, accounts: Int, exposures: Int)? {
        var best: (account: SymbolID, exposures: Int, inHousehold: Int)?
        var accounts: [SymbolID: Int] = [:]
        exposures.each { account, count in
            let household = households[account]
            if let household { accounts[household, default: 0] += 1 }
            let all = household.flatMap { byHousehold[$0] } ?? count
            let found = (account: account, exposures: Int(count), inHousehold: Int(all))
            guard let known = best else {
                best = found
                return
            }
            let (a, b) = ((found.inHousehold, found.exposures), (known.inHousehold, known.exposures))
            if a > b || a == b && isBefore(account, known.account) { best = found }
        }
        return best.map { best in
            (best.account, households[best.account].flatMap { accounts[$0] } ?? 1, best.inHousehold)
        }
    }
}

/// Deliveries, the exposures among them, and how many receiving accounts those make.
struct CaseCount: Sendable {
    var deliveries = 0
    var exposures = 0
    /// In parts of `ReceiverWeights.whole`.
    var weight: Int64 = 0
    /// How many accounts the deliveries come to if each account counts once, divided among all that it received; in parts of
    /// `ReceiverWeights.whole`. 0 throughout: not known. Counts from elsewhere that contradict each other may wrap it around.
    var reach: Int64 = 0

    /// Receiving accounts, in parts.
    var units: Double { ReceiverWeights.units(weight) }

    static func += (sum: inout CaseCount, one: CaseCount) {
        sum.deliveries += one.deliveries
        sum.exposures += one.exposures
        sum.weight += one.weight
        sum.reach &+= one.reach
    }

    static func - (whole: CaseCount, part: CaseCount) -> CaseCount {
        CaseCount(
            deliveries: whole.deliveries - part.deliveries, exposures: whole.exposures - part.exposures,
            weight: whole.weight - part.weight, reach: whole.reach &- part.reach)
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

    /// The same where all is everything, and what befalls accounts at random is to be told from a cause.
    init(_ inside: CaseCount, ofEverything all: CaseCount) {
        self.init(inside, of: all)
        if all.reach > 0 { accountShare = min(1, Double(max(0, inside.reach)) / Double(all.reach)) }
    }
}
