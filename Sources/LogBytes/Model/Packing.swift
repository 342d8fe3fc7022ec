/// A compression format, told by its magic bytes.
public enum Compression: String, Hashable, Sendable, CaseIterable {
    case zstd, gzip, xz, bzip2, lz4
}

/// A format that holds several files, told by its magic bytes.
public enum Container: String, Hashable, Sendable, CaseIterable {
    case tar, zip
    /// Opened where it is the file itself: its directory stands at its end.
    case sevenZip = "7z"
}

/// How a member's bytes were wrapped in the file as found.
///
/// Its description names the layers from the inside out, `+` within a file and `/` between a container and what is
/// compressed inside it: `plain`, `zstd`, `tar+gzip`, `zip/zstd`, `tar+zstd/gzip`, and `zip/tar+gzip/zstd` for a container
/// inside a container.
public struct Packing: Hashable, Sendable, CustomStringConvertible {
    /// The compressions of the file as found, outermost first; almost always none or one.
    public let file: [Compression]

    /// The container below them, if there is one.
    public let container: Container?

    /// The compressions of the member inside the container, outermost first.
    public let member: [Compression]

    /// The container that the member itself is, if it was opened in turn.
    public let inner: Container?

    /// The compressions of the inner container's member, outermost first.
    public let innerMember: [Compression]

    /// A chain of layers, each list outermost first.
    public init(
        file: [Compression] = [], container: Container? = nil, member: [Compression] = [], inner: Container? = nil,
        innerMember: [Compression] = []
    ) {
        self.file = file
        self.container = container
        self.member = member
        self.inner = inner
        self.innerMember = innerMember
    }

    public var description: String {
        func chain(_ container: Container?, _ layers: [Compression]) -> String {
            ([container?.rawValue].compactMap(\.self) + layers.reversed().map(\.rawValue)).joined(separator: "+")
        }
        let outer = chain(container, file)
        return
            ([outer.isEmpty ? "plain" : outer] + [chain(inner, member), chain(nil, innerMember)].filter { !$0.isEmpty })
            .joined(separator: "/")
    }
}
