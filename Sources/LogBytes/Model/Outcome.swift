/// What was found out about one file while its bytes passed through.
public struct FileOutcome: Hashable, Sendable {
    /// The file's size in bytes, as read.
    public let size: UInt64

    /// The SHA-256 of the file's bytes as found, in lowercase hexadecimal; covers the whole file even if it is damaged.
    ///
    /// Only if ``damage`` is ``Damage/Kind/unreadable`` it covers the ``size`` bytes that could be read.
    public let sha256: String

    /// The file itself, or what its container holds, in the order of the file.
    public let members: [MemberOutcome]

    /// Entries of a container that hold no bytes of their own: links, devices.
    public let skipped: [SkippedEntry]

    /// Damage outside any member: between or after the entries of a container, or while the rest was being hashed.
    public let damage: Damage?

    /// Whether neither the file nor any member is damaged.
    public var isIntact: Bool { damage == nil && members.allSatisfy { $0.damage == nil } }
}

/// What was found out about one member while its lines were read.
public struct MemberOutcome: Hashable, Sendable {
    /// The member's name in its container, for display only; `nil` if the file itself is the member.
    public let name: String?

    /// The layers around the member's bytes.
    public let packing: Packing

    /// How many bytes were decoded.
    public let decodedBytes: UInt64

    /// How many lines were lent, those too long or cut included.
    public let lines: UInt64

    /// How many NULs were passed over where a line begins: a hole that a log's rotation or a crash left.
    public let skippedNULs: UInt64

    /// Whether the member was read to its end or its damage; `false` if the reader stopped before.
    ///
    /// Damage beyond that place is unknown then.
    public let reachedEnd: Bool

    /// What ended the member early, or followed it.
    public let damage: Damage?
}

/// A path or an entry of a container that holds no log to read, and why.
public struct SkippedEntry: Hashable, Sendable {
    /// Why an entry was left out.
    public enum Reason: Hashable, Sendable, CustomStringConvertible {
        /// A symbolic link below a root, or inside a container; what it points to is not followed.
        case symbolicLink
        /// A second name, inside a container, of the entry given.
        case hardLink(of: String)
        /// A socket, FIFO or device.
        case notAFile
        /// The operating system refused to open or list it; `errno` says why.
        case unreadable(errno: Int32)
        /// The name's bytes are no UTF-8, so that no report could name it; rename it to have it read.
        case nameNotUTF8

        public var description: String {
            switch self {
            case .symbolicLink: "a symbolic link, not followed"
            case .hardLink(let original): "a hard link to \(original)"
            case .notAFile: "a socket, FIFO or device"
            case .unreadable(let errno): "cannot be opened: \(systemMessage(errno))"
            case .nameNotUTF8: "its name is not UTF-8; rename it to have it read"
            }
        }
    }

    /// The name for display, formed as ``FoundFile/name`` is.
    public let name: String

    /// Why it was left out.
    public let reason: Reason
}
