/// A compression format, told by its magic bytes.
public enum Compression: String, Hashable, Sendable, CaseIterable {
    case zstd, gzip, xz, bzip2, lz4
}

/// A format that holds several files, told by its magic bytes.
public enum Container: String, Hashable, Sendable, CaseIterable {
    case tar, zip
    /// Recognised so that it is never taken for a log, but not opened.
    case sevenZip = "7z"
}

/// How a member's bytes were wrapped in the file as found.
///
/// Its description names the layers from the inside out, `+` within a file and `/` between a container and what is
/// compressed inside it: `plain`, `zstd`, `tar+gzip`, `zip/zstd`, `tar+zstd/gzip`.
public struct Packing: Hashable, Sendable, CustomStringConvertible {
    /// The compressions of the file as found, outermost first; almost always none or one.
    public let file: [Compression]

    /// The container below them, if there is one.
    public let container: Container?

    /// The compressions of the member inside the container, outermost first.
    public let member: [Compression]

    /// A chain of layers, each list outermost first.
    public init(file: [Compression] = [], container: Container? = nil, member: [Compression] = []) {
        self.file = file
        self.container = container
        self.member = member
    }

    public var description: String {
        let outer = [container?.rawValue].compactMap(\.self) + file.reversed().map(\.rawValue)
        let inner = member.reversed().map(\.rawValue).joined(separator: "+")
        let chain = outer.isEmpty ? "plain" : outer.joined(separator: "+")
        return inner.isEmpty ? chain : "\(chain)/\(inner)"
    }
}
