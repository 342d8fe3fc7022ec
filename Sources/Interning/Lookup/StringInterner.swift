import Dispatch
import Synchronization

/// Texts of a case, each kept once (but see `Recurrence.seldom`), numbered as it comes.
///
/// Shared by all parsing threads: texts are spread over shards by hash, each behind a lock of its own, so threads
/// seldom meet. What a number means never changes; the numbers themselves depend on the order of arrival and so never
/// appear in a report.
public final class StringInterner: Sendable {
    /// A number less one, modulo this, tells the shard; in each shard the numbers rise by it.
    public static let shardCount = 1 << Int(SymbolID.shardBits)
    private let shards: [Shard]
    private let scratch: TempFile?

    /// How often a name comes again.
    public enum Recurrence: Sendable {
        /// As accounts, cameras and keys do. Takes 10 to 12.5 bytes a name, 5 more and the text.
        case often
        /// As frame ids, most of which stand on one line: each time that one is met it may get another number, until
        /// `keepUnique`. Takes a quarter of a byte a name, since then 10 to 12.5 more: texts are kept in memory up to
        /// `mostBytes`.
        case seldom
    }

    /// How many numbers shards may differ by: enough that what is left out is little beside what is numbered meanwhile.
    private static let mostUnlike = 256
    /// Of the texts that need not stay in memory, as many bytes do: few cases have more.
    private static let mostBytes = 32 << 20

    /// - Parameters:
    ///   - recurrence: how often a name comes again.
    ///   - folder: where texts may be kept that are stored already; nil: all stay in memory.
    public convenience init(_ recurrence: Recurrence = .often, folder: String? = nil) {
        self.init(recurrence, folder: folder, keeping: Self.mostBytes)
    }

    /// - Parameter most: how many bytes of texts stay in memory, where not all do.
    init(_ recurrence: Recurrence, folder: String?, keeping most: Int) {
        let scratch = folder.map { TempFile(folder: $0) }
        self.scratch = scratch
        shards = (0..<Self.shardCount).map { _ in Shard(recurrence, scratch, keeping: most / Self.shardCount) }
    }

    /// Whether any text is not in memory.
    var isMovedOut: Bool { scratch?.isEmpty == false }

    /// From now on no text that has a number gets another one.
    public func keepUnique() { for shard in shards { shard.store.withLock { $0.keepUnique() } } }

    /// Finds the texts that have several numbers.
    ///
    /// Of a table that looks nothing up each core compares a sixteenth at a time, so this takes memory for no more.
    public func doubles() -> AliasMap {
        let all = Mutex(AliasMap())
        DispatchQueue.concurrentPerform(iterations: shards.count) { shard in
            let found = shards[shard].store.withLock { $0.findDoubles() }
            all.withLock { all in
                for (index, first) in found {
                    all.add(SymbolID(index: index, shard: shard), first: SymbolID(index: first, shard: shard))
                }
            }
        }
        return all.withLock { $0 }
    }

    /// The number of `text`, new or known. An empty text is `absent`.
    public func intern(_ text: some StringProtocol) -> SymbolID {
        var copy = String(text)
        return copy.withUTF8 { intern(UnsafeRawBufferPointer($0)) }
    }

    /// The number of the UTF-8 text in `bytes`.
    package func intern(_ bytes: UnsafeRawBufferPointer) -> SymbolID {
        guard bytes.count > 0 else { return .absent }
        let hash = Self.hash(bytes)
        let shard = Self.shard(hash)
        return SymbolID(index: shards[shard].store.withLock { $0.intern(bytes, hash: hash) }, shard: shard)
    }

    /// The number of the UTF-8 text in `bytes`, if it has one; none of a table that looks nothing up.
    func number(of bytes: UnsafeRawBufferPointer) -> SymbolID? {
        let hash = Self.hash(bytes)
        let shard = Self.shard(hash)
        return shards[shard].store.withLock { $0.index(of: bytes, hash: hash) }.map {
            SymbolID(index: $0, shard: shard)
        }
    }

    private static func shard(_ hash: UInt64) -> Int { Int(hash >> UInt64(64 - SymbolID.shardBits)) }

    /// A name to be numbered among others, and its number then.
    struct Missed {
        let name: UnsafePointer<InlineKeyUnit>
        /// Whatever tells it from the others.
        let index: Int
        /// Where it will be kept.
        let line: UnsafeMutablePointer<InlineKeyUnit>
        fileprivate let hash: UInt64
        fileprivate(set) var number = SymbolID.absent

