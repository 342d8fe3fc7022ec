/// Where and why the bytes of a file stopped making sense.
///
/// Everything that could be decoded before the damage has been delivered. Reading never throws it at the caller: it stands in
/// the ``MemberOutcome`` or ``FileOutcome``.
public struct Damage: Error, Hashable, Sendable, CustomStringConvertible {
    /// What sort of damage it is.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The file ends inside a frame, stream, entry or archive.
        case truncated
        /// The bytes contradict their format or their checksum.
        case corrupt
        /// Bytes that belong to nothing follow a complete stream.
        case trailingData = "trailing-data"
        /// It would have taken more than the ``Limits`` allow: decoded bytes, memory for a window, entries.
        case limit
        /// Intact, as far as can be told, but written in a way that is not read: 7z, encryption, a missing dictionary.
        case unsupported
        /// The operating system could not read the file.
        case unreadable
    }

    /// What sort of damage it is.
    public let kind: Kind

    /// The byte of the file as found, counted from 0, up to which its bytes had been used.
    ///
    /// Exact for the file's own zstd, gzip and xz, and within a few bytes for its bzip2 and lz4. Inside a container or
    /// a second compression it is the place that the outermost decoder had reached, up to one buffer beyond the damage.
    public let offset: UInt64

    /// The decoding library's or the operating system's own words.
    public let message: String

    /// Damage of a kind at a byte of the file as found.
    public init(kind: Kind, offset: UInt64, message: String) {
        self.kind = kind
        self.offset = offset
        self.message = message
    }

    /// Bytes that are no further part of a file in which several may stand one behind the other.
    ///
    /// - Parameters:
    ///   - count: the parts before it, which are complete.
    ///   - part: what one is called: `gzip member`.
    ///   - offset: where the bytes begin.
    static func trailing(behind count: Int, _ part: String, at offset: UInt64) -> Damage {
        Damage(kind: .trailingData, offset: offset, message: "other data follows \(count) complete \(part)(s)")
    }

    public var description: String {
        "\(kind.rawValue) at byte \(offset): \(message). \(remedy)"
    }

    private var remedy: String {
        switch kind {
        case .truncated, .corrupt:
            "What precedes it was read; compare the file's SHA-256 with its origin and copy it again."
        case .trailingData:
            "What precedes it was read; look at the rest by hand, it may be a second log."
        case .limit:
            "What precedes it was read; if the file is genuine, raise that limit (see --help)."
        case .unsupported:
            "Unpack or decrypt it with its own tool and give the result."
        case .unreadable:
            "What precedes it was read; check the disk or the mount and run again."
        }
    }
}
