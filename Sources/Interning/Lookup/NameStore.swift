/// An open-addressing hash table of texts. Names are near their home slot, and homes are in order of the hashes, so that
/// a table grows by a part of its size in one pass.
struct NameStore: ~Copyable, Sendable {
    /// The hash's lower half, and below it the name's index plus one; 0: empty. The text decides whether two are equal.
    private var slots = MappedArray<UInt64>()
    private(set) var texts: StringArena
    /// How many bytes of texts stay in memory, of those that are stored.
    private let most: Int
    private var areTextsNeeded: Bool
    /// Whether a text that is known gets its number again; else nothing is looked up, and there are no slots.
    private var isUnique: Bool
    /// The indices of texts that were known already when nobody looked, and their first ones.
    private var doubles: [(index: Int32, first: Int32)] = []
    /// What `warm` read last; kept so that the reading is not left out as useless.
    private var touched: UInt64 = 0

    init(_ recurrence: StringInterner.Recurrence, _ scratch: TempFile?, keeping most: Int) {
        // Where every second look-up finds a name, its text must be at hand.
        texts = StringArena(interval: recurrence == .often ? 1 : 16, scratch: scratch)
        areTextsNeeded = recurrence == .often
        isUnique = recurrence == .often
        self.most = most
    }

    /// How many names there are.
    var count: Int { texts.count - skipped }
    /// The next name's index.
    var end: Int { texts.count }
    /// How many indices are no name's.
    private var skipped = 0
    /// Numbers are of 32 bits, with the shard's.
    private static let mostNames = (1 << 31) / StringInterner.shardCount - 1

    /// Brings the places where names belong into the processor's cache, and then the texts of those that may be theirs.
    mutating func warm(_ hashes: some Collection<UInt64>) {
        if slots.count == 0 { return }
        var sum: UInt64 = 0
        for hash in hashes { sum &+= slots[home(UInt32(truncatingIfNeeded: hash))] }
        if areTextsNeeded {
            for hash in hashes {
                let short = UInt32(truncatingIfNeeded: hash)
                var place = home(short)
                while slots[place] != 0, slots[place] >> 32 != UInt64(short) {
                    place = place + 1 == slots.count ? 0 : place + 1
                }
                if slots[place] == 0 { continue }
                sum &+= texts.touch(Int(UInt32(truncatingIfNeeded: slots[place])) - 1)
            }
        }
        touched &+= sum
    }

    private func home(_ hash: UInt32) -> Int { Self.home(hash, of: slots.count) }

    /// Where a hash belongs among so many slots.
    private static func home(_ hash: UInt32, of count: Int) -> Int { Int((UInt64(hash) &* UInt64(count)) >> 32) }

    /// The name's index, or the empty place where it belongs.
    private mutating func find(_ name: UnsafeRawBufferPointer, _ short: UInt32) -> (index: Int?, place: Int) {
        var place = home(short)
        while slots[place] != 0 {
            if slots[place] >> 32 == UInt64(short) {
                let index = Int(UInt32(truncatingIfNeeded: slots[place])) - 1
                if texts.isEqual(index, name) { return (index, place) }
            }
            place = place + 1 == slots.count ? 0 : place + 1
        }
        return (nil, place)
    }

    mutating func index(of name: UnsafeRawBufferPointer, hash: UInt64) -> Int32? {
        // Slots that were made here would lack what is appended without them later.
        guard isUnique else { return nil }
        if slots.count == 0 { grow() }
        return find(name, UInt32(truncatingIfNeeded: hash)).index.map { Int32($0) }
    }

    mutating func intern(_ name: UnsafeRawBufferPointer, hash: UInt64) -> Int32 {
        if !isUnique { return append(name) }
        if (count + 1) * 5 > slots.count * 4 { grow() }
        let short = UInt32(truncatingIfNeeded: hash)
        let (known, place) = find(name, short)
        if let known { return Int32(known) }
        slots[place] = UInt64(short) << 32 | UInt64(end + 1)
        return append(name)
    }

    private mutating func append(_ name: UnsafeRawBufferPointer) -> Int32 {
        precondition(end < Self.mostNames, "a case has too many names")
        texts.append(name)
        return Int32(end - 1)
    }

    mutating func keepUnique() {
        if isUnique { return }
        isUnique = true
        if count > 0 { grow() }
    }

    mutating func findDoubles() -> [(index: Int32, first: Int32)] {
        if isUnique || count == 0 { return doubles }
        grow()
        defer { (slots, doubles) = (MappedArray(), []) }
        return doubles
    }

    /// Leaves out the indices before `index`, as far as they are no name's: their texts are empty, as no name's is.
    mutating func skip(to index: Int) {
        while end < index {
            texts.append(UnsafeRawBufferPointer(start: nil, count: 0))
            skipped += 1
        }
    }

    mutating func text(_ index: Int) -> String { texts.withText(index) { String(decoding: $0, as: UTF8.self) } }

    mutating func takeFresh(into fresh: inout UnsavedStrings) {
        texts.takeFresh(into: &fresh)
        moveOut()
    }

    mutating func markStored() {
        texts.markStored()
        moveOut()
    }

    mutating func shrink() {
        slots = MappedArray()
        areTextsNeeded = false
        moveOut()
    }

    private mutating func moveOut() { if !areTextsNeeded { texts.moveOut(keeping: most) } }

    /// Makes room for a quarter more names, or for those that are there if there are no slots.
    private mutating func grow() {
        let old = slots
        let wanted = max(64, (count + 1) * 5 / 4 + 1)
        slots = MappedArray(zeros: old.count < 4096 ? 2 * wanted : wanted * 5 / 4)
        slots.withUnsafeMutableElements { slots in
            // A page that is read first is the system's page of zeros, and writing to it then interrupts all cores.
            for first in stride(from: 0, to: slots.count, by: 512) { slots[first] = 0 }
            for index in 0..<old.count where old[index] != 0 { Self.insert(old[index], into: slots) }
        }
        if old.count == 0 { fillSlots() }
    }

    /// Puts every text into the slots, and takes note of those that are there already.
    private mutating func fillSlots() {
        doubles = []
        var place = StringArena.Place()
        var text: [UInt8] = []
        for index in 0..<Int32(end) {
            texts.next(&place) { bytes in
                text.removeAll(keepingCapacity: true)
                text.append(contentsOf: bytes)
            }
            if text.isEmpty { continue }
            text.withUnsafeBytes { text in
                let short = UInt32(truncatingIfNeeded: StringInterner.hash(text))
                let (known, place) = find(text, short)
                if let known {
                    doubles.append((index, Int32(known)))
                } else {
                    slots[place] = UInt64(short) << 32 | UInt64(index + 1)
                }
            }
        }
    }

    private static func insert(_ slot: UInt64, into slots: UnsafeMutableBufferPointer<UInt64>) {
        var place = home(UInt32(truncatingIfNeeded: slot >> 32), of: slots.count)
        while slots[place] != 0 { place = place + 1 == slots.count ? 0 : place + 1 }
        slots[place] = slot
    }
}
