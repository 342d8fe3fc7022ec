/// A log inside a file as found, open for reading its lines once; lent for the duration of a closure.
public struct LogMember: ~Copyable {
    /// How many bytes ``peek(_:)`` lends at most.
    public static let maxPeekBytes = 64 << 10

    /// The member's name in its container, for display only: it may be absolute or hold `..`; `nil` if the file itself
    /// is the member.
    public let name: String?

    /// The layers around the member's bytes.
    public let packing: Packing

    /// How many of its bytes have been decoded; all, once the last line was lent.
    public var byteCount: UInt64 { reader.decodedBytes }

    let reader: LineReader

    /// Lends the decoded bytes that come next, up to 64 KiB, without reading them; a byte order mark is left out.
    ///
    /// Before the first line these are the member's beginning, by which its format is recognised. The span is valid
    /// during the closure only.
    public mutating func peek<Result>(_ body: (_ bytes: RawSpan) throws -> Result) rethrows -> Result {
        try reader.peek(Self.maxPeekBytes, body)
    }

    /// Lends as many of the bytes that come next, or as many as there are and there is room for, without reading them.
    public mutating func peek<Result>(
        upTo count: Int, _ body: (_ bytes: RawSpan) throws -> Result
    ) rethrows -> Result {
        try reader.peek(count, body)
    }

    /// Lends each line in turn, as `forEachLine` does, and parts of it again where it holds several records; each part counts
    /// as a line, so that a record has a number of its own.
    public mutating func forEachRecord(
        _ body: (_ bytes: RawSpan, _ line: LogLine) throws -> LineUse
    ) rethrows {
        try reader.forEachRecord(body)
    }

    /// Lends each line in turn, without its `\n` or `\r\n`, until the closure returns `false`.
    ///
    /// Empty lines are lent too; a last line needs no `\n`. A later call goes on with the line after the last one lent.
    /// The span is valid during the closure only. Damage ends the lines; it stands in the ``MemberOutcome``.
    public mutating func forEachLine(
        _ body: (_ bytes: RawSpan, _ line: LogLine) throws -> Bool
    ) rethrows {
        try reader.forEachRecord { try body($0, $1) ? .next : .stop }
    }
}
