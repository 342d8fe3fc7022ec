public import Interning
public import LogRecords

/// A line that tells of an answer, as it is compared with the lines of other logs.
public struct AnswerLine: BitwiseCopyable, Sendable {
    public var delivery: Delivery
    /// The number of its log.
    public var log: Int32
    /// Orders lines of equal times, however the dump was read.
    public var tieBreak: Int64
    /// What stands for the request's id; 0 if the line names none.
    public var request: UInt64
    /// What stands for the client's address and its device; 0 if the line names none.
    public var address: UInt64 = 0
    public var device: UInt64 = 0
    /// When the answer ended, microseconds by its log's clock: logs of one answer agree on that better than on its beginning.
    public private(set) var ended: Int64

    public init(_ delivery: Delivery, log: Int32, tieBreak: Int64, request: UInt64 = 0) {
        self.delivery = delivery
        self.log = log
        self.tieBreak = tieBreak
        self.request = request
        ended = delivery.time.latest
    }

    /// What the digits of the stamp leave open, microseconds; nil if it does not mark the end of the answer.
    private var resolution: Int64? {
        let open = delivery.time.latest - delivery.time.stamp + 1
        return [1, 10, 100, 1000, 10_000, 100_000, 1_000_000].contains(open) ? open : nil
    }

    /// What the digits of a log's stamps leave open where it writes all of them; nil if the stamps do not mark the ends of answers.
    public static func resolution(of lines: [AnswerLine]) -> Int64? {
        let known = lines.compactMap(\.resolution)
        return known.count * 10 >= lines.count * 9 ? known.min() : nil
    }

    /// Takes a stamp with fewer digits than its log has elsewhere for one of which zeros at the end were left out, as a JSON number
    /// and Go's `time.RFC3339Nano` leave them out.
    public mutating func roundEnd(to resolution: Int64) {
        if let own = self.resolution, own > resolution { ended = delivery.time.stamp + resolution - 1 }
    }
}

/// What two lines must share before they are looked at together; the narrowest first.
public enum Anchor: UInt8, Sendable, CaseIterable {
    case request, accountAndCamera, accountAndKey, account, camera, key

    /// Whether it names who was answered; what does not is for logs of which one names no accounts.
    public var namesAccount: Bool { self != .camera && self != .key }

    /// What stands for it on a line; nil if the line does not have it all.
    public func value(requester: SymbolID, camera: SymbolID, key: SymbolID, request: UInt64 = 0) -> UInt64? {
        func mix(_ one: SymbolID, _ other: SymbolID = .absent) -> UInt64? {
            guard one.isPresent else { return nil }
            let pair = UInt64(UInt32(bitPattern: one.rawValue)) << 32 | UInt64(UInt32(bitPattern: other.rawValue))
            return (pair ^ UInt64(rawValue) &* 0x9e37_79b9_7f4a_7c15).mixed
        }
        switch self {
        case .request: return request == 0 ? nil : request
        case .accountAndCamera: return camera.isPresent ? mix(requester, camera) : nil
        case .accountAndKey: return key.isPresent ? mix(requester, key) : nil
        case .account: return mix(requester)
        case .camera: return mix(camera)
        case .key: return mix(key)
        }
    }

    public func value(_ line: AnswerLine) -> UInt64? {
        let delivery = line.delivery
        return value(
            requester: delivery.requester, camera: delivery.camera, key: delivery.key, request: line.request)
    }
}
