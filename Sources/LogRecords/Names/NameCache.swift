#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The names that one reading thread met lately, so that a name which comes again is found in one place of memory and
/// without a lock; the rest are numbered by the case's tables.
///
/// A name falls into one of two places by its hash; of three names for two places, the one met longer ago gives way.
/// Many names are looked up together: `request` gives a *ticket*, a negative number, and `resolve` tells what each stands
/// for. The look-ups of a bundle do not wait for each other's memory, as those of one line after the other would.
public final class NameCache {
    private struct Entry {
        /// Its count is 0 where there is none.
        var name: ShortName
        var number: NameID
    }
    let names: NameTable
    let frames: NameTable
    private let setBits: UInt64
    private let entries: UnsafeMutablePointer<Entry>
    /// Plain memory, because it is written for every name of every line.
    private let requests: UnsafeMutablePointer<ShortName>
    /// How many tickets there can be; a line's must find room when `isNearlyFull` is not yet true.
    private let room: Int
    let handsOver: Bool
    private let pending: UnsafeMutablePointer<Int32>
    /// By ticket, while they are resolved.
    private var numbers: [NameID] = []
    private var places: [Int] = []
    private var missed: [NameTable.Missed] = []
    private var missedFrames: [NameTable.Missed] = []
    private var isTrial = false
    /// Whether the trial met a name that nobody has numbered.
    private var hasStranger = false
    /// What was read ahead last; kept so that the reading is not left out as useless.
    private var touched: UInt32 = 0

    /// - Parameters:
    ///   - names: where the texts of this case are numbered.
    ///   - frames: where frame ids are; nil: among the other texts.
    ///   - setBits: there is room for 2 << setBits names, 48 bytes each. 17 hold the accounts, cameras and keys that a
    ///     node is busy with.
    ///   - handsOver: whether the tickets of whole batches are resolved by another cache.
    public init(_ names: NameTable, frames: NameTable? = nil, setBits: Int = 17, handsOver: Bool = false) {
        self.names = names
        self.frames = frames ?? names
        self.handsOver = handsOver
        room = (handsOver ? 128 : 4) * Self.bundle
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
        requests = .allocate(capacity: room)
        pending = .allocate(capacity: 1)
        pending.initialize(to: 0)
    }

    deinit {
        entries.deallocate()
        requests.deallocate()
        pending.deallocate()
    }

    // MARK: Look-ups

    /// The number of the UTF-8 text in `bytes`.
    func intern(_ bytes: UnsafeRawBufferPointer, isFrame: Bool = false) -> NameID {
        guard let name = ShortName(bytes, isFrame: isFrame) else { return number(of: bytes, isFrame) }
        let place = place(of: name)
        if let known = known(name, at: place) { return known }
        let number = number(of: bytes, isFrame)
        if number.isPresent { keep(name, number, at: place) }
        return number
    }

    private func number(of bytes: UnsafeRawBufferPointer, _ isFrame: Bool) -> NameID {
        let table = isFrame ? frames : names
        guard isTrial, bytes.count > 0 else { return table.intern(bytes) }
        if let known = table.number(of: bytes) { return known }
        hasStranger = true
        return .absent
    }

    /// A ticket for the number of the UTF-8 text in `bytes`; the number itself for a long or an empty text.
    func request(_ bytes: UnsafeRawBufferPointer, isFrame: Bool = false) -> NameID {
        let count = pending.pointee
        guard count < room, let name = ShortName(bytes, isFrame: isFrame) else {
            return intern(bytes, isFrame: isFrame)
        }
        (requests + Int(count)).initialize(to: name)
        pending.pointee = count + 1
        return NameID(rawValue: -count - 1)
    }

    /// Gives up all tickets, whose names nobody needs.
    func forget() { pending.pointee = 0 }

    /// How many names are looked up together: enough that their memory is waited for once, few enough that all they touch
    /// stays in the processor's cache.
    private static let bundle = 512

