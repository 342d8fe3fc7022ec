import Chance
import Foundation

/// A random little cloud with everything in it that makes judging hard: shared keys, ties, coarse clocks, resold
/// cameras, grants that begin and end, purges, lines that leave fields out. Whole microseconds from `epoch`.
struct SmallWorld {
    struct Interval {
        var from: Int?
        var until: Int?
    }
    struct Ownership {
        var camera: Int
        var owner: Int
        var owned: Interval
    }
    struct Grant {
        var owner: Int
        var camera: Int
        var grantee: Int
        var live: Interval
    }
    struct Fill {
        var time: Int
        var resolution: Int
        var node: Int
        var key: Int
        var frame: Int?
        var camera: Int?
        var owner: Int?
    }
    struct Purge {
        var time: Int
        var node: Int
        var key: Int
    }
    struct Delivery {
        var time: Int
        var resolution: Int
        var duration: Int?
        var node: Int
        var key: Int?
        var requester: Int?
        var camera: Int?
        var cache: String?
        var status: Int
        var bytes: Int
        var frame: Int?
        var owner: Int?
        var frameCamera: Int?
    }

    var ownerships: [Ownership] = []
    var grants: [Grant] = []
    var fills: [Fill] = []
    var purges: [Purge] = []
    var deliveries: [Delivery] = []

    static let epoch = 1_577_351_577_000_000
    private static let span = 40_000_000

    /// Added to every number in a name, so that several worlds can share their nodes and nothing else.
    private var firstName: Int

    init(seed: UInt64, events: Int, firstName: Int = 0) {
        self.firstName = firstName
        var chance = Chance(seed: seed)
        for camera in 0..<6 {
            let first = chance.below(5)
            if chance.one(in: 3) {
                let sold = chance.moment(Self.span)
                ownerships.append(Ownership(camera: camera, owner: first, owned: Interval(until: sold)))
                ownerships.append(Ownership(camera: camera, owner: chance.below(5), owned: Interval(from: sold)))
            } else {
                ownerships.append(Ownership(camera: camera, owner: first, owned: Interval()))
            }
        }
        for _ in 0..<8 {
            let from = chance.one(in: 2) ? chance.moment(Self.span) : nil
            let until = chance.one(in: 2) ? (from ?? 0) + chance.moment(Self.span) : nil
            let ownership = ownerships[chance.below(ownerships.count)]
            grants.append(
                Grant(
                    owner: ownership.owner, camera: ownership.camera, grantee: chance.below(5),
                    live: Interval(from: from, until: until)))
        }
        for _ in 0..<(events / 4) {
            fills.append(
                Fill(
                    time: chance.moment(Self.span), resolution: chance.resolution, node: chance.below(2),
                    key: chance.below(3), frame: chance.maybe(12), camera: chance.one(in: 8) ? nil : chance.below(7),
                    owner: chance.one(in: 4) ? chance.below(5) : nil))
        }
        for _ in 0..<(events / 20) {
            purges.append(Purge(time: chance.moment(Self.span), node: chance.below(2), key: chance.below(3)))
        }
        for _ in 0..<events {
            deliveries.append(
                Delivery(
                    time: chance.moment(Self.span), resolution: chance.resolution,
                    duration: chance.one(in: 3) ? chance.below(3000) : nil, node: chance.below(2),
                    key: chance.one(in: 12) ? nil : chance.below(3),
                    requester: chance.one(in: 15) ? nil : chance.below(5),
                    camera: chance.maybe(7), cache: ["HIT", "HIT", "HIT", "MISS", "STALE", nil][chance.below(6)],
                    status: [200, 200, 200, 206, 304, 403][chance.below(6)], bytes: chance.one(in: 12) ? 0 : 9000,
                    frame: chance.one(in: 4) ? chance.below(12) : nil,
                    owner: chance.one(in: 10) ? chance.below(5) : nil,
                    frameCamera: chance.one(in: 3) ? chance.below(7) : nil))
        }
    }

    // MARK: As a dump

