/// Takes compressions off a stream of the file `found`, one below another, until something else appears.
struct Unwrapping {
    /// How many layers are taken off; a file that decodes to itself would never end.
    static let maxLayers = 4
    /// Of most small files, all is read with the bytes that tell what they are. What is decoded has no such room: it would
    /// pass the limits unseen.
    private static let roomBytes = 16_000

    let found: FoundBytes
    let limits: Limits
    let chunkBytes: Int

    /// How many bytes of skippable frames are passed over to see what follows them.
    private static let mostSkipped = 1 << 20

    /// What appeared below the compressions.
    struct Core {
        let bytes: any ByteSource
        /// Outermost first.
        let layers: [Compression]
        let container: Container?
    }

    /// Looks at the first bytes of a stream, and at those of what it decodes to, and so on.
    func unwrap(_ stream: any ByteSource) -> Core {
        var layers: [Compression] = []
        var bytes = Lookahead(stream, count: Magic.byteCount, room: Self.roomBytes)
        while true {
            bytes = Self.behindSkippable(bytes)
            switch Magic(bytes.head) {
            case .compressed(let compression) where layers.count < Self.maxLayers:
                layers.append(compression)
                let decoded = OutputLimit(decoder(compression, from: bytes), of: found, limits: limits)
                bytes = Lookahead(decoded, count: Magic.byteCount)
            case .container(let container):
                return Core(bytes: bytes, layers: layers, container: container)
            default:
                return Core(bytes: bytes, layers: layers, container: nil)
            }
        }
    }

    /// Passes over skippable frames before an LZ4 frame, which would be taken for zstd's; each decoder reads its own.
    private static func behindSkippable(_ bytes: Lookahead) -> Lookahead {
        var skipped = 0
        var head = bytes.head
        var seen = bytes
        while let count = Magic.skippableBytes(Array(head.dropFirst(skipped))) {
            skipped += count
            guard skipped <= mostSkipped else { return seen }
            if head.count < skipped + Magic.byteCount {
                seen = Lookahead(seen, count: skipped + Magic.byteCount)
                head = seen.head
            }
        }
        guard skipped > 0, case .compressed(.lz4) = Magic(Array(head.dropFirst(skipped))) else { return seen }
        seen.pass(skipped)
        return Lookahead(seen, count: Magic.byteCount)
    }

    private func decoder(_ compression: Compression, from source: Lookahead) -> any ByteSource {
        // The memory of a whole chunk would be the costliest part of a small file.
        let chunkBytes = min(self.chunkBytes, max(1 << 16, found.size.map { Int(clamping: $0) } ?? .max))
        switch compression {
        case .zstd:
            return StreamDecoder(
                ZstdFormat(maxWindowBytes: limits.maxWindowBytes), from: source, chunkBytes: chunkBytes)
        case .gzip:
            return SmallGzip(source) ?? StreamDecoder(GzipFormat(), from: source, chunkBytes: chunkBytes)
        case .xz: return StreamDecoder(XZFormat(), from: source, chunkBytes: chunkBytes)
        case .bzip2: return StreamDecoder(Bzip2Format(), from: source, chunkBytes: chunkBytes)
        case .lz4: return StreamDecoder(LZ4Format(), from: source, chunkBytes: chunkBytes)
        }
    }
}
