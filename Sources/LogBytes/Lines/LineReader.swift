internal import CBytes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Splits a member's decoded bytes into lines and lends them from where they were decoded, or from its buffer if they begin
/// in one chunk and end in another.
///
/// A line ends with a line feed and the carriage returns before it. Carriage returns that no line feed follows end one too:
/// some exports write no other line ends, and a writer that lost a line feed may have left its carriage return.
///
/// Invariant: `0 ≤ start ≤ scanned ≤ end ≤ capacity`. The bytes of `current` from `start` to `end` are decoded and not lent
/// yet, those before `scanned` end no line, and the byte at `end` would be byte `decodedBytes - rest.count` of the member,
/// which `rest` goes on with.
final class LineReader {
    /// How much of a line that is too long is lent.
    static let maxSampleBytes = 4096

    /// How many bytes have been decoded.
    private(set) var decodedBytes: UInt64 = 0
    /// How many lines have been lent.
    private(set) var lines: UInt64 = 0
    /// How many NULs before lines, or inside them, have been passed over.
    private(set) var skippedNULs: UInt64 = 0
    /// What ended the bytes early, or followed them.
    private(set) var damage: Damage?
    /// Whether there is nothing left to decode.
    private(set) var reachedEnd = false

    private let source: ReadAhead
    private let buffer: LineBuffer
    private let maxLineBytes: Int
    /// The buffer, or a chunk that the source lends.
    private var current: UnsafeRawBufferPointer
    /// What the source lends behind that.
    private var rest = UnsafeRawBufferPointer(start: nil, count: 0)
    private var start = 0
    private var scanned = 0
    private var end = 0
    private var hasBegun = false
    /// Whether what comes next stands behind a hole that a line before it ended in.
    private var followsHole = false

    /// A reader at the beginning of a member; the buffer must not be in use by another.
    init(_ source: ReadAhead, through buffer: LineBuffer, maxLineBytes: Int) {
        self.source = source
        self.buffer = buffer
        current = UnsafeRawBufferPointer(buffer.bytes)
        self.maxLineBytes = maxLineBytes
    }

    /// Lends up to `count` of the bytes that come next, without reading them: fewer if the member or the buffer ends.
    func peek<Result>(_ count: Int, _ body: (RawSpan) throws -> Result) rethrows -> Result {
        begin()
        while end - start < count && end < buffer.bytes.count && fill() {}
        return try body(bytes(from: start, count: min(count, end - start)).bytes)
    }

    /// Lends each line to the closure until it wants no more; a later call goes on with the line after.
    func forEachRecord(_ body: (_ bytes: RawSpan, _ line: LogLine) throws -> LineUse) rethrows {
        begin()
        while true {
            guard try lendBufferedLines(body) else { return }
            skipNULs()
            // One byte more than the limit may still be the `\r` of a line that is not too long.
            if end - start > maxLineBytes + 1, let hole = firstNUL(start, end) {
                guard try lendUpToHole(hole, body) else { return }
            } else if end - start > maxLineBytes + 1 {
                guard try lendOverlongLine(body) else { return }
            } else if !fill() {
                break
            }
        }
        try lendLastLine(body)
    }

    // MARK: Lending

    /// Lends every line that ends in the buffer; returns whether the closure wants more.
    private func lendBufferedLines(_ body: (RawSpan, LogLine) throws -> LineUse) rethrows -> Bool {
        guard let base = current.baseAddress else { return true }
        // Locals, because the closure may be anything and the properties would be stored and loaded around each call.
        let end = end
        let origin = endOffset &- UInt64(end)
        var start = start
        var scanned = scanned
        var lines = lines
        defer { (self.start, self.scanned, self.lines) = (start, scanned, lines) }
        let found = start < end ? nuls_and_returns(base.assumingMemoryBound(to: UInt8.self) + start, end - start) : 0
        let mayHoldNULs = followsHole || found & UInt32(BYTES_HAVE_NUL) != 0
        let holdsReturns = found & UInt32(BYTES_HAVE_RETURN) != 0

        while scanned < end, let lineEnd = Self.lineEnd(base, scanned, end, holdsReturns: holdsReturns) {
            var lineStart = start
            if base.load(fromByteOffset: lineStart, as: UInt8.self) == 0 {
                let first = Self.endOfNULs(base, lineStart, lineEnd.end)
                skippedNULs += UInt64(first - lineStart)
                lineStart = first
            }
            start = lineEnd.next
            scanned = start
            let bytes = UnsafeRawBufferPointer(start: base + lineStart, count: lineEnd.end - lineStart)
            guard
                try mayHoldNULs
                    ? lendAroundHoles(bytes, &lines, origin &+ UInt64(lineStart), .whole, true, body)
                    : lend(bytes, &lines, origin &+ UInt64(lineStart), .whole, true, body)
            else { return false }
        }
        scanned = end
        if holdsReturns {
            while scanned > start, base.load(fromByteOffset: scanned - 1, as: UInt8.self) == 0x0D { scanned -= 1 }
        }
        return true
    }

