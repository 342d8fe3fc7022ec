import Synchronization

/// A number that stands for one text (account, camera, node, cache key, frame id, client…) in a case.
///
/// `NameID.absent` (0) stands for "the line says nothing". Two records that name the same text have the same number,
/// so that comparing accounts is comparing integers.
public struct NameID: RawRepresentable, Hashable, Sendable, Comparable, BitwiseCopyable {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let absent = NameID(rawValue: 0)
    public var isPresent: Bool { rawValue != 0 }

    public static func < (a: NameID, b: NameID) -> Bool { a.rawValue < b.rawValue }
}

/// Every text of a case, each kept once, numbered as it comes.
///
/// Shared by all parsing threads: texts are spread over shards by hash, each behind a lock of its own, so threads
/// seldom meet. What a number means never changes; the numbers themselves depend on the order of arrival and so never
/// appear in a report.
public final class NameTable: Sendable {
    private static let shardBits: Int32 = 4
    /// A number less one, modulo this, tells the shard; in each shard the numbers rise by it.
    public static let shardCount = 1 << Int(shardBits)
    private let shards: [Shard]

    public init() {
        shards = (0..<Self.shardCount).map { _ in Shard() }
    }

    /// The number of `text`, new or known. An empty text is `absent`.
    public func intern(_ text: some StringProtocol) -> NameID {
        var copy = String(text)
        return copy.withUTF8 { intern(UnsafeRawBufferPointer($0)) }
    }

    /// The number of the UTF-8 text in `bytes`.
    func intern(_ bytes: UnsafeRawBufferPointer) -> NameID {
        guard bytes.count > 0 else { return .absent }
        let hash = Self.hash(bytes)
        let shard = Self.shard(hash)
        return Self.number(shards[shard].store.withLock { $0.intern(bytes, hash: hash) }, shard)
    }

    /// The number of the UTF-8 text in `bytes`, if it has one.
    func number(of bytes: UnsafeRawBufferPointer) -> NameID? {
        let hash = Self.hash(bytes)
        let shard = Self.shard(hash)
        return shards[shard].store.withLock { $0.index(of: bytes, hash: hash) }.map { Self.number($0, shard) }
    }

    private static func shard(_ hash: UInt64) -> Int { Int(hash >> UInt64(64 - shardBits)) }

    private static func number(_ index: Int32, _ shard: Int) -> NameID {
        NameID(rawValue: (index << shardBits | Int32(shard)) + 1)
    }

    /// A name to be numbered among others, and its number then.
    struct Missed {
        let name: ShortName
        /// Whatever tells it from the others.
        let index: Int
        fileprivate let hash: UInt64
        fileprivate(set) var number = NameID.absent

        init(_ name: ShortName, _ index: Int) {
            self.name = name
            self.index = index
            hash = name.withBytes { NameTable.hash($0) }
        }
    }

    /// Numbers many names: each shard is locked once, and the look-ups in it do not wait for each other's memory.
    func intern(_ all: inout [Missed]) {
        if all.count < Self.shardCount {
            for place in all.indices { all[place].number = all[place].name.withBytes { intern($0) } }
            return
        }
        for (shard, lock) in shards.enumerated() {
            let own = all.indices.filter { Self.shard(all[$0].hash) == shard }
            guard !own.isEmpty else { continue }
            lock.store.withLock { store in
                for place in own { store.warm(all[place].hash) }
                for place in own {
                    let index = all[place].name.withBytes { store.intern($0, hash: all[place].hash) }
                    all[place].number = Self.number(index, shard)
                }
            }
        }
    }

    /// Sixteen digits that stand for a text anywhere: the same on every machine.
    public static func tag(of text: String) -> String {
        var copy = text
        let digits = String(copy.withUTF8 { hash(UnsafeRawBufferPointer($0)) }, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The text behind a number; empty for `absent`.
    public func text(_ id: NameID) -> String {
        guard id.isPresent else { return "" }
        let (index, shard) = Self.place(id)
        return shards[shard].store.withLock { $0.text(index) }
    }

    /// Puts back a name of a case that is opened again. Numbers of one shard must come in rising order.
    ///
    /// - Returns: false if the number is already taken by another text, which means that the case is damaged.
    public func restore(_ id: NameID, _ text: String) -> Bool {
        let (index, shard) = Self.place(id)
        var copy = text
        return copy.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            let hash = Self.hash(bytes)
            guard Self.shard(hash) == shard else { return false }
            return shards[shard].store.withLock { store in
                store.count == index && Int(store.intern(bytes, hash: hash)) == index
            }
        }
    }

    /// Hands out every name numbered since the last call, for the writer to store: its number and UTF-8 text, which is
    /// valid during the call only.
    public func drain(_ body: (NameID, UnsafeRawBufferPointer) throws -> Void) rethrows {
        for (number, shard) in shards.enumerated() {
            let fresh = shard.store.withLock { $0.takeFresh() }
            try fresh.bytes.withUnsafeBytes { bytes in
                var start = 0
                for (offset, end) in fresh.ends.enumerated() {
                    let index = Int32(fresh.first + offset)
                    try body(
                        Self.number(index, number),
                        UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                    start = end
                }
            }
        }
    }

    /// Says that all names known so far are stored already, as after `restore`.
    public func markStored() {
        for shard in shards { shard.store.withLock { $0.stored = $0.count } }
    }

    /// How many names there are.
    public var count: Int { shards.reduce(0) { $0 + $1.store.withLock { $0.count } } }

    private static func place(_ id: NameID) -> (index: Int, shard: Int) {
        let number = id.rawValue - 1
        return (Int(number >> shardBits), Int(number) % shardCount)
    }

    /// FNV-1a over eight bytes at a time with a final mix: good enough to spread names, and it must not depend on the
    /// process (a case that is opened again puts each name back into its shard).
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(truncatingIfNeeded: bytes.count)
        var offset = 0
        while offset + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            hash = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 32
            offset += 8
        }
        while offset < bytes.count {
            hash = (hash ^ UInt64(bytes[offset])) &* 0x0000_0100_0000_01b3
            offset += 1
        }
        hash ^= hash >> 33
        hash = hash &* 0xff51_afd7_ed55_8ccd
        return hash ^ (hash >> 33)
    }
}

