public import LogRecords

/// Which accounts had deliveries on which paths: all that is needed to tell who is inside a scope, whatever the scope
/// turns out to be.
///
/// A *path* is a combination of client, camera model, node, kind, network and the rollout in force. There are few, and
/// an account uses a handful of them.
public struct AccountPaths: Sendable {
    /// What the deliveries on one path have in common.
    public struct Path: Hashable, Sendable {
        var client: NameID
        var model: NameID
        var node: NameID
        var kind: NameID
        var network: NameID
        var rollout: NameID

        init(client: NameID, model: NameID, node: NameID, kind: NameID, network: NameID, rollout: NameID) {
            self.client = client
            self.model = model
            self.node = node
            self.kind = kind
            self.network = network
            self.rollout = rollout
        }

        /// Names are given and taken in the order client, model, node, kind, network, rollout.
        public init(names: [NameID]) {
            self.init(
                client: names[0], model: names[1], node: names[2], kind: names[3], network: names[4],
                rollout: names[5])
        }

        public var names: [NameID] { [client, model, node, kind, network, rollout] }

        init(_ values: DeliveryValues.Values) {
            func name(_ attribute: Attribute) -> NameID { NameID(rawValue: values[attribute.rawValue]) }
            self.init(
                client: name(.client), model: name(.model), node: name(.node), kind: name(.kind),
                network: name(.network), rollout: name(.rolloutAtDelivery))
        }

        func value(_ attribute: Attribute) -> NameID {
            switch attribute {
            case .client: client
            case .model: model
            case .node: node
            case .kind: kind
            case .network: network
            case .rolloutAtDelivery: rollout
            default: .absent
            }
        }
    }
    /// A path of an account, and where its next one stands in `links`; -1: there is none.
    private struct Link: Sendable {
        var path: Int32
        var next: Int32
        var reason: AffectedAccounts.Reason
        /// How many the account had when it came, itself among them; `few` stands for more, too.
        var count: UInt8
    }
    private struct Reach: Hashable {
        var account: NameID
        var path: Int32
    }

    /// Accounts with so many paths or more are looked up in `reaches`: to go through them all for each delivery would take a
    /// time that grows with the square of the nodes that one account met.
    private static let few: UInt8 = 16

    private var directory: Directory
    private let rollouts: RolloutSchedule
    private var numbers: [Path: Int32] = [:]
    private(set) var paths: [Path] = []
    /// By path.
    private(set) var deliveries: [Int] = []
    private var lastPath: Int32 = -1
    private var unlisted = NameSet()
    /// By account: its latest path in `links`.
    private var heads = NameMap<Int32>()
    private var links = LeanArray<Link>()
    /// Where the links of accounts with many paths stand.
    private var reaches: [Reach: Int32] = [:]
    private var touched = 0

    public init(_ directory: Directory, _ rollouts: RolloutSchedule) {
        self.directory = directory
        self.rollouts = rollouts
    }

    /// The cameras that were asked for and that no table lists, if there is a table of cameras.
    public var unlistedCameras: [NameID] {
        var cameras: [NameID] = []
        unlisted.each { cameras.append($0) }
        return cameras
    }

    /// Brings what is known of some accounts and cameras into the processor's cache (see `NameMap.warm`).
    public mutating func warm(_ accounts: [NameID], _ cameras: ArraySlice<Directory.Listing>) {
        directory.warm(cameras)
        heads.warm(accounts)
        var sum = 0
        for account in accounts { if let head = heads[account] { sum &+= Int(links[Int(head)].path) } }
        for account in accounts {
            if let head = heads[account], links[Int(head)].next >= 0 {
                sum &+= Int(links[Int(links[Int(head)].next)].path)
            }
        }
        touched &+= sum
    }

    /// Takes note of a delivery that carried a frame or showed one again, in any order.
    ///
    /// - Parameters:
    ///   - camera: what the directory tells of the one that was asked for.
    ///   - path: the number of its path.
    public mutating func add(_ delivery: Delivery, _ camera: Directory.Listing, on path: Int32) {
        if delivery.content == .frame { deliveries[Int(path)] += 1 }
        var isOwn = false
        if camera.isUnlisted, directory.listsCameras { unlisted.insert(delivery.camera) }
        for place in directory.places(of: camera) {
            let (earliest, latest) = (delivery.time.earliest, delivery.time.latest)
            guard let owner = directory.owner(at: place, earliest, latest) else { continue }
            if owner == delivery.requester {
                isOwn = true
            } else if owner.isPresent {
                note(owner, path, .cameraOwner)
            }
        }
        if delivery.requester.isPresent {
            note(delivery.requester, path, isOwn ? [.requester, .cameraOwner] : .requester)
        }
    }

