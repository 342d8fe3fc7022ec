import Casefile
import Correlation
import LogRecords

/// The origin's answers under keys that no line names, and to how many of them the logs have the request under another key.
///
/// Where most of them have one no log is missing: what the lines call the key is not what the cache goes by, as where a server logs the
/// URL that the client asked for and looks up one that a rule has made of it (seen with HAProxy 3.2 and `http-request set-path`).
struct OtherKeys {
    private struct Viewer: Hashable {
        var requester: SymbolID
        var camera: SymbolID
    }

    /// Answers that were asked about, and those of them to a request of the logs.
    private(set) var asked = 0
    private(set) var found = 0
    /// With more answers than this some are drawn by their time, the same whatever the order of reading.
    private static let most = 16_384

    init(_ reader: EventReader, _ clocks: Clocks) throws {
        var named = SymbolSet()
        try reader.eachDeliveryBlock { block, _ in
            for delivery in block { named.insert(delivery.key) }
        }
        var (answers, step): ([Fill], UInt64) = ([], 1)
        try reader.eachFill { fill in
            guard fill.kind == .sent, fill.key.isPresent, !named.contains(fill.key), fill.requester.isPresent,
                fill.camera.isPresent, Self.isDrawn(fill, step)
            else { return }
            answers.append(fill)
            while answers.count > Self.most, step < 1 << 40 {
                step *= 2
                answers.removeAll { !Self.isDrawn($0, step) }
            }
        }
        asked = answers.count
        if answers.isEmpty { return }
        var waiting: [Viewer: [Fill]] = [:]
        for fill in answers {
            waiting[Viewer(requester: fill.requester, camera: fill.camera), default: []].append(fill)
        }
        try reader.eachDeliveryBlock { block, _ in
            for delivery in block where delivery.content != .none && delivery.cacheStatus != .hit {
                let viewer = Viewer(requester: delivery.requester, camera: delivery.camera)
                guard let place = waiting.index(forKey: viewer) else { continue }
                let before = waiting.values[place].count
                waiting.values[place].removeAll { fill in
                    !clocks.isSurelyBefore(fill.time, fill.clock, delivery.time.earliest, delivery.clock)
                        && !clocks.isSurelyAfter(fill.time, fill.clock, delivery.time.latest, delivery.clock)
                }
                found += before - waiting.values[place].count
            }
        }
    }

    private static func isDrawn(_ fill: Fill, _ step: UInt64) -> Bool {
        (UInt64(bitPattern: fill.time.stamp) &* 0x9e37_79b9_7f4a_7c15) >> 24 & (step - 1) == 0
    }
}
