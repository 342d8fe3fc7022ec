import GRDB

/// Who saw whom: the pairs of exposed and receiving accounts, in an order that brings together those that have to do with
/// each other.
struct Pairs {
    struct Pair {
        /// Places in `owners` and `receivers`.
        var owner: Int
        var receiver: Int
        /// Certain exposures with one possible owner, and the others.
        var certain: Int
        var possible: Int
        var sum: Int { certain + possible }
    }

    private(set) var owners: [String] = []
    private(set) var receivers: [String] = []
    private(set) var pairs: [Pair] = []
    /// The sets of accounts that have nothing to do with each other, the one with the most exposures first.
    private(set) var groups: [Group] = []
    /// Certain and possible exposures of each receiver, in the order in which they are found.
    private var received: [(certain: Int, possible: Int)] = []

    /// Accounts that exposures tie to each other, directly or by way of others.
    struct Group {
        /// Places in `owners`, `receivers` and `pairs`.
        let owners: Range<Int>
        let receivers: Range<Int>
        let pairs: Range<Int>
        /// Exposures, each once, however many accounts may be its owner.
        let certain: Int
        let possible: Int
    }

    init(_ db: Database, _ names: ShownNames) throws {
        var ownerPlaces: [Int64: Int] = [:]
        var receiverPlaces: [Int64?: Int] = [:]
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT c.owner, d.requester, sum(e.certainty = 'certain' AND e.owners = 1),
                    sum(NOT (e.certainty = 'certain' AND e.owners = 1))
                FROM exposure e CROSS JOIN candidate c ON c.delivery = e.delivery CROSS JOIN delivery d ON d.id = e.delivery
                    JOIN name o ON o.id = c.owner LEFT JOIN name r ON r.id = d.requester
                WHERE e.is_redisplay = 0 GROUP BY c.owner, d.requester ORDER BY o.text, r.text
                """)
        while let row = try rows.next() {
            let (owner, receiver) = (try row.decode(Int64.self, atIndex: 0), try row.decode(Int64?.self, atIndex: 1))
            if ownerPlaces[owner] == nil {
                ownerPlaces[owner] = owners.count
                owners.append(try names.text(owner) ?? "")
            }
            if receiverPlaces[receiver] == nil {
                receiverPlaces[receiver] = receivers.count
                receivers.append(try names.text(receiver) ?? "without a name")
            }
            pairs.append(
                Pair(
                    owner: ownerPlaces[owner] ?? 0, receiver: receiverPlaces[receiver] ?? 0,
                    certain: try row.decode(atIndex: 2),
                    possible: try row.decode(atIndex: 3)))
        }
        received = [(certain: Int, possible: Int)](repeating: (0, 0), count: receivers.count)
        let sums = try Row.fetchCursor(
            db,
            sql: """
                SELECT d.requester, sum(e.certainty = 'certain'), sum(e.certainty = 'possible')
                FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery
                WHERE e.is_redisplay = 0 GROUP BY d.requester
                """)
        while let row = try sums.next() {
            // An exposure without a candidate is in no pair.
            guard let place = receiverPlaces[try row.decode(Int64?.self, atIndex: 0)] else { continue }
            received[place] = (try row.decode(atIndex: 1), try row.decode(atIndex: 2))
        }
        order()
    }

    /// Puts connected accounts side by side, the largest set first, and within a set each account near those it shares
    /// exposures with (the mean of their places, a few times over).
    private mutating func order() {
        var parent = Array(0..<(owners.count + receivers.count))
        func root(_ place: Int) -> Int {
            var place = place
            while parent[place] != place {
                parent[place] = parent[parent[place]]
                place = parent[place]
            }
            return place
        }
        for pair in pairs {
            let (one, other) = (root(pair.owner), root(owners.count + pair.receiver))
            if one != other { parent[max(one, other)] = min(one, other) }
        }
        let roots = parent.indices.map(root)
        var sizes: [Int: Int] = [:]
        for (place, sum) in received.enumerated() {
            sizes[roots[owners.count + place], default: 0] += sum.certain + sum.possible
        }
        let ranks = Dictionary(
            uniqueKeysWithValues: sizes.keys.sorted { (sizes[$1] ?? 0, $0) < (sizes[$0] ?? 0, $1) }.enumerated().map {
                ($1, $0)
            })
        let ownerGroup = owners.indices.map { ranks[roots[$0]] ?? 0 }
        let receiverGroup = receivers.indices.map { ranks[roots[owners.count + $0]] ?? 0 }
        var ownerOrder = owners.indices.sorted { (ownerGroup[$0], $0) < (ownerGroup[$1], $1) }
        var receiverOrder = receivers.indices.sorted { (receiverGroup[$0], $0) < (receiverGroup[$1], $1) }
        for _ in 0..<6 {
            receiverOrder = near(receiverOrder, receiverGroup, ownerOrder, \.receiver, \.owner)
            ownerOrder = near(ownerOrder, ownerGroup, receiverOrder, \.owner, \.receiver)
        }
        let (ownerPlace, receiverPlace) = (Self.places(ownerOrder), Self.places(receiverOrder))
        let (ownersOf, receiversOf) = (ownerOrder.map { ownerGroup[$0] }, receiverOrder.map { receiverGroup[$0] })
        received = receiverOrder.map { received[$0] }
        owners = ownerOrder.map { owners[$0] }
        receivers = receiverOrder.map { receivers[$0] }
        pairs = pairs.map {
            Pair(
                owner: ownerPlace[$0.owner], receiver: receiverPlace[$0.receiver], certain: $0.certain,
                possible: $0.possible)
        }.sorted { ($0.owner, $0.receiver) < ($1.owner, $1.receiver) }
        groups = divided(ownersOf, receiversOf, pairs.map { ownersOf[$0.owner] }, count: ranks.count)
    }

    /// - Parameter ofOwners: the group of each owner in their order, which never falls; and so on.
    private func divided(_ ofOwners: [Int], _ ofReceivers: [Int], _ ofPairs: [Int], count: Int) -> [Group] {
        var (owner, receiver, pair) = (0, 0, 0)
        return (0..<count).map { group in
            let starts = (owner, receiver, pair)
            while owner < ofOwners.count, ofOwners[owner] == group { owner += 1 }
            while receiver < ofReceivers.count, ofReceivers[receiver] == group { receiver += 1 }
            while pair < ofPairs.count, ofPairs[pair] == group { pair += 1 }
            let sums = received[starts.1..<receiver]
            return Group(
                owners: starts.0..<owner, receivers: starts.1..<receiver, pairs: starts.2..<pair,
                certain: sums.reduce(0) { $0 + $1.certain }, possible: sums.reduce(0) { $0 + $1.possible })
        }
    }

    private func near(
        _ order: [Int], _ group: [Int], _ others: [Int], _ mine: KeyPath<Pair, Int>, _ theirs: KeyPath<Pair, Int>
    ) -> [Int] {
        let places = Self.places(others)
        var sums = [(places: Int, count: Int)](repeating: (0, 0), count: order.count)
        for pair in pairs {
            sums[pair[keyPath: mine]].places += places[pair[keyPath: theirs]]
            sums[pair[keyPath: mine]].count += 1
        }
        let means = sums.map { $0.count > 0 ? Double($0.places) / Double($0.count) : 0 }
        return order.enumerated().sorted {
            (group[$0.element], means[$0.element], $0.offset) < (group[$1.element], means[$1.element], $1.offset)
        }.map(\.element)
    }

    private static func places(_ order: [Int]) -> [Int] {
        var places = [Int](repeating: 0, count: order.count)
        for (place, element) in order.enumerated() { places[element] = place }
        return places
    }
}