    func path(of delivery: Delivery) -> Path {
        Path(
            client: delivery.client, model: directory.model(of: delivery.camera), node: delivery.node,
            kind: delivery.kind, network: delivery.network,
            rollout: rollouts.inForce(on: delivery.node, at: delivery.time.stamp))
    }

    /// What stands for a text as the value of an attribute; what no name is, if no path has that value.
    func name(_ text: String, _ attribute: Attribute, _ names: NameTable) -> NameID {
        paths.lazy.map { $0.value(attribute) }.first { names.text($0) == text } ?? NameID(rawValue: -1)
    }

    /// The number of a path, new or known.
    public mutating func number(of path: Path) -> Int32 {
        if lastPath >= 0, paths[Int(lastPath)] == path { return lastPath }
        if let known = numbers[path] {
            lastPath = known
            return known
        }
        lastPath = Int32(paths.count)
        numbers[path] = lastPath
        paths.append(path)
        deliveries.append(0)
        return lastPath
    }

    private mutating func note(_ account: NameID, _ path: Int32, _ reason: AffectedAccounts.Reason) {
        guard let place = heads.place(of: account) else {
            heads.append(account, Int32(links.count))
            links.append(Link(path: path, next: -1, reason: reason, count: 1))
            return
        }
        let head = heads.values[place]
        if let link = link(of: account, to: path, from: head) {
            if !links[Int(link)].reason.isSuperset(of: reason) {
                links.update(Int(link)) { $0.reason.formUnion(reason) }
            }
            return
        }
        let new = Int32(links.count)
        heads.update(place) { $0 = new }
        let count = min(Self.few, links[Int(head)].count + 1)
        links.append(Link(path: path, next: head, reason: reason, count: count))
        guard count == Self.few else { return }
        if links[Int(head)].count == Self.few {
            reaches[Reach(account: account, path: path)] = new
        } else {
            var link = new
            while link >= 0 {
                reaches[Reach(account: account, path: links[Int(link)].path)] = link
                link = links[Int(link)].next
            }
        }
    }

    private func link(of account: NameID, to path: Int32, from head: Int32) -> Int32? {
        if links[Int(head)].path == path { return head }
        if links[Int(head)].count == Self.few { return reaches[Reach(account: account, path: path)] }
        var link = links[Int(head)].next
        while link >= 0 {
            if links[Int(link)].path == path { return link }
            link = links[Int(link)].next
        }
        return nil
    }

    /// Calls `body` with each account that received anything.
    public func eachRequester(_ body: (NameID) -> Void) {
        heads.each { account, head in
            var link = head
            while link >= 0 {
                if links[Int(link)].reason.contains(.requester) { return body(account) }
                link = links[Int(link)].next
            }
        }
    }

    // MARK: Counts from elsewhere

    /// Calls `body` with each path and how many deliveries on it carried a frame.
    public func eachPath(_ body: (Path, _ deliveries: Int) -> Void) {
        for (path, count) in zip(paths, deliveries) { body(path, count) }
    }

    /// Calls `body` with each account and path that go together.
    public func eachReach(_ body: (_ account: NameID, Path, AffectedAccounts.Reason) -> Void) {
        heads.each { account, head in
            var link = head
            while link >= 0 {
                body(account, paths[Int(links[Int(link)].path)], links[Int(link)].reason)
                link = links[Int(link)].next
            }
        }
    }

    /// Adds deliveries that were counted elsewhere.
    public mutating func add(_ count: Int, on path: Path) { deliveries[Int(number(of: path))] += count }

    /// Adds that an account has deliveries on a path.
    public mutating func add(_ account: NameID, on path: Path, _ reason: AffectedAccounts.Reason) {
        note(account, number(of: path), reason)
    }

    /// How many deliveries carried a frame, by node and the rollout in force; absent before the first.
    public var deliveriesByNode: [NameID: [NameID: Int]] {
        var counts: [NameID: [NameID: Int]] = [:]
        for (path, count) in zip(paths, deliveries) where count > 0 {
            counts[path.node, default: [:]][path.rollout, default: 0] += count
        }
        return counts
    }

    /// Calls `body` for each account, in order of arrival, with a function that goes through its paths by number.
    func eachAccount(_ body: (NameID, (_ path: (Int, AffectedAccounts.Reason) -> Void) -> Void) -> Void) {
        heads.each { account, head in
            body(account) { visit in
                var link = head
                while link >= 0 {
                    visit(Int(links[Int(link)].path), links[Int(link)].reason)
                    link = links[Int(link)].next
                }
            }
        }
    }
}
