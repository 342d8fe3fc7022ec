/// Text in UTF-16, as Windows programs and some exports write it, made UTF-8; half a surrogate pair becomes U+FFFD.
///
/// Offsets of rejected lines are those in the UTF-8 text.
final class UTF16Decoder: ByteSource {
    enum ByteOrder {
        case little, big

        /// By the byte order mark (RFC 2781 section 3.2), or, without one, by the zeros that ASCII's upper halves are.
        init?(_ head: [UInt8]) {
            if head.starts(with: [0xFF, 0xFE]) {
                self = .little
            } else if head.starts(with: [0xFE, 0xFF]) {
                self = .big
            } else {
                // Eight units of ASCII: no text in UTF-8 holds a NUL in every second place.
                let units = head.prefix(16)
                guard units.count == 16 else { return nil }
                let even = stride(from: 0, to: 16, by: 2).allSatisfy { units[$0] == 0 && units[$0 + 1] &- 9 < 0x76 }
                let odd = stride(from: 0, to: 16, by: 2).allSatisfy { units[$0 + 1] == 0 && units[$0] &- 9 < 0x76 }
                if odd { self = .little } else if even { self = .big } else { return nil }
            }
        }
    }

    private let upstream: any ByteSource
    private let order: ByteOrder
    private var input: [UInt8]
    private var inputCount = 0
    private var output: [UInt8] = []
    private var outputStart = 0
    private var highSurrogate: UInt16?
    private var damage: Damage?
    private var isFinished = false

    init(_ upstream: any ByteSource, order: ByteOrder, chunkBytes: Int) {
        self.upstream = upstream
        self.order = order
        // Room for half a unit that the chunk before left.
        input = [UInt8](repeating: 0, count: max(2, chunkBytes) + 1)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Damage) -> Int {
        while outputStart == output.count {
            if let damage { throw damage }
            if isFinished { return 0 }
            refill()
        }
        let count = min(buffer.count, output.count - outputStart)
        buffer.copyBytes(from: output[outputStart..<outputStart + count])
        outputStart += count
        return count
    }

    func fileOffset(unread: Int) -> UInt64 { upstream.fileOffset(unread: 0) }

    private func refill() {
        output.removeAll(keepingCapacity: true)
        outputStart = 0
        do throws(Damage) {
            var filled = inputCount
            // A typed throw does not leave the closure that lends the buffer.
            let outcome: Result<Int, Damage> = input.withUnsafeMutableBytes { bytes in
                let room = UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
                return Result { () throws(Damage) in try upstream.read(into: room) }
            }
            let count = try outcome.get()
            filled += count
            decode(filled)
            if count == 0 { finish() }
        } catch {
            finish()
            damage = error
        }
    }

    private func decode(_ count: Int) {
        var index = 0
        while index + 1 < count {
            let (first, second) = (UInt16(input[index]), UInt16(input[index + 1]))
            take(order == .little ? second << 8 | first : first << 8 | second)
            index += 2
        }
        inputCount = count - index
        if inputCount == 1 { input[0] = input[index] }
    }

    private func take(_ unit: UInt16) {
        if let high = highSurrogate {
            highSurrogate = nil
            if (0xDC00..<0xE000).contains(unit) {
                append(0x10000 + (UInt32(high) - 0xD800) << 10 + (UInt32(unit) - 0xDC00))
                return
            }
            append(0xFFFD)
        }
        if (0xD800..<0xDC00).contains(unit) { highSurrogate = unit } else { append(UInt32(unit)) }
    }

    private func finish() {
        // Half a unit or half a pair at the end.
        if inputCount > 0 || highSurrogate != nil { append(0xFFFD) }
        (inputCount, highSurrogate, isFinished) = (0, nil, true)
    }

    private func append(_ scalar: UInt32) {
        output.append(contentsOf: UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter)
    }
}
