import CLz4

/// LZ4 through liblz4: frames, skippable frames and streams of the legacy form one after another, with the checksums that
/// they have (LZ4 Frame Format Description).
///
/// libarchive reads LZ4 too, but gives nothing of the last 64 KiB before a damage; `lz4 -dc` gives all blocks before it.
///
/// Owns the decoder.
final class LZ4Format: StreamFormat {
    private enum State {
        /// Before a mark, or inside one.
        case mark
        /// Inside a frame, and how many bytes the decoder expects. It is given no more: of a call in which it meets damage
        /// nothing comes out.
        case frame(expected: Int)
        case legacy
    }

    private var state = State.mark
    private var mark: [UInt8] = []
    private var legacy = LZ4LegacyBlocks()
    private var completeFrames = 0
    private var frameStart: UInt64 = 0
    private let context: OpaquePointer

    private static let legacyMark: [UInt8] = [0x02, 0x21, 0x4C, 0x18]
    private static let frameMark: [UInt8] = [0x04, 0x22, 0x4D, 0x18]

    init() {
        var context: OpaquePointer?
        let status = LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))
        guard LZ4F_isError(status) == 0, let context else { preconditionFailure("out of memory for an LZ4 decoder") }
        self.context = context
    }

    deinit { LZ4F_freeDecompressionContext(context) }

    var isInsideStream: Bool {
        switch state {
        case .mark: !mark.isEmpty
        case .frame: true
        case .legacy: legacy.isInsideBlock
        }
    }

    func step(_ input: inout EncodedInput, _ output: inout DecodedOutput) -> Damage? {
        switch state {
        case .mark: return readMark(&input)
        case .frame(let expected):
            let unread = UnsafeRawBufferPointer(rebasing: input.unread.prefix(expected))
            let (used, damage) = decode(unread, &output, at: input.fileOffset)
            input.use(used)
            return damage
        case .legacy:
            switch legacy.step(&input, &output) {
            case nil: return nil
            case .damaged: return corrupt("invalid data", at: input.fileOffset)
            case .ended(let next):
                completeFrames += 1
                frameStart = input.fileOffset - UInt64(next.count)
                (state, mark) = (.mark, next)
                return readMark(&input)
            }
        }
    }

    private func readMark(_ input: inout EncodedInput) -> Damage? {
        if mark.isEmpty { frameStart = input.fileOffset }
        while mark.count < 4, let byte = input.unread.first {
            mark.append(byte)
            input.use(1)
        }
        let isSkippable =
            zip(mark.dropFirst(), [0x2A, 0x4D, 0x18] as [UInt8]).allSatisfy { $0 == $1 }
            && mark.first.map { 0x50...0x5F ~= $0 } == true
        guard isSkippable || Self.frameMark.starts(with: mark) || Self.legacyMark.starts(with: mark) else {
            if completeFrames == 0 { return corrupt("no frame header", at: frameStart) }
            return .trailing(behind: completeFrames, "lz4 frame", at: frameStart)
        }
        if mark.count < 4 { return nil }
        let known = mark
        mark = []
        if known == Self.legacyMark {
            (state, legacy) = (.legacy, LZ4LegacyBlocks())
            return nil
        }
        var nothing = DecodedOutput(buffer: UnsafeMutableRawBufferPointer(start: nil, count: 0))
        return known.withUnsafeBytes { decode($0, &nothing, at: frameStart).damage }
    }

    private func decode(
        _ bytes: UnsafeRawBufferPointer, _ output: inout DecodedOutput, at offset: UInt64
    ) -> (used: Int, damage: Damage?) {
        let rest = output.rest
        var (used, made) = (bytes.count, rest.count)
        let status = LZ4F_decompress(context, rest.baseAddress, &made, bytes.baseAddress, &used, nil)
        guard LZ4F_isError(status) == 0 else {
            return (0, corrupt(String(cString: LZ4F_getErrorName(status)), at: offset))
        }
        output.count += made
        if status == 0 {
            completeFrames += 1
            state = .mark
        } else {
            state = .frame(expected: status)
        }
        return (used, nil)
    }

    private func corrupt(_ words: String, at offset: UInt64) -> Damage {
        Damage(kind: .corrupt, offset: offset, message: "lz4: \(words)")
    }
}

/// The blocks of LZ4's legacy form (`lz4 -l`), each behind its size, which end with the file or at another mark.
private struct LZ4LegacyBlocks {
    enum End {
        case damaged
        /// Bytes came that are no block's size: those of the mark that follows.
        case ended(next: [UInt8])
    }

    private static let blockBytes = 8 << 20
    private static let mostEncoded = Int(LZ4_compressBound(Int32(blockBytes)))

    private var size: [UInt8] = []
    private var encodedBytes: Int?
    private var encoded: [UInt8] = []
    private var decoded: [UInt8] = []
    private var given = 0

    var isInsideBlock: Bool { !size.isEmpty || encodedBytes != nil || given < decoded.count }

    mutating func step(_ input: inout EncodedInput, _ output: inout DecodedOutput) -> End? {
        if given < decoded.count {
            give(&output)
            return nil
        }
        guard let count = encodedBytes else { return readSize(&input) }
        let taken = min(count - encoded.count, input.unread.count)
        encoded.append(contentsOf: input.unread.prefix(taken))
        input.use(taken)
        if encoded.count < count { return nil }
        // No byte of LZ4 stands for more than 255 others.
        let most = min(Self.blockBytes, 255 * count)
        let made = encoded.withUnsafeBytes { encoded in
            [UInt8](unsafeUninitializedCapacity: most) { decoded, made in
                let status = LZ4_decompress_safe(
                    encoded.baseAddress?.assumingMemoryBound(to: CChar.self),
                    UnsafeMutableRawPointer(decoded.baseAddress)?.assumingMemoryBound(to: CChar.self),
                    Int32(encoded.count), Int32(most))
                made = max(0, Int(status))
            }
        }
        if made.isEmpty { return .damaged }
        (decoded, given, encodedBytes, encoded) = (made, 0, nil, [])
        give(&output)
        return nil
    }

    private mutating func readSize(_ input: inout EncodedInput) -> End? {
        while size.count < 4, let byte = input.unread.first {
            size.append(byte)
            input.use(1)
        }
        if size.count < 4 { return nil }
        let count = size.reversed().reduce(0) { $0 << 8 | Int($1) }
        let bytes = size
        size = []
        if count > Self.mostEncoded { return .ended(next: bytes) }
        encodedBytes = count
        return count == 0 ? .damaged : nil
    }

    private mutating func give(_ output: inout DecodedOutput) {
        let count = min(output.rest.count, decoded.count - given)
        decoded.withUnsafeBytes {
            output.rest.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[given..<given + count]))
        }
        output.count += count
        given += count
    }
}
