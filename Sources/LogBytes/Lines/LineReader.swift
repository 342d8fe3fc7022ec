#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Splits a member's decoded bytes into lines and lends them from its buffer.
///
/// Invariant: `0 ≤ start ≤ scanned ≤ end ≤ capacity`. The bytes from `start` to `end` are decoded and not lent yet,
/// those before `scanned` hold no newline, and the byte at `end` would be byte `decodedBytes` of the member.
final class LineReader {
    /// How much of a line that is too long is lent.
    static let maxSampleBytes = 4096

    /// How many bytes have been decoded.
    private(set) var decodedBytes: UInt64 = 0
    /// How many lines have been lent.
    private(set) var lines: UInt64 = 0
    /// What ended the bytes early, or followed them.
    private(set) var damage: Damage?
    /// Whether there is nothing left to decode.
    private(set) var reachedEnd = false

    private let source: any ByteSource
    private let buffer: LineBuffer
    private let maxLineBytes: Int
    private var start = 0
    private var scanned = 0
    private var end = 0
    private var hasBegun = false

    /// A reader at the beginning of a member; the buffer must not be in use by another.
    init(_ source: any ByteSource, through buffer: LineBuffer, maxLineBytes: Int) {
        self.source = source
        self.buffer = buffer
        self.maxLineBytes = maxLineBytes
    }

    /// Lends up to `count` of the bytes that come next, without reading them: fewer if the member or the buffer ends.
    func peek<Result>(_ count: Int, _ body: (RawSpan) throws -> Result) rethrows -> Result {
        begin()
        while end - start < count && end < buffer.bytes.count && fill() {}
        return try body(bytes(from: start, count: min(count, end - start)).bytes)
    }

    /// Lends each line to the closure until it returns `false`; a later call goes on with the line after.
    func forEachLine(_ body: (_ bytes: RawSpan, _ line: LogLine) throws -> Bool) rethrows {
        begin()
        while true {
            guard try lendBufferedLines(body) else { return }
            // One byte more than the limit may still be the `\r` of a line that is not too long.
            if end - start > maxLineBytes + 1 {
                guard try lendOverlongLine(body) else { return }
            } else if !fill() {
                break
            }
        }
        try lendLastLine(body)
    }

    // MARK: Lending

    /// Lends every line that ends in the buffer; returns whether the closure wants more.
    private func lendBufferedLines(_ body: (RawSpan, LogLine) throws -> Bool) rethrows -> Bool {
        guard let base = UnsafeRawPointer(buffer.bytes.baseAddress) else { return true }
        // Locals, because the closure may be anything and the properties would be stored and loaded around each call.
        let end = end
        let origin = decodedBytes &- UInt64(end)
        var start = start
        var scanned = scanned
        var lines = lines
        defer { (self.start, self.scanned, self.lines) = (start, scanned, lines) }

        while scanned < end, let newline = memchr(base + scanned, 0x0A, end - scanned) {
            let lineStart = start
            let newlineIndex = UnsafeRawPointer(newline) - base
            var count = newlineIndex - lineStart
            if count > 0 && base.load(fromByteOffset: newlineIndex - 1, as: UInt8.self) == 0x0D { count -= 1 }
            start = newlineIndex + 1
            scanned = start
            lines += 1
            let isTooLong = count > maxLineBytes
            let line = LogLine(
                number: lines, offset: origin &+ UInt64(lineStart), byteCount: UInt64(count),
                extent: isTooLong ? .tooLong : .whole)
            let lent = isTooLong ? sampleBytes : count
            guard try body(UnsafeRawBufferPointer(start: base + lineStart, count: lent).bytes, line) else {
                return false
            }
        }
        scanned = end
        return true
    }

    /// Passes over a line that does not fit, and lends its beginning; returns whether the closure wants more.
    private func lendOverlongLine(_ body: (RawSpan, LogLine) throws -> Bool) rethrows -> Bool {
        let offset = decodedBytes - UInt64(end - start)
        let sample = sampleBytes
        var count = UInt64(end - start)
        var lastByte = buffer.bytes[end - 1]
        move(from: start, count: sample)

        var hasNewline = false
        while !hasNewline {
            (start, scanned, end) = (sample, sample, sample)
            guard readChunk() else { break }
            let newline = buffer.bytes[sample..<end].firstIndex(of: 0x0A)
            let lineEnd = newline ?? end
            count += UInt64(lineEnd - sample)
            if lineEnd > sample { lastByte = buffer.bytes[lineEnd - 1] }
            if let newline {
                (start, scanned) = (newline + 1, newline + 1)
                hasNewline = true
            }
        }
        if lastByte == 0x0D { count -= 1 }
        lines += 1
        return try body(
            bytes(from: 0, count: sample).bytes,
            LogLine(number: lines, offset: offset, byteCount: count, extent: .tooLong))
    }

    /// Lends what follows the last newline, if anything does.
    private func lendLastLine(_ body: (RawSpan, LogLine) throws -> Bool) rethrows {
        guard end > start else { return }
        let lineStart = start
        var count = end - start
        if buffer.bytes[end - 1] == 0x0D { count -= 1 }
        let offset = decodedBytes - UInt64(end - start)
        (start, scanned) = (end, end)
        lines += 1

        // Bytes behind a complete stream may be the beginning of its next part, cut off, and the line with it.
        let isCut = damage != nil
        let isTooLong = count > maxLineBytes
        _ = try body(
            bytes(from: lineStart, count: isTooLong ? sampleBytes : count).bytes,
            LogLine(
                number: lines, offset: offset, byteCount: UInt64(count),
                extent: isTooLong ? .tooLong : isCut ? .cut : .whole))
    }

    private var sampleBytes: Int { min(Self.maxSampleBytes, maxLineBytes) }

    private func bytes(from start: Int, count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: buffer.bytes[start..<start + count])
    }

    // MARK: Filling

    /// Fills the buffer for the first time, and drops a byte order mark.
    private func begin() {
        guard !hasBegun else { return }
        hasBegun = true
        while end < 3 && fill() {}
        if buffer.bytes[..<end].starts(with: [0xEF, 0xBB, 0xBF]) { (start, scanned) = (3, 3) }
    }

    /// Moves the unfinished line to the front and reads a chunk behind it; returns `false` when nothing came.
    private func fill() -> Bool {
        if start > 0 {
            move(from: start, count: end - start)
            (start, scanned, end) = (0, scanned - start, end - start)
        }
        return readChunk()
    }

    /// Reads a chunk behind `end`; returns `false` when nothing came.
    private func readChunk() -> Bool {
        guard !reachedEnd else { return false }
        let room = buffer.bytes[end..<min(end + buffer.chunkBytes, buffer.bytes.count)]
        do throws(Damage) {
            let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: room))
            end += count
            decodedBytes += UInt64(count)
            reachedEnd = count == 0
        } catch {
            damage = error
            reachedEnd = true
        }
        return !reachedEnd
    }

    private func move(from offset: Int, count: Int) {
        let bytes = UnsafeRawBufferPointer(rebasing: buffer.bytes[offset..<offset + count])
        buffer.bytes.copyMemory(from: bytes)
    }
}