    /// Where the line ends that goes on at `from`, and where the next one begins; nil if more bytes must tell.
    @inline(__always)
    private static func lineEnd(
        _ base: UnsafeRawPointer, _ from: Int, _ end: Int, holdsReturns: Bool
    ) -> (end: Int, next: Int)? {
        guard holdsReturns else {
            return memchr(base + from, 0x0A, end - from).map { newline in
                let place = UnsafeRawPointer(newline) - base
                return (place, place + 1)
            }
        }
        let found = line_end(base.assumingMemoryBound(to: UInt8.self), from, end)
        return found.next > 0 ? (found.end, found.next) : nil
    }

    /// Lends a line that is in memory, and then its records behind the first; returns whether the closure wants more.
    @inline(__always)
    private func lend(
        _ bytes: UnsafeRawBufferPointer, _ lines: inout UInt64, _ offset: UInt64, _ extent: LogLine.Extent,
        _ hasLineFeed: Bool, hole: LogLine.Hole = .none,
        _ body: (RawSpan, LogLine) throws -> LineUse
    ) rethrows -> Bool {
        lines += 1
        let isTooLong = bytes.count > maxLineBytes
        let lent = isTooLong ? UnsafeRawBufferPointer(rebasing: bytes[..<sampleBytes]) : bytes
        let line = LogLine(
            number: lines, offset: offset, byteCount: UInt64(bytes.count), extent: isTooLong ? .tooLong : extent,
            hole: hole, hasLineFeed: hasLineFeed)
        switch try body(lent.bytes, line) {
        case .next: return true
        case .stop: return false
        case .rest(let start): return try lendRest(lent, from: start, after: line, &lines, body)
        }
    }

    /// Lends the records of a line behind its first; returns whether the closure wants more.
    private func lendRest(
        _ bytes: UnsafeRawBufferPointer, from start: Int, after first: LogLine, _ lines: inout UInt64,
        _ body: (RawSpan, LogLine) throws -> LineUse
    ) rethrows -> Bool {
        var (start, line) = (start, first)
        var lent = bytes
        while true {
            precondition(start >= 0 && start <= lent.count, "a record's rest must be a part of the record")
            lent = UnsafeRawBufferPointer(rebasing: lent[start...])
            lines += 1
            line = LogLine(
                number: lines, offset: line.offset + UInt64(start), byteCount: UInt64(lent.count),
                extent: first.extent, hole: first.hole, hasLineFeed: first.hasLineFeed)
            switch try body(lent.bytes, line) {
            case .next: return true
            case .stop: return false
            case .rest(let next): start = next
            }
        }
    }

    /// Passes over a line that does not fit, and lends its beginning; returns whether the closure wants more.
    private func lendOverlongLine(_ body: (RawSpan, LogLine) throws -> LineUse) rethrows -> Bool {
        let offset = endOffset - UInt64(end - start)
        let sample = sampleBytes
        var count = UInt64(end - start)
        var lastByte = current[end - 1]
        moveToFront(sample)

        var hasNewline = false
        while !hasNewline {
            (start, scanned, end) = (sample, sample, sample)
            guard append(), let base = current.baseAddress else { break }
            // The chunk before may have ended with the carriage return that ends the line.
            if lastByte == 0x0D, current[sample] != 0x0A, current[sample] != 0x0D {
                hasNewline = true
                break
            }
            let found = Self.lineEnd(base, sample, end, holdsReturns: true)
            let lineEnd = found?.end ?? end
            count += UInt64(lineEnd - sample)
            if lineEnd > sample { lastByte = current[lineEnd - 1] }
            if let found {
                (start, scanned) = (found.next, found.next)
                hasNewline = true
            }
        }
        if lastByte == 0x0D { count -= 1 }
        lines += 1
        let use = try body(
            bytes(from: 0, count: sample).bytes,
            LogLine(
                number: lines, offset: offset, byteCount: count, extent: .tooLong, hole: .none,
                hasLineFeed: hasNewline))
        if case .stop = use { return false }
        return true
    }

