/// The texts of names, numbered from 0, each behind its length, in blocks of memory; blocks whose texts are stored can be
/// moved out to a scratch file.
struct StringArena: ~Copyable, @unchecked Sendable {
    // Checked by hand: the blocks are its own.
    private struct Block {
        /// Nil once it is moved out.
        var start: UnsafeMutableRawPointer?
        var byteCount: Int
        /// How many bytes are written.
        var filled = 0
        /// The number of the text behind its last.
        var end = 0
        /// Where it begins in the file.
        var place = 0
    }

    /// Where a text begins; the first one, unless said otherwise.
    struct Place {
        fileprivate var block = 0
        fileprivate var offset = 0
    }

    private static let offsetBits: UInt32 = 20
    /// Of a block; the first ones are smaller, for most tables hold a handful of names.
    private static let blockBytes = 1 << Int(offsetBits)
    private static let leastBlockBytes = 1 << 10
    /// How much is read of a block that was moved out: nearly always enough for the way from a mark to a text.
    private static let windowBytes = 1024
    /// A length that does not fit a byte stands behind this.
    private static let isLong: UInt8 = 255

    /// Of every so many texts, one's place is marked: those between are found from there.
    private let interval: Int
    private var marks = MappedArray<UInt32>()
    private var blocks: [Block] = []
    /// The first block that is in memory, and how large those are that are.
    private var firstInMemory = 0
    private var bytesInMemory = 0
    private(set) var count = 0
    /// How many texts were handed out by `takeFresh`, or put back: these are stored.
    private(set) var stored = 0
    private var fresh = Place()

    private let scratch: TempFile?
    /// What was read last, where in which block.
    private var window: [UInt8] = []
    private var windowPlace = Place(block: -1, offset: 0)
    /// Why a text could not be read back; it equals nothing then.
    private(set) var failure: ScratchError?

    init(interval: Int, scratch: TempFile?) {
        self.interval = interval
        self.scratch = scratch
    }

    deinit { for block in blocks { block.start?.deallocate() } }

    // MARK: Writing

    mutating func append(_ text: UnsafeRawBufferPointer) {
        let isLong = text.count >= Int(Self.isLong)
        let needed = text.count + (isLong ? 5 : 1)
        if blocks.last.map({ $0.filled + needed > $0.byteCount }) ?? true { begin(needed) }
        let last = blocks.count - 1
        let offset = blocks[last].filled
        if count % interval == 0 { marks.append(UInt32(last) << Self.offsetBits | UInt32(offset)) }
        guard let start = blocks[last].start.map({ $0 + offset }) else { return }
        start.storeBytes(of: isLong ? Self.isLong : UInt8(text.count), as: UInt8.self)
        if isLong { start.storeBytes(of: UInt32(text.count), toByteOffset: 1, as: UInt32.self) }
        UnsafeMutableRawBufferPointer(start: start + (needed - text.count), count: text.count).copyMemory(from: text)
        count += 1
        blocks[last].filled += needed
        blocks[last].end = count
    }

    /// Begins a block with room for a text.
    private mutating func begin(_ needed: Int) {
        precondition(blocks.count < 1 << (32 - Int(Self.offsetBits)), "the names of a case take too much room")
        let usual = min(
            Self.blockBytes, blocks.last.map { max(2 * $0.byteCount, Self.leastBlockBytes) } ?? Self.leastBlockBytes)
        let byteCount = max(needed, usual)
        blocks.append(
            Block(start: .allocate(byteCount: byteCount, alignment: 16), byteCount: byteCount, end: count))
        bytesInMemory += byteCount
    }

    /// Says that all texts are stored.
    mutating func markStored() {
        stored = count
        fresh = Place(block: max(0, blocks.count - 1), offset: blocks.last?.filled ?? 0)
    }

    /// Adds the texts that are not stored yet as a run of their own; now they are.
    mutating func takeFresh(into taken: inout UnsavedStrings) {
        taken.begin(at: stored)
        var place = fresh
        for _ in stored..<count { next(&place) { taken.append($0) } }
        (stored, fresh) = (count, place)
    }