        init(_ name: UnsafePointer<InlineKeyUnit>, index: Int, _ line: UnsafeMutablePointer<InlineKeyUnit>) {
            (self.name, self.index, self.line) = (name, index, line)
            hash = name.withBytes { StringInterner.hash($0) }
        }
    }

    /// Numbers many names: each shard is locked once, and the look-ups in it do not wait for each other's memory.
    func intern(_ all: inout [Missed]) {
        all.withUnsafeMutableBufferPointer { all in
            if all.count < Self.shardCount {
                for place in all.indices { all[place].number = all[place].name.withBytes { intern($0) } }
            } else {
                internByShard(all)
            }
        }
    }

    private func internByShard(_ all: UnsafeMutableBufferPointer<Missed>) {
        // Where the names of each shard end, and their places, one shard's behind the other's.
        var ends = [Int](repeating: 0, count: Self.shardCount + 1)
        for miss in all { ends[Self.shard(miss.hash) + 1] += 1 }
        for shard in 1...Self.shardCount { ends[shard] += ends[shard - 1] }
        var places = [Int](repeating: 0, count: all.count)
        for (place, miss) in all.enumerated() {
            let shard = Self.shard(miss.hash)
            places[ends[shard]] = place
            ends[shard] += 1
        }
        var start = 0
        for (shard, lock) in shards.enumerated() where ends[shard] > start {
            let own = places[start..<ends[shard]]
            start = ends[shard]
            lock.store.withLock { store in
                store.warm(own.lazy.map { all[$0].hash })
                for place in own {
                    let index = all[place].name.withBytes { store.intern($0, hash: all[place].hash) }
                    all[place].number = SymbolID(index: index, shard: shard)
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
    public func text(_ id: SymbolID) -> String {
        guard id.isPresent else { return "" }
        let (index, shard) = id.place
        return shards[shard].store.withLock { $0.text(index) }
    }

    /// Puts back a name of a case that is opened again. Numbers must come in rising order.
    ///
    /// - Parameter earlier: how many came before.
    /// - Returns: false if the number cannot be this text's, which means that the case is damaged.
    public func restore(_ id: SymbolID, _ text: String, after earlier: Int) -> Bool {
        let (index, shard) = id.place
        // However unlike shards grow, none gets ahead of the names of all.
        guard id.rawValue > 0, index <= earlier else { return false }
        var copy = text
        return copy.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            let hash = Self.hash(bytes)
            guard Self.shard(hash) == shard else { return false }
            return shards[shard].store.withLock { store in
                store.skip(to: index)
                guard store.end == index, Int(store.intern(bytes, hash: hash)) == index else { return false }
                store.markStored()
                return true
            }
        }
    }

    /// Hands out every name numbered since the last call, for the writer to store.
    public func takeFresh() -> UnsavedStrings {
        var fresh = UnsavedStrings()
        for shard in shards { shard.store.withLock { $0.takeFresh(into: &fresh) } }
        level(fresh.nextIndexes)
        return fresh
    }

    /// Has all shards go on from one index, once they have grown too unlike: else many names would be numbered below some
    /// that are stored, and these cannot be appended.
    private func level(_ indexes: [Int]) {
        guard let low = indexes.min(), let high = indexes.max(), high - low >= Self.mostUnlike else { return }
        for shard in shards { shard.store.withLock { $0.skip(to: high) } }
    }

    /// Gives back the memory that only numbering takes, when for now all names are numbered and stored.
    public func shrink() { for shard in shards { shard.store.withLock { $0.shrink() } } }

    /// Makes sure that every text that was asked for could be read back; what was told of names is wrong otherwise.
    public func check() throws(ScratchError) {
        for shard in shards { if let failure = shard.store.withLock({ $0.texts.failure }) { throw failure } }
    }

    /// How many names there are.
    public var count: Int { shards.reduce(0) { $0 + $1.store.withLock { $0.count } } }

    /// FNV-1a over eight bytes at a time with a final mix: good enough to spread names, and it must not depend on the
    /// process (a case that is opened again puts each name back into its shard).
    package static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
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
    let store: Mutex<NameStore>

    init(_ recurrence: StringInterner.Recurrence, _ scratch: TempFile?, keeping most: Int) {
        store = Mutex(NameStore(recurrence, scratch, keeping: most))
    }
}
