/// A delivery of a hard case: a request, and whose frame came back.
struct HardDelivery: Sendable {
    var at: Instant
    var account: Int
    var client: String
    var version: String
    var network: String
    var node: Int
    var plan: String
    var kind: String
    var roundTripMilliseconds: Int
    var isHit: Bool
    /// The camera whose frame came back; the account's own has the account's number.
    var frameCamera: Int

    var isExposure: Bool { frameCamera != account }
}

/// What an account is like in all that it asks for.
struct HardAccount: Sendable {
    var client: String
    /// The node that is near.
    var node: Int
    var model: String
    /// In which of ten stretches between the beginning of a version's spread and its end it takes the version.
    var updates: Int
}

/// Four days of requests with a rhythm of days. A few accounts ask for much more than others; each has a client, a model
/// and a node, of which it uses others now and then.
struct HardTraffic: Sendable {
    static let clients = ["nest-hub", "app-ios", "app-android", "web"]
    static let models = ["indoor-1080p", "outdoor-2k", "doorbell"]
    static let start = Instant(2022, 3, 7, 4, 5)
    static let length = Microseconds.days(4)

    let kind: HardCase
    let nodes: Int
    private(set) var accounts: [HardAccount] = []
    private(set) var deliveries: [HardDelivery] = []
    /// The numbers of accounts that share one household's cameras.
    private(set) var household: [Int] = []
    /// Of the clients other than the first, if that makes nearly all requests.
    private var others: [Int] = []
    private var busy: [Int] = []
    private var chance: SplitMix64

    static func moment(_ share: Double) -> Instant { start + Int64(share * Double(length)) }

    init(_ kind: HardCase, requests: Int, accounts count: Int, chance seed: SplitMix64) {
        self.kind = kind
        nodes = kind == .badNode ? 8 : 4
        chance = seed
        for _ in 0..<count { accounts.append(account()) }
        if kind == .busyClient {
            busy = accounts.indices.filter { accounts[$0].client == Self.clients[0] }
            others = accounts.indices.filter { accounts[$0].client != Self.clients[0] }
        }
        for _ in 0..<requests { deliveries.append(request(at: moment())) }
    }

    private mutating func account() -> HardAccount {
        let client = pick(Self.clients, [0.35, 0.3, 0.2, 0.15])
        var node = chance.below(nodes)
        if kind == .regionDecoy, client == Self.clients[0], chance.chance(0.8) { node = chance.below(nodes / 2) }
        return HardAccount(
            client: client, node: node, model: pick(Self.models, [0.5, 0.3, 0.2]), updates: chance.below(10))
    }

    private mutating func pick(_ all: [String], _ shares: [Double]) -> String {
        var rest = Double(chance.below(1_000_000)) / 1_000_000
        for (one, share) in zip(all, shares) {
            if rest < share { return one }
            rest -= share
        }
        return all[all.count - 1]
    }

    /// A moment; at four in the morning there is a quarter of the traffic of four in the afternoon.
    private mutating func moment() -> Instant {
        while true {
            let at = Self.moment(Double(chance.below(1_000_000_000)) / 1_000_000_000)
            let hour = Double(at.microseconds % .days(1)) / Double(Microseconds.hours(1))
            let fromPeak = min(abs(hour - 16), 24 - abs(hour - 16)) / 12
            if chance.chance(1 - 0.75 * fromPeak) { return at }
        }
    }

    private mutating func request(at time: Instant) -> HardDelivery {
        if kind == .busyClient { return request(of: chance.pick(chance.chance(0.97) ? busy : others), at: time) }
        // By the square, so that a tenth of the accounts makes a third of the requests.
        let share = Double(chance.below(1_000_000)) / 1_000_000
        return request(of: min(Int(share * share * Double(accounts.count)), accounts.count - 1), at: time)
    }

    mutating func request(of number: Int, at time: Instant) -> HardDelivery {
        let account = accounts[number]
        let client = chance.chance(0.85) ? account.client : chance.pick(Self.clients)
        let poor = kind == .simpson ? (client == "app-ios" ? 0.7 : 0.15) : 0.3
        let network = chance.chance(poor) ? "poor" : "ok"
        let isSlow = chance.chance(network == "poor" ? 0.8 : 0.06)
        let isGold = kind == .correlated ? chance.chance(network == "poor" ? 0.9 : 0.1) : number % 3 == 0
        return HardDelivery(
            at: time, account: number, client: client, version: version(of: client, account, at: time),
            network: network, node: chance.chance(0.85) ? account.node : chance.below(nodes),
            plan: isGold ? "gold" : "basic", kind: chance.chance(0.6) ? "thumbnail" : "still",
            roundTripMilliseconds: isSlow ? chance.within(150...1200) : chance.within(8...220),
            isHit: chance.chance(0.7), frameCamera: number)
    }

    /// A client's old version or its new one, which spreads from two fifths of the time on for half a day.
    private func version(of client: String, _ account: HardAccount, at time: Instant) -> String {
        let begins = Self.moment(0.4) + .hours(account.updates)
        let isNew = client == Self.clients[0] && time >= begins && account.updates < 9
        return "\(client == "web" ? "2022" : isNew ? "5" : "4").\(isNew ? 2 : client.utf8.count % 3)"
    }

    // MARK: What happens to caches and homes

    /// Nothing is delivered on a node for a while.
    mutating func silence(_ node: Int, from: Instant, until: Instant) {
        deliveries.removeAll { $0.node == node && $0.at >= from && $0.at < until }
    }

    /// Nearly all answers of some nodes are misses for a while.
    mutating func cool(_ nodes: [Int], from: Instant, until: Instant) {
        for index in deliveries.indices where nodes.contains(deliveries[index].node) {
            let at = deliveries[index].at
            if at >= from, at < until, chance.chance(0.92) { deliveries[index].isHit = false }
        }
    }

    /// Some accounts of one home, each of which was given a right to the first one's camera.
    mutating func makeHousehold(of count: Int) -> [Int] {
        let node = chance.below(nodes)
        while household.count < count {
            let number = chance.below(accounts.count)
            if household.contains(number) { continue }
            household.append(number)
            accounts[number].node = node
        }
        return household
    }

    // MARK: What goes wrong

    /// Somebody else's camera.
    mutating func stranger(to account: Int) -> Int {
        while true {
            let other = chance.below(accounts.count - 1)
            let stranger = other >= account ? other + 1 : other
            // A household's accounts share rights.
            if !household.contains(account) || !household.contains(stranger) { return stranger }
        }
    }

    /// Lets requests that meet a condition bring a stranger's frame, each with a probability.
    mutating func expose(_ probability: Double, where isMet: (HardDelivery) -> Bool) {
        for index in deliveries.indices where isMet(deliveries[index]) && chance.chance(probability) {
            deliveries[index].frameCamera = stranger(to: deliveries[index].account)
        }
    }

    /// Adds an account's polls, all on one path and each with one of a few strangers' frames.
    mutating func poll(by number: Int, times: Int, from: Instant, until: Instant, client: String? = nil) {
        var first = request(of: number, at: from)
        if let client { first.client = client }
        let strangers = (0..<chance.within(1...3)).map { _ in stranger(to: number) }
        for _ in 0..<times {
            var one = first
            one.at = chance.instant(from: from, to: until)
            one.roundTripMilliseconds = first.roundTripMilliseconds + chance.below(20)
            one.version = version(of: one.client, accounts[number], at: one.at)
            one.frameCamera = chance.pick(strangers)
            deliveries.append(one)
        }
    }

    mutating func sort() { deliveries.sort { ($0.at, $0.account) < ($1.at, $1.account) } }
}