    /// Moves blocks out whose texts are stored, the oldest first, until at most so many bytes are in memory. Without a
    /// file, or one that takes them, they stay.
    mutating func moveOut(keeping most: Int) {
        guard let scratch else { return }
        while bytesInMemory > most, firstInMemory < blocks.count - 1, blocks[firstInMemory].end <= stored,
            fresh.block > firstInMemory
        {
            let block = blocks[firstInMemory]
            guard let start = block.start,
                let place = try? scratch.append(UnsafeRawBufferPointer(start: start, count: block.filled))
            else { return }
            start.deallocate()
            blocks[firstInMemory].start = nil
            blocks[firstInMemory].place = place
            bytesInMemory -= block.byteCount
            firstInMemory += 1
        }
    }

    // MARK: Reading

    /// A part of a text in memory; reading it brings the text into the processor's cache.
    func touch(_ number: Int) -> UInt64 {
        let mark = marks[number / interval]
        guard let start = blocks[Int(mark >> Self.offsetBits)].start else { return 0 }
        return UInt64((start + (Int(mark) & (Self.blockBytes - 1))).load(as: UInt8.self))
    }

    mutating func isEqual(_ number: Int, _ text: UnsafeRawBufferPointer) -> Bool {
        // Most names are asked for so.
        if interval == 1, text.count < Int(Self.isLong) {
            let mark = marks[number]
            if let start = blocks[Int(mark >> Self.offsetBits)].start {
                let place = start + (Int(mark) & (Self.blockBytes - 1))
                guard place.load(as: UInt8.self) == UInt8(text.count) else { return false }
                return Bytes.areEqual(UnsafeRawBufferPointer(start: place + 1, count: text.count), 0, text)
            }
        }
        return withText(number) { $0.count == text.count && Bytes.areEqual($0, 0, text) }
    }

    /// Calls `body` with a text; with none if it cannot be read back.
    mutating func withText<Result>(_ number: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let mark = marks[number / interval]
        var place = Place(block: Int(mark >> Self.offsetBits), offset: Int(mark) & (Self.blockBytes - 1))
        for _ in 0..<(number % interval) { next(&place) { _ in } }
        return next(&place, body)
    }

    /// Calls `body` with the text at a place, which then is the next one's.
    @discardableResult
    mutating func next<Result>(_ place: inout Place, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if place.offset == blocks[place.block].filled { place = Place(block: place.block + 1, offset: 0) }
        var start = place.offset + 1
        var length = 0
        withBytes(place.block, place.offset, 1) { length = Int($0[0]) }
        if length == Int(Self.isLong) {
            withBytes(place.block, start, 4) { length = Int($0.loadUnaligned(as: UInt32.self)) }
            start += 4
        }
        place.offset = start + length
        return withBytes(place.block, start, length, body)
    }

    @inline(__always)
    @discardableResult
    private mutating func withBytes<Result>(
        _ block: Int, _ offset: Int, _ length: Int, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        if let start = blocks[block].start { return body(UnsafeRawBufferPointer(start: start + offset, count: length)) }
        if windowPlace.block != block || offset < windowPlace.offset
            || offset + length > windowPlace.offset + window.count
        {
            read(block, offset, length)
        }
        let first = offset - windowPlace.offset
        return window.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[first..<(first + length)])) }
    }

    /// Reads a part of a block that was moved out into the window.
    private mutating func read(_ block: Int, _ offset: Int, _ length: Int) {
        let wanted = min(max(length, Self.windowBytes), blocks[block].filled - offset)
        window = [UInt8](repeating: 0, count: wanted)
        windowPlace = Place(block: block, offset: offset)
        let start = blocks[block].place + offset
        let error: ScratchError? = window.withUnsafeMutableBytes { bytes in
            do throws(ScratchError) { try scratch?.read(into: bytes, at: start) } catch { return error }
            return nil
        }
        failure = failure ?? error
    }
}