/// One lock and the names behind it.
private final class Shard: Sendable {
    let store = Mutex(NameStore())
}

/// An open-addressing hash table whose names lie end to end in one byte array, each behind its length.
private struct NameStore {
    private struct Slot {
        var hash: UInt32 = 0
        /// -1: empty.
        var index: Int32 = -1
    }

    private var bytes: [UInt8] = []
    /// Where each name's length stands in `bytes`.
    private var offsets: [Int] = []
    private var slots = [Slot](repeating: Slot(), count: 1024)
    var stored = 0
    /// What `warm` read last; kept so that the reading is not left out as useless.
    private var touched: Int32 = 0

    var count: Int { offsets.count }

    /// Brings the place where a name belongs into the processor's cache.
    mutating func warm(_ hash: UInt64) {
        touched &+= slots[Int(UInt32(truncatingIfNeeded: hash)) & (slots.count - 1)].index
    }

    func index(of name: UnsafeRawBufferPointer, hash: UInt64) -> Int32? {
        let index = slots[place(of: name, hash: hash)].index
        return index < 0 ? nil : index
    }

    /// Where a name is, or the empty place where it belongs.
    private func place(of name: UnsafeRawBufferPointer, hash: UInt64) -> Int {
        let short = UInt32(truncatingIfNeeded: hash)
        let mask = slots.count - 1
        var place = Int(short) & mask
        while slots[place].index >= 0, slots[place].hash != short || !isEqual(offsets[Int(slots[place].index)], name) {
            place = (place + 1) & mask
        }
        return place
    }

    mutating func intern(_ name: UnsafeRawBufferPointer, hash: UInt64) -> Int32 {
        let short = UInt32(truncatingIfNeeded: hash)
        let place = place(of: name, hash: hash)
        if slots[place].index >= 0 { return slots[place].index }
        let slot = Slot(hash: short, index: Int32(offsets.count))
        slots[place] = slot
        offsets.append(bytes.count)
        withUnsafeBytes(of: UInt32(name.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: name)
        if offsets.count * 3 > slots.count * 2 { grow() }
        return slot.index
    }

    func text(_ index: Int) -> String {
        let offset = offsets[index]
        let start = offset + 4
        return String(decoding: bytes[start..<(start + length(offset))], as: UTF8.self)
    }

    /// The names since the last call, end to end, and where each ends.
    mutating func takeFresh() -> (first: Int, bytes: [UInt8], ends: [Int]) {
        defer { stored = count }
        var fresh: (first: Int, bytes: [UInt8], ends: [Int]) = (stored, [], [])
        guard stored < count else { return fresh }
        fresh.bytes.reserveCapacity(bytes.count - offsets[stored])
        fresh.ends.reserveCapacity(count - stored)
        for offset in offsets[stored...] {
            let start = offset + 4
            fresh.bytes.append(contentsOf: bytes[start..<(start + length(offset))])
            fresh.ends.append(fresh.bytes.count)
        }
        return fresh
    }

    private func length(_ offset: Int) -> Int {
        bytes.withUnsafeBytes { Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self))) }
    }

    private func isEqual(_ offset: Int, _ name: UnsafeRawBufferPointer) -> Bool {
        bytes.withUnsafeBytes { all in
            Int(UInt32(littleEndian: all.loadUnaligned(fromByteOffset: offset, as: UInt32.self))) == name.count
                && Bytes.areEqual(all, offset + 4, name)
        }
    }

    private mutating func grow() {
        var larger = [Slot](repeating: Slot(), count: slots.count * 2)
        let mask = larger.count - 1
        for slot in slots where slot.index >= 0 {
            var place = Int(slot.hash) & mask
            while larger[place].index >= 0 { place = (place + 1) & mask }
            larger[place] = slot
        }
        slots = larger
    }
}
