public import Interning
public import LogRecords

/// Which accounts had deliveries on which paths: all that is needed to tell who is inside a scope, whatever the scope
/// turns out to be.
///
/// A *path* is a combination of client, camera model, node, kind, network and the rollout in force. There are few, and
/// an account uses a handful of them.
public struct AccountPaths: Sendable {
    /// Why an account is affected.
    public struct Reason: OptionSet, Sendable, BitwiseCopyable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        public static let requester = Reason(rawValue: 1)
        public static let cameraOwner = Reason(rawValue: 2)
    }

    /// What the deliveries on one path have in common.
    public struct Path: Hashable, Sendable {
        var client: SymbolID
        var model: SymbolID
        var node: SymbolID
        var kind: SymbolID
        var network: SymbolID
        var rollout: SymbolID

        init(client: SymbolID, model: SymbolID, node: SymbolID, kind: SymbolID, network: SymbolID, rollout: SymbolID) {
            self.client = client
            self.model = model
            self.node = node
            self.kind = kind
            self.network = network
            self.rollout = rollout
        }

        /// Names are given and taken in the order client, model, node, kind, network, rollout.
        public init(names: [SymbolID]) {
            self.init(
                client: names[0], model: names[1], node: names[2], kind: names[3], network: names[4],
                rollout: names[5])
        }

        public var names: [SymbolID] { [client, model, node, kind, network, rollout] }

        init(_ values: DeliveryValues.Values) {
            func name(_ attribute: Attribute) -> SymbolID { SymbolID(rawValue: values[attribute.rawValue]) }
            self.init(
                client: name(.client), model: name(.model), node: name(.node), kind: name(.kind),
                network: name(.network), rollout: name(.rolloutAtDelivery))
        }

        func value(_ attribute: Attribute) -> SymbolID {
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
        /// How many the account had when it came, itself among them; `few` stands for more, too.
        let count: UInt8
        /// The reason in the low eight bits, above it how many frames the account received; no more than fit.
        private var packed: UInt32
        private static let mostFrames = UInt32.max >> 8

        init(path: Int32, next: Int32, count: UInt8, reason: Reason, frames: Int) {
            (self.path, self.next, self.count, packed) = (path, next, count, 0)
            add(reason, frames: frames)
        }

        var reason: Reason { Reason(rawValue: UInt8(truncatingIfNeeded: packed)) }
        var frames: Int { Int(packed >> 8) }

        mutating func add(_ reason: Reason, frames: Int) {
            let sum = min(packed >> 8 + UInt32(clamping: min(frames, Int(Self.mostFrames))), Self.mostFrames)
            packed = sum << 8 | packed & 0xff | UInt32(reason.rawValue)
        }
    }
    private struct Reach: Hashable {
        var account: SymbolID
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
    private var unlisted = SymbolSet()
    /// By account: its latest path in `links`.
    private var heads = NameMap<Int32>()
    private var links = MappedArray<Link>()
    /// Where the links of accounts with many paths stand.
    private var reaches: [Reach: Int32] = [:]
    private var touched = 0

    public init(_ directory: Directory, _ rollouts: RolloutSchedule) {
        self.directory = directory
        self.rollouts = rollouts
    }

    /// The cameras that were asked for and that no table lists, if there is a table of cameras.
    public var unlistedCameras: [SymbolID] {
        var cameras: [SymbolID] = []
        unlisted.each { cameras.append($0) }
        return cameras
    }

    /// Brings what is known of some accounts and cameras into the processor's cache (see `NameMap.warm`).
    public mutating func warm(_ accounts: [SymbolID], _ cameras: ArraySlice<Directory.Listing>) {
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
        let isFrame = delivery.content == .frame
        if isFrame { deliveries[Int(path)] += 1 }
        var isOwn = false
        if camera.isUnlisted, directory.listsCameras { unlisted.insert(delivery.camera) }
        for place in directory.places(of: camera) {
            let (earliest, latest) = (delivery.time.earliest, delivery.time.latest)
            guard let owner = directory.owner(at: place, earliest, latest) else { continue }
            if owner == delivery.requester {
                isOwn = true
            } else if owner.isPresent {
                note(owner, path, .cameraOwner, frames: 0)
            }
        }
        if delivery.requester.isPresent {
            note(delivery.requester, path, isOwn ? [.requester, .cameraOwner] : .requester, frames: isFrame ? 1 : 0)
        }
    }

    func path(of delivery: Delivery) -> Path {
        Path(
            client: delivery.client, model: directory.model(of: delivery.camera), node: delivery.node,
            kind: delivery.kind, network: delivery.network,
            rollout: rollouts.inForce(on: delivery.node, at: delivery.time.stamp))
    }

    /// What stands for a text as the value of an attribute; what no name is, if no path has that value.
    func name(_ text: String, _ attribute: Attribute, _ names: StringInterner) -> SymbolID {
        paths.lazy.map { $0.value(attribute) }.first { names.text($0) == text } ?? SymbolID(rawValue: -1)
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

    private mutating func note(
        _ account: SymbolID, _ path: Int32, _ reason: Reason, frames: Int
    ) {
        guard let place = heads.place(of: account) else {
            heads.append(account, Int32(links.count))
            links.append(Link(path: path, next: -1, count: 1, reason: reason, frames: frames))
            return
        }
        let head = heads.values[place]
        if let link = link(of: account, to: path, from: head) {
            if frames > 0 || !links[Int(link)].reason.isSuperset(of: reason) {
                links.update(Int(link)) { $0.add(reason, frames: frames) }
            }
            return
        }
        let new = Int32(links.count)
        heads.update(place) { $0 = new }
        let count = min(Self.few, links[Int(head)].count + 1)
        links.append(Link(path: path, next: head, count: count, reason: reason, frames: frames))
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

    private func link(of account: SymbolID, to path: Int32, from head: Int32) -> Int32? {
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
    public func eachRequester(_ body: (SymbolID) -> Void) {
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
    public func eachPath(_ body: (Path, _ deliveries: Int) throws -> Void) rethrows {
        for (path, count) in zip(paths, deliveries) { try body(path, count) }
    }

    /// Calls `body` with each account and path that go together, and how many frames the account received there.
    public func eachReach(
        _ body: (_ account: SymbolID, Path, Reason, _ frames: Int) throws -> Void
    ) rethrows {
        try heads.each { account, head in
            var link = head
            while link >= 0 {
                let one = links[Int(link)]
                try body(account, paths[Int(one.path)], one.reason, one.frames)
                link = one.next
            }
        }
    }

    /// Adds deliveries that were counted elsewhere.
    public mutating func add(_ count: Int, on path: Path) { deliveries[Int(number(of: path))] += count }

    /// Adds that an account has deliveries on a path, and how many of them brought it a frame.
    public mutating func add(_ account: SymbolID, on path: Path, _ reason: Reason, frames: Int) {
        note(account, number(of: path), reason, frames: frames)
    }

    /// How many accounts a delivery on each path comes to if each account counts once, divided among all that it received: in
    /// parts of `ReceiverWeights.whole`. Where few accounts ask for much and many for little, the many are more of the
    /// accounts than of the deliveries.
    var accountsByDelivery: [Path: Int64] {
        var sums = [Int64](repeating: 0, count: paths.count)
        heads.each { _, head in
            var (all, link) = (Int64(0), head)
            while link >= 0 {
                all += Int64(links[Int(link)].frames)
                link = links[Int(link)].next
            }
            link = all > 0 ? head : -1
            while link >= 0 {
                let one = links[Int(link)]
                sums[Int(one.path)] &+= ReceiverWeights.whole * Int64(one.frames) / all
                link = one.next
            }
        }
        var shares: [Path: Int64] = [:]
        for (number, path) in paths.enumerated() where deliveries[number] > 0 {
            shares[path] = sums[number] / Int64(deliveries[number])
        }
        return shares
    }

    /// How many deliveries carried a frame, by node and the rollout in force; absent before the first.
    public var deliveriesByNode: [SymbolID: [SymbolID: Int]] {
        var counts: [SymbolID: [SymbolID: Int]] = [:]
        for (path, count) in zip(paths, deliveries) where count > 0 {
            counts[path.node, default: [:]][path.rollout, default: 0] += count
        }
        return counts
    }

    /// Calls `body` for each account, in order of arrival, with a function that goes through its paths by number.
    func eachAccount(_ body: (SymbolID, (_ path: (Int, Reason) -> Void) -> Void) -> Void) {
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