    // MARK: Holes

    /// Lends a line that may have NULs inside as what stands before them and what stands behind; each is a line. Between them may
    /// be another, whatever is between the first NUL and the last.
    ///
    /// - Returns: whether the closure wants more.
    private func lendAroundHoles(
        _ bytes: UnsafeRawBufferPointer, _ lines: inout UInt64, _ offset: UInt64, _ extent: LogLine.Extent,
        _ hasLineFeed: Bool, _ body: (RawSpan, LogLine) throws -> LineUse
    ) rethrows -> Bool {
        let begin: LogLine.Hole = followsHole ? .before : .none
        followsHole = false
        if begin == .before, bytes.isEmpty { return true }
        guard let first = bytes.firstIndex(of: 0), let last = bytes.lastIndex(of: 0),
            !Self.beginsWithLength(bytes, last)
        else {
            return try lend(bytes, &lines, offset, extent, hasLineFeed, hole: begin, body)
        }
        skippedNULs += UInt64(bytes.count { $0 == 0 })
        let texts: [(range: Range<Int>, hole: LogLine.Hole)] = [
            (0..<first, begin == .none ? .behind : .around),
            (Self.trimmed(bytes, first..<last), .around),
            (last + 1..<bytes.count, .before),
        ]
        for (range, hole) in texts where !range.isEmpty {
            let isLast = range.upperBound == bytes.count
            let text = UnsafeRawBufferPointer(rebasing: bytes[range])
            let wantsMore = try lend(
                text, &lines, offset + UInt64(range.lowerBound), isLast ? extent : .whole, isLast && hasLineFeed,
                hole: hole, body)
            if !wantsMore { return false }
        }
        return true
    }

    /// Whether the NULs up to the last one belong to a length in eight bytes, as the Journal Export Format puts before a value
    /// that is no plain text.
    private static func beginsWithLength(_ bytes: UnsafeRawBufferPointer, _ last: Int) -> Bool {
        guard last == 7 else { return false }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        return length >= UInt64(bytes.count - 8)
    }

    /// A range without the NULs at its ends.
    private static func trimmed(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Range<Int> {
        guard let first = bytes[range].firstIndex(where: { $0 != 0 }),
            let last = bytes[range].lastIndex(where: { $0 != 0 })
        else { return range.lowerBound..<range.lowerBound }
        return first..<last + 1
    }

    /// Lends what stands before a hole in a line that does not fit because of it; returns whether the closure wants more.
    private func lendUpToHole(
        _ hole: Int, _ body: (RawSpan, LogLine) throws -> LineUse
    ) rethrows -> Bool {
        let (lineStart, offset) = (start, endOffset - UInt64(end - start))
        start = hole
        scanned = max(scanned, start)
        let before: LogLine.Hole = followsHole ? .around : .behind
        followsHole = true
        defer { skipNULs() }
        var lines = lines
        defer { self.lines = lines }
        return try lend(
            bytes(from: lineStart, count: hole - lineStart), &lines, offset, .whole, false, hole: before, body)
    }

    private func firstNUL(_ from: Int, _ to: Int) -> Int? {
        guard from < to, let base = current.baseAddress else { return nil }
        return memchr(base + from, 0, to - from).map { UnsafeRawPointer($0) - base }
    }

    /// Lends what follows the last newline, if anything does.
    private func lendLastLine(_ body: (RawSpan, LogLine) throws -> LineUse) rethrows {
        guard end > start else { return }
        let lineStart = start
        var count = end - start
        while count > 0, current[start + count - 1] == 0x0D { count -= 1 }
        let hasReturn = count < end - start
        let offset = endOffset - UInt64(end - start)
        (start, scanned) = (end, end)

        // Bytes behind a complete stream may be the beginning of its next part, cut off, and the line with it.
        let isCut = damage != nil
        var lines = lines
        defer { self.lines = lines }
        _ = try lendAroundHoles(
            bytes(from: lineStart, count: count), &lines, offset, isCut ? .cut : .whole, hasReturn, body)
    }

    private var sampleBytes: Int { min(Self.maxSampleBytes, maxLineBytes) }

    private func bytes(from start: Int, count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: current[start..<start + count])
    }