    /// The lines of the relay's log, one a delivery.
    var relayLines: [String] {
        deliveries.map { delivery in
            object([
                ("ts", .text(Self.time(delivery.time, delivery.resolution))), ("node", .text("n\(delivery.node)")),
                ("requester", .name("acct", delivery.requester)), ("camera", .name("cam", delivery.camera)),
                ("key", .name("key", delivery.key)), ("cache", delivery.cache.map { .text($0) } ?? .nothing),
                ("status", .number(delivery.status)), ("bytes", .number(delivery.bytes)),
                ("duration_ms", delivery.duration.map { .number($0) } ?? .nothing),
                ("frame", .name("f", delivery.frame)),
                ("owner", .name("acct", delivery.owner)), ("frame_camera", .name("cam", delivery.frameCamera)),
            ])
        }
    }

    var cacheLines: [String] {
        fills.map { fill in
            object([
                ("ts", .text(Self.time(fill.time, fill.resolution))), ("node", .text("n\(fill.node)")),
                ("op", .text("FILL")),
                ("key", .name("key", fill.key)), ("frame", .name("f", fill.frame)),
                ("camera", .name("cam", fill.camera)),
                ("owner", .name("acct", fill.owner)),
            ])
        }
            + purges.map { purge in
                object([
                    ("ts", .text(Self.time(purge.time, 1))), ("node", .text("n\(purge.node)")), ("op", .text("PURGE")),
                    ("key", .name("key", purge.key)),
                ])
            }
    }

    static let cameraHeader = "camera,owner,from,until,model\n"
    var cameraTable: String { Self.cameraHeader + cameraRows }

    var cameraRows: String {
        ownerships.map {
            "\(name("cam", $0.camera)),\(name("acct", $0.owner)),\(Self.end($0.owned.from)),\(Self.end($0.owned.until)),m\n"
        }.joined()
    }

    static let grantHeader = "owner,camera,grantee,from,until\n"
    var grantTable: String { Self.grantHeader + grantRows }

    var grantRows: String {
        grants.map {
            "\(name("acct", $0.owner)),\(name("cam", $0.camera)),\(name("acct", $0.grantee)),\(Self.end($0.live.from)),\(Self.end($0.live.until))\n"
        }.joined()
    }

    private enum Value {
        case nothing
        case text(String)
        case number(Int)
        case name(String, Int)
        static func name(_ kind: String, _ number: Int?) -> Value { number.map { .name(kind, $0) } ?? .nothing }
    }

    private func name(_ kind: String, _ number: Int) -> String { "\(kind)-\(firstName + number)" }

    private func object(_ members: [(String, Value)]) -> String {
        "{"
            + members.compactMap { name, value in
                switch value {
                case .nothing: nil
                case .text(let text): "\"\(name)\":\"\(text)\""
                case .number(let number): "\"\(name)\":\(number)"
                case .name(let kind, let number): "\"\(name)\":\"\(self.name(kind, number))\""
                }
            }.joined(separator: ",") + "}"
    }

    private static func end(_ time: Int?) -> String { time.map { Self.time($0, 1) } ?? "" }

    /// RFC 3339 with as many digits as the resolution has.
    private static func time(_ moment: Int, _ resolution: Int) -> String {
        let all = epoch + moment
        let date = Date(timeIntervalSince1970: TimeInterval(all / 1_000_000)).ISO8601Format().dropLast()
        let fraction = String(1_000_000 + all % 1_000_000).dropFirst()
        let digits = resolution == 1 ? 6 : resolution == 1000 ? 3 : 0
        return date + (digits == 0 ? "" : ".\(fraction.prefix(digits))") + "Z"
    }
}

extension Chance {
    mutating func maybe(_ bound: Int) -> Int? { one(in: 3) ? nil : below(bound) }

    /// Often a whole second, so that many things happen at one moment.
    mutating func moment(_ span: Int) -> Int {
        let second = below(span / 1_000_000) * 1_000_000
        return one(in: 3) ? second : second + below(1_000_000)
    }

    var resolution: Int {
        mutating get { [1, 1, 1000, 1_000_000][below(4)] }
    }

    mutating func shuffle<Element>(_ elements: [Element]) -> [Element] {
        var elements = elements
        for index in elements.indices.dropFirst() { elements.swapAt(index, below(index + 1)) }
        return elements
    }
}
