#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A symbol that may have to be looked up yet: what `ThreadInternCache.request` gives, and what a record then holds in place of
/// a symbol until `ThreadInternCache.resolve`.
///
///      31  30                                      0
///     ┌───┬────────────────────────────────────────┐
///     │ 0 │ a symbol                               │  it was at hand, or is absent
///     │ 1 │ ~ where the name stands in the queue   │  it is to be looked up, with others
///     └───┴────────────────────────────────────────┘
///
/// It is no symbol: comparing two of them says nothing.
@frozen
public struct PendingID: Sendable, BitwiseCopyable {
    @usableFromInline let bits: Int32

    @inlinable init(_ symbol: SymbolID) { bits = symbol.rawValue }
    @inlinable init(place: Int32) { bits = ~place }

    /// The symbol, or where the name stands in the queue.
    @inlinable var place: Int? { bits < 0 ? Int(~bits) : nil }
    @inlinable var symbol: SymbolID { SymbolID(rawValue: bits) }
}

/// The way of a pending symbol into a record's field and out again, which is a symbol's otherwise: one type for both spares
/// a record for each state.
extension PendingID {
    /// What a record's field holds that has not been settled.
    @inlinable package init(unsettled field: SymbolID) { bits = field.rawValue }
    /// For a record's field, until it is settled.
    @inlinable package var unsettled: SymbolID { SymbolID(rawValue: bits) }
}

/// The names that one reading thread met lately, so that a name which comes again is found in one place of memory and
/// without a lock; the rest are numbered by the case's tables.
///
/// A name falls into one cache line by its hash, which has room for two of up to 24 bytes or for one of up to 56; the one
/// met longer ago gives way.
/// Many names are looked up together: `request` puts a name into a queue and gives a `PendingID`, and `resolve` tells which
/// symbol each is. The look-ups of a bundle do not wait for each other's memory, as those of one line after the other would.
public final class ThreadInternCache {
    package let names: StringInterner
    package let frames: StringInterner
    private let setBits: UInt64
    /// Two in a line.
    private let entries: UnsafeMutablePointer<InlineKeyUnit>
    /// Plain memory, because it is written for every name of every line.
    @usableFromInline let requests: UnsafeMutablePointer<InlineKeyUnit>
    /// How many units of names the queue holds; a line's must find room when `isNearlyFull` is not yet true.
    @usableFromInline let room: Int
    package let handsOver: Bool
    @usableFromInline let pending: UnsafeMutablePointer<Int32>
    /// By place in the queue, while they are resolved.
    private var numbers: [SymbolID] = []
    /// Where the names of a bundle may be kept.
    private let lines: UnsafeMutablePointer<UnsafeMutablePointer<InlineKeyUnit>>
    private var missed: [StringInterner.Missed] = []
    private var missedFrames: [StringInterner.Missed] = []
    private var areFramesUnique = false
    private var isTrial = false
    /// Whether the trial met a name that nobody has numbered.
    private var hasStranger = false
    /// What was read ahead last; kept so that the reading is not left out as useless.
    private var touched: UInt64 = 0