    /// Where `end` is in the member.
    private var endOffset: UInt64 { decodedBytes &- UInt64(rest.count) }

    // MARK: Filling

    /// Gets the first bytes, and drops a byte order mark.
    private func begin() {
        guard !hasBegun else { return }
        hasBegun = true
        while end < 3 && fill() {}
        if current[..<end].starts(with: [0xEF, 0xBB, 0xBF]) { (start, scanned) = (3, 3) }
        repeat { skipNULs() } while start == end && fill()
    }

    /// Passes over NULs that stand where a line begins: the hole that a writer leaves which goes on at its old place in a
    /// file that was emptied (logrotate's copytruncate), or blocks that a crash left without their bytes.
    private func skipNULs() {
        guard start < end, current[start] == 0, let base = current.baseAddress else { return }
        let first = Self.endOfNULs(base, start, end)
        skippedNULs += UInt64(first - start)
        start = first
        scanned = max(scanned, start)
    }

    private static func endOfNULs(_ base: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int {
        var index = from
        while index + 8 <= end, base.loadUnaligned(fromByteOffset: index, as: UInt64.self) == 0 { index += 8 }
        while index < end, base.load(fromByteOffset: index, as: UInt8.self) == 0 { index += 1 }
        return index
    }

    /// Makes more bytes current, behind the unfinished line if there is one; returns `false` when nothing came.
    private func fill() -> Bool {
        let unscanned = end - scanned
        moveToFront(end - start)
        scanned = end - unscanned
        guard end == 0 else { return append() }
        guard !rest.isEmpty || decode() else { return false }
        if !rest.isEmpty { (current, end, rest) = (rest, rest.count, UnsafeRawBufferPointer(start: nil, count: 0)) }
        return true
    }

    /// Puts more bytes behind `end` in the buffer, of those that are lent only as many as the line needs that has begun there;
    /// returns `false` when nothing came.
    private func append() -> Bool {
        guard !rest.isEmpty || decode() else { return false }
        // What was decoded into the buffer is there already.
        guard let base = rest.baseAddress else { return true }
        let needed = memchr(base, 0x0A, rest.count).map { UnsafeRawPointer($0) - base + 1 } ?? rest.count
        let count = min(needed, room.count)
        room.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<count]))
        end += count
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        return true
    }

    /// Decodes a chunk to behind `end` in the buffer or, if the source lends it, for `rest`; returns `false` when nothing came.
    private func decode() -> Bool {
        guard !reachedEnd else { return false }
        do throws(Damage) {
            let room = room
            let bytes = try source.next(in: room)
            decodedBytes += UInt64(bytes.count)
            reachedEnd = bytes.isEmpty
            if bytes.baseAddress == UnsafeRawPointer(room.baseAddress) { end += bytes.count } else { rest = bytes }
        } catch {
            damage = error
            reachedEnd = true
        }
        return !reachedEnd
    }

    /// What is free of the buffer, as far as a chunk needs it.
    private var room: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[end..<min(end + buffer.chunkBytes, buffer.bytes.count)])
    }

    /// Makes the buffer current, and moves the unfinished line to its front, or its beginning.
    private func moveToFront(_ count: Int) {
        let bytes = bytes(from: start, count: count)
        if bytes.baseAddress != UnsafeRawPointer(buffer.bytes.baseAddress) { buffer.bytes.copyMemory(from: bytes) }
        current = UnsafeRawBufferPointer(buffer.bytes)
        (start, scanned, end) = (0, 0, count)
    }
}
