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
/// Many names are looked up together: `request` gives a *ticket*, a negative number, and `resolve` tells what each stands
/// for. The look-ups of a bundle do not wait for each other's memory, as those of one line after the other would.
public final class NameCache {
    private struct Entry {
        var number: NameID
        /// 0: empty.
        var count: UInt32
        /// The name's first 24 bytes, and its last 8, which may overlap them.
        var words: (UInt64, UInt64, UInt64, UInt64)
    }
    private struct Request {
        var place: Int
        var count: UInt32
        var words: (UInt64, UInt64, UInt64, UInt64)
    }

    /// Longer names are not kept.
    private static let longest = 32

    let names: NameTable
    private let setBits: UInt64
    private let entries: UnsafeMutablePointer<Entry>
    private var requests: [Request] = []
    /// By ticket, while they are resolved.
    private var numbers: [NameID] = []
    /// What was read ahead last; kept so that the reading is not left out as useless.
    private var touched: UInt32 = 0

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

    // MARK: Look-ups

    /// The number of the UTF-8 text in `bytes`.
    func intern(_ bytes: UnsafeRawBufferPointer) -> NameID {
        guard let words = Self.words(bytes) else { return names.intern(bytes) }
        return number(Request(place: place(words, bytes.count), count: UInt32(bytes.count), words: words))
    }

    /// A ticket for the number of the UTF-8 text in `bytes`; the number itself for a long or an empty text.
    func request(_ bytes: UnsafeRawBufferPointer) -> NameID {
        guard let words = Self.words(bytes) else { return names.intern(bytes) }
        requests.append(Request(place: place(words, bytes.count), count: UInt32(bytes.count), words: words))
        return NameID(rawValue: -Int32(requests.count))
    }

    /// How many tickets there are.
    var requested: Int { requests.count }

    /// Finds what the tickets stand for, the first of which is -1; there are none afterwards.
    ///
    /// - Parameter body: gets a function that knows the number for each ticket; what is none stays as it is.
    func resolve(_ body: ((NameID) -> NameID) -> Void) {
        var sum: UInt32 = 0
        for request in requests {
            let first = entries + request.place
            sum &+= first.pointee.count &+ (first + 1).pointee.count
        }
        touched = sum
        numbers.removeAll(keepingCapacity: true)
        for request in requests { numbers.append(number(request)) }
        requests.removeAll(keepingCapacity: true)
        numbers.withUnsafeBufferPointer { numbers in
            body { $0.rawValue < 0 ? numbers[-1 - Int($0.rawValue)] : $0 }
        }
    }

    private func number(_ request: Request) -> NameID {
        let first = entries + request.place
        if Self.holds(first, request) { return first.pointee.number }
        let second = first + 1
        let number = Self.holds(second, request) ? second.pointee.number : Self.withBytes(request, names.intern)
        second.pointee = first.pointee
        first.pointee = Entry(number: number, count: request.count, words: request.words)
        return number
    }

    // MARK: Names as words

    /// A name in four words; nil for one that is empty or too long to be kept.
    @inline(__always)
    private static func words(_ bytes: UnsafeRawBufferPointer) -> (UInt64, UInt64, UInt64, UInt64)? {
        let count = bytes.count
        guard count > 0, count <= longest, let start = bytes.baseAddress else { return nil }
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
            for index in 0..<count { words.0 |= UInt64(bytes[index]) << UInt64(8 * index) }
            words.0 = words.0.littleEndian
        }
        return words
    }

    /// The bytes that words were made of.
    private static func withBytes(_ request: Request, _ body: (UnsafeRawBufferPointer) -> NameID) -> NameID {
        withUnsafeTemporaryAllocation(byteCount: longest, alignment: 8) { room in
            let count = Int(request.count)
            room.storeBytes(of: request.words.0, as: UInt64.self)
            room.storeBytes(of: request.words.1, toByteOffset: 8, as: UInt64.self)
            room.storeBytes(of: request.words.2, toByteOffset: 16, as: UInt64.self)
            if count >= 8 { room.storeBytes(of: request.words.3, toByteOffset: count - 8, as: UInt64.self) }
            return body(UnsafeRawBufferPointer(rebasing: room[..<count]))
        }
    }

    @inline(__always)
    private func place(_ words: (UInt64, UInt64, UInt64, UInt64), _ count: Int) -> Int {
        var hash = (words.0 ^ UInt64(truncatingIfNeeded: count)) &* 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ (hash >> 32) ^ words.1) &* 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ (hash >> 32) ^ words.2) &* 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ (hash >> 32) ^ words.3) &* 0x9e37_79b9_7f4a_7c15
        return 2 * Int(hash >> (64 - setBits))
    }

    @inline(__always)
    private static func holds(_ entry: UnsafeMutablePointer<Entry>, _ request: Request) -> Bool {
        entry.pointee.count == request.count && entry.pointee.words == request.words
    }
}
