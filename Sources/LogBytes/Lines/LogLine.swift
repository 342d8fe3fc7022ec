/// Where a line stands and how much of it there is; its bytes are lent beside it.
public struct LogLine: Hashable, Sendable {
    /// Whether a line's bytes are all there.
    public enum Extent: Hashable, Sendable {
        /// The bytes lent are the line.
        case whole
        /// The line is longer than ``Limits/maxLineBytes``; its first 4 KiB are lent.
        case tooLong
        /// Damage ended the member inside the line, or right at its end; what precedes the damage is lent.
        ///
        /// A field at its end may be cut, so that an account `12345` reads as `123`.
        case cut
    }

    /// The line's number within its member, from 1.
    public let number: UInt64

    /// The line's first byte, counted from 0 in the member's decoded bytes, a byte order mark included.
    public let offset: UInt64

    /// The line's length in bytes, without `\n`, `\r\n` or `\r`, also if only its beginning is lent.
    public let byteCount: UInt64

    /// Whether the bytes lent are the whole line.
    public let extent: Extent

    /// Where NULs stand in or at the line that is none of it.
    public enum Hole: Hashable, Sendable {
        case none
        /// They follow: what they stand in place of may have been the line's end.
        case behind
        /// They stand between it and another text before them: what they stand in place of may have been its beginning.
        case before
        /// It lies between two holes, or has some inside.
        case around
    }

    /// Where NULs stand at the line: a hole that a writer left, or blocks that a crash left without their bytes. NULs at the
    /// beginning of a line are none: the line behind them is whole.
    public let hole: Hole

    /// Whether a line feed follows, or a carriage return; the last line of a member may have none, whether it was written so or is being written
    /// yet.
    public let hasLineFeed: Bool
}
