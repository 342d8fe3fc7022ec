#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The names that one reading thread met lately, so that a name which comes again is found in one place of memory and
/// without a lock; the rest are numbered by the case's `NameTable`.
///
/// A name falls into one of two places by its hash; of three names for two places, the one met longer ago gives way.
public final class NameCache {
    private struct Entry {
        var number: NameID
        /// 0: empty.
        var count: UInt32
        /// The name's first 24 bytes, and its last 8, which may overlap them.
        var words: (UInt64, UInt64, UInt64, UInt64)
    }

    /// Longer names are not kept.
    private static let longest = 32

    let names: NameTable
    private let setBits: UInt64
    private let entries: UnsafeMutablePointer<Entry>

    /// - Parameters:
    ///   - names: where the texts of this case are numbered.
    ///   - setBits: there is room for 2 << setBits names, 40 bytes each. 17 hold the accounts, cameras and keys that a
    ///     node is busy with.
    public init(_ names: NameTable, setBits: Int = 17) {
        self.names = names
        self.setBits = UInt64(setBits)
        let capacity = 2 << setBits
        let byteCount = capacity * MemoryLayout<Entry>.stride
        // Large pages, where the system has them: every name is somewhere else, and small pages cost a second miss.
        let isLarge = byteCount >= 2 << 20
        let storage = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: isLarge ? 2 << 20 : 64)
        #if os(Linux)
            if isLarge { madvise(storage, byteCount, MADV_HUGEPAGE) }
        #endif
        memset(storage, 0, byteCount)
        entries = storage.bindMemory(to: Entry.self, capacity: capacity)
    }

    deinit { entries.deallocate() }

    /// The number of the UTF-8 text in `bytes`.
    func intern(_ bytes: UnsafeRawBufferPointer) -> NameID {
        let count = bytes.count
        guard count > 0, count <= Self.longest, let start = bytes.baseAddress else { return names.intern(bytes) }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        if count >= 8 {
            // The last word overlaps the one before, so that no byte beyond the name is read.
            words.0 = start.loadUnaligned(as: UInt64.self)
            words.3 = start.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
            if count > 16 {
                words.1 = start.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
                if count > 24 { words.2 = start.loadUnaligned(fromByteOffset: 16, as: UInt64.self) }
            }
        } else {
            for index in 0..<count { words.0 = words.0 << 8 | UInt64(bytes[index]) }
        }
        let first = entries + 2 * set(words, count)
        if Self.holds(first, words, count) { return first.pointee.number }
        let second = first + 1
        let number = Self.holds(second, words, count) ? second.pointee.number : names.intern(bytes)
        second.pointee = first.pointee
        first.pointee = Entry(number: number, count: UInt32(count), words: words)
        return number
    }

    @inline(__always)
    private func set(_ words: (UInt64, UInt64, UInt64, UInt64), _ count: Int) -> Int {
        var hash = (words.0 ^ UInt64(truncatingIfNeeded: count)) &* 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ (hash >> 32) ^ words.1) &* 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ (hash >> 32) ^ words.2) &* 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ (hash >> 32) ^ words.3) &* 0x9e37_79b9_7f4a_7c15
        return Int(hash >> (64 - setBits))
    }

    @inline(__always)
    private static func holds(
        _ entry: UnsafeMutablePointer<Entry>, _ words: (UInt64, UInt64, UInt64, UInt64), _ count: Int
    ) -> Bool {
        entry.pointee.count == UInt32(count) && entry.pointee.words == words
    }
}