    /// Numbers no new name from now on until `endTrial`: what is read may be thrown away, and then the case must not have
    /// names that nothing in it goes by.
    func beginTrial() { (isTrial, hasStranger) = (true, false) }

    /// - Returns: whether all names met were numbered already, or have tickets; else what was read lacks some.
    func endTrial() -> Bool {
        isTrial = false
        return !hasStranger
    }

    /// How many tickets there are.
    var requested: Int { Int(pending.pointee) }

    /// Whether it is time to resolve the tickets.
    var isNearlyFull: Bool { requested >= room - Self.bundle }

    /// Hands the tickets' names on, to be resolved by another cache; there are no tickets afterwards.
    func takeRequests() -> [ShortName] {
        defer { pending.pointee = 0 }
        return Array(UnsafeBufferPointer(start: requests, count: requested))
    }

    /// Finds what the tickets stand for; there are none afterwards.
    ///
    /// - Parameter body: gets a function that knows the number for each ticket; what is none stays as it is.
    func resolve(_ body: ((NameID) -> NameID) -> Void) {
        resolve(UnsafeBufferPointer(start: requests, count: requested), body)
        pending.pointee = 0
    }

    /// Finds what tickets stand for, the first of which is -1.
    func resolve(_ names: UnsafeBufferPointer<ShortName>, _ body: ((NameID) -> NameID) -> Void) {
        numbers.removeAll(keepingCapacity: true)
        for start in stride(from: 0, to: names.count, by: Self.bundle) {
            lookUp(UnsafeBufferPointer(rebasing: names[start..<min(start + Self.bundle, names.count)]))
        }
        numbers.withUnsafeBufferPointer { numbers in
            body { $0.rawValue < 0 ? numbers[-1 - Int($0.rawValue)] : $0 }
        }
    }

    /// Appends the numbers of some names to `numbers`.
    private func lookUp(_ bundle: UnsafeBufferPointer<ShortName>) {
        var (numbers, places, missed, missedFrames) = (numbers, places, missed, missedFrames)
        (self.numbers, self.places, self.missed, self.missedFrames) = ([], [], [], [])
        places.removeAll(keepingCapacity: true)
        missed.removeAll(keepingCapacity: true)
        missedFrames.removeAll(keepingCapacity: true)
        var sum: UInt32 = 0
        for name in bundle {
            let place = place(of: name)
            let first = entries + place
            sum &+= UInt32(truncatingIfNeeded: first.pointee.name.count &+ (first + 1).pointee.name.count)
            places.append(place)
        }
        touched = sum
        let start = numbers.count
        for (index, name) in bundle.enumerated() {
            let known = known(name, at: places[index])
            numbers.append(known ?? .absent)
            if known != nil { continue }
            let miss = NameTable.Missed(name, index)
            if name.isFrame { missedFrames.append(miss) } else { missed.append(miss) }
        }
        names.intern(&missed)
        frames.intern(&missedFrames)
        for all in [missed, missedFrames] {
            for miss in all {
                numbers[start + miss.index] = miss.number
                keep(miss.name, miss.number, at: places[miss.index])
            }
        }
        (self.numbers, self.places, self.missed, self.missedFrames) = (numbers, places, missed, missedFrames)
    }

    @inline(__always)
    private func place(of name: ShortName) -> Int { 2 * Int(name.spread >> (64 - setBits)) }

    /// The number of a name, if one of its two places has it; it is the one met last then.
    @inline(__always)
    private func known(_ name: ShortName, at place: Int) -> NameID? {
        let first = entries + place
        if first.pointee.name == name { return first.pointee.number }
        let second = first + 1
        guard second.pointee.name == name else { return nil }
        swap(&first.pointee, &second.pointee)
        return first.pointee.number
    }

    private func keep(_ name: ShortName, _ number: NameID, at place: Int) {
        let first = entries + place
        (first + 1).pointee = first.pointee
        first.pointee = Entry(name: name, number: number)
    }
}