    /// - Parameters:
    ///   - names: where the texts of this case are numbered.
    ///   - frames: where frame ids are; nil: among the other texts.
    ///   - setBits: there is room for 2 << setBits names, 32 bytes each. 18 hold the accounts, cameras and keys that a
    ///     node is busy with.
    ///   - handsOver: whether the queues of whole batches are resolved by another cache.
    public init(_ names: StringInterner, frames: StringInterner? = nil, setBits: Int = 18, handsOver: Bool = false) {
        self.names = names
        self.frames = frames ?? names
        self.handsOver = handsOver
        room = (handsOver ? 128 : 4) * Self.bundle
        self.setBits = UInt64(setBits)
        let capacity = 2 << setBits
        let byteCount = capacity * MemoryLayout<InlineKeyUnit>.stride
        // Large pages, where the system has them: every name is somewhere else, and small pages cost a second miss.
        let isLarge = byteCount >= 2 << 20
        let storage = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: isLarge ? 2 << 20 : 64)
        #if os(Linux)
            if isLarge { madvise(storage, byteCount, MADV_HUGEPAGE) }
        #endif
        memset(storage, 0, byteCount)
        entries = storage.bindMemory(to: InlineKeyUnit.self, capacity: capacity)
        requests = .allocate(capacity: room)
        lines = .allocate(capacity: Self.bundle)
        lines.initialize(repeating: entries, count: Self.bundle)
        pending = .allocate(capacity: 1)
        pending.initialize(to: 0)
    }

    deinit {
        entries.deallocate()
        requests.deallocate()
        lines.deallocate()
        pending.deallocate()
    }

    // MARK: Look-ups

    /// From now on no frame id that has a number gets another one: a line names a frame that is another line's.
    package func keepFramesUnique() {
        if areFramesUnique { return }
        areFramesUnique = true
        frames.keepUnique()
    }

    /// The number of the UTF-8 text in `bytes`.
    @usableFromInline package func intern(_ bytes: UnsafeRawBufferPointer, isFrame: Bool = false) -> SymbolID {
        guard let name = InlineKey(bytes, isFrame: isFrame) else { return number(of: bytes, isFrame) }
        return withUnsafePointer(to: name) { name in
            name.withMemoryRebound(to: InlineKeyUnit.self, capacity: 2) { name in
                let line = line(of: name)
                if let known = known(name, in: line) { return known }
                let number = number(of: bytes, isFrame)
                if number.isPresent { keep(name, number, in: line) }
                return number
            }
        }
    }

    private func number(of bytes: UnsafeRawBufferPointer, _ isFrame: Bool) -> SymbolID {
        let table = isFrame ? frames : names
        guard isTrial, bytes.count > 0 else { return table.intern(bytes) }
        if let known = table.number(of: bytes) { return known }
        hasStranger = true
        return .absent
    }

    /// Puts the UTF-8 text in `bytes` into the queue; a long or an empty text gets its number at once.
    @inlinable package func request(_ bytes: UnsafeRawBufferPointer, isFrame: Bool = false) -> PendingID {
        let count = pending.pointee
        guard count + 1 < room, let name = InlineKey(bytes, isFrame: isFrame) else {
            return PendingID(intern(bytes, isFrame: isFrame))
        }
        (requests + Int(count)).initialize(to: name.head)
        guard name.head.isLong else {
            pending.pointee = count + 1
            return PendingID(place: count)
        }
        (requests + Int(count) + 1).initialize(to: name.tail)
        pending.pointee = count + 2
        return PendingID(place: count)
    }

    /// A digest of the text that a pending symbol stands for; the same of the same text until `resolve`.
    @inlinable @inline(__always)
    package func digest(of name: PendingID) -> UInt64 {
        name.place.map { (UnsafePointer(requests) + $0).spread }
            ?? UInt64(truncatingIfNeeded: name.symbol.rawValue) &* 0xd6e8_feb8_6659_fd93
    }

    /// Empties the queue, whose names nobody needs.
    package func forget() { pending.pointee = 0 }

    /// How many names are looked up together: enough that their memory is waited for once, few enough that all they touch
    /// stays in the processor's cache.
    @usableFromInline static var bundle: Int { 512 }

    /// Numbers no new name from now on until `endTrial`: what is read may be thrown away, and then the case must not have
    /// names that nothing in it goes by.
    package func beginTrial() { (isTrial, hasStranger) = (true, false) }

    /// - Returns: whether all names met were numbered already, or are in the queue; else what was read lacks some.
    package func endTrial() -> Bool {
        isTrial = false
        return !hasStranger
    }

    /// How many units of names are in the queue.
    @inlinable package var requested: Int { Int(pending.pointee) }

    /// Whether it is time to resolve what is in the queue.
    @inlinable package var isNearlyFull: Bool { requested >= room - Self.bundle }

    /// The names of a queue that was taken out, to be resolved by another cache.
    package struct Queue: Sendable {
        fileprivate let units: [InlineKeyUnit]
    }

    /// Hands the queue on; it is empty afterwards. Nil if it was.
    package func takeQueue() -> Queue? {
        defer { pending.pointee = 0 }
        return requested == 0 ? nil : Queue(units: Array(UnsafeBufferPointer(start: requests, count: requested)))
    }

    /// Looks up what is in the queue; it is empty afterwards.
    ///
    /// - Parameter body: gets a function that knows each one's symbol.
    package func resolve(_ body: ((PendingID) -> SymbolID) -> Void) {
        resolve(UnsafeBufferPointer(start: requests, count: requested), body)
        pending.pointee = 0
    }

    /// Looks up what is in another cache's queue.
    package func resolve(_ queue: Queue, _ body: ((PendingID) -> SymbolID) -> Void) {
        queue.units.withUnsafeBufferPointer { resolve($0, body) }
    }

    private func resolve(_ names: UnsafeBufferPointer<InlineKeyUnit>, _ body: ((PendingID) -> SymbolID) -> Void) {
        if numbers.count < names.count { numbers = [SymbolID](repeating: .absent, count: names.count) }
        numbers.withUnsafeMutableBufferPointer { numbers in
            if let start = names.baseAddress {
                var done = 0
                while done < names.count { done = lookUp(start, from: done, to: names.count, into: numbers) }
            }
            body { pending in pending.place.map { numbers[$0] } ?? pending.symbol }
        }
    }

    /// Finds the numbers of a bundle of names, each at its first unit's place.
    ///
    /// - Returns: where the next bundle begins.
    private func lookUp(
        _ names: UnsafePointer<InlineKeyUnit>, from start: Int, to end: Int,
        into numbers: UnsafeMutableBufferPointer<SymbolID>
    ) -> Int {
        missed.removeAll(keepingCapacity: true)
        missedFrames.removeAll(keepingCapacity: true)
        var count = 0
        var index = start
        while index < end, count < Self.bundle {
            lines[count] = line(of: names + index)
            count += 1
            index += names[index].isLong ? 2 : 1
        }
        // As little as can be between two of these reads, so that many are under way at once.
        var sum: UInt64 = 0
        for place in 0..<count { sum &+= lines[place].pointee.fourth }
        touched = sum
        index = start
        for place in 0..<count {
            let name = names + index
            if let known = known(name, in: lines[place]) {
                numbers[index] = known
            } else {
                let miss = StringInterner.Missed(name, index: index, lines[place])
                if name.pointee.isFrame { missedFrames.append(miss) } else { missed.append(miss) }
            }
            index += name.pointee.isLong ? 2 : 1
        }
        number(&missed, by: self.names, into: numbers)
        number(&missedFrames, by: frames, into: numbers)
        return index
    }

    private func number(
        _ missed: inout [StringInterner.Missed], by table: StringInterner,
        into numbers: UnsafeMutableBufferPointer<SymbolID>
    ) {
        if missed.isEmpty { return }
        table.intern(&missed)
        for miss in missed {
            numbers[miss.index] = miss.number
            keep(miss.name, miss.number, in: miss.line)
        }
    }

    @inline(__always)
    private func line(of name: UnsafePointer<InlineKeyUnit>) -> UnsafeMutablePointer<InlineKeyUnit> {
        entries + 2 * Int(name.spread >> (64 - setBits))
    }

    /// The number of a name, if its line has it; it is the one met last then.
    @inline(__always)
    private func known(_ name: UnsafePointer<InlineKeyUnit>, in line: UnsafeMutablePointer<InlineKeyUnit>) -> SymbolID?
    {
        if line.pointee.begins(like: name.pointee) {
            return !name.pointee.isLong || line[1] == name[1] ? line.pointee.number : nil
        }
        // Behind the first half of a long name there is none that could be another's.
        if line.pointee.isLong || name.pointee.isLong || !line[1].begins(like: name.pointee) { return nil }
        swap(&line[0], &line[1])
        return line.pointee.number
    }

    private func keep(
        _ name: UnsafePointer<InlineKeyUnit>, _ number: SymbolID, in line: UnsafeMutablePointer<InlineKeyUnit>
    ) {
        // Most frame ids stand on one line: none drives out what was met last.
        if name.pointee.isFrame, line.pointee.count > 0 {
            if name.pointee.isLong || line.pointee.isLong { return }
            line[1] = name.pointee
            line[1].number = number
            return
        }
        line[1] = name.pointee.isLong ? name[1] : line.pointee.isLong ? InlineKeyUnit() : line.pointee
        line.pointee = name.pointee
        line.pointee.number = number
    }
}
