/// Bounds that keep hostile or broken input from taking all memory or all time.
public struct Limits: Hashable, Sendable {
    /// The longest line that is lent whole, in bytes without its terminator; 1 MiB unless said otherwise.
    public var maxLineBytes: Int

    /// How many bytes one layer of compression may yield for each byte of the file read; 20,000 unless said otherwise.
    ///
    /// Text logs stay below 1,000; a decompression bomb of nested zeros reaches millions.
    public var maxOutputBytesPerInputByte: UInt64

    /// Output below this many bytes is never held against the ratio; 64 MiB unless said otherwise.
    public var freeOutputBytes: UInt64

    /// Limits with the defaults of each property.
    ///
    /// - Precondition: `maxLineBytes` is positive and below 1 GiB, the ratio is positive.
    public init(
        maxLineBytes: Int = 1 << 20,
        maxOutputBytesPerInputByte: UInt64 = 20_000,
        freeOutputBytes: UInt64 = 64 << 20
    ) {
        precondition(maxLineBytes > 0 && maxLineBytes < 1 << 30, "maxLineBytes must be from 1 to 1 GiB")
        precondition(maxOutputBytesPerInputByte > 0, "maxOutputBytesPerInputByte must be positive")
        self.maxLineBytes = maxLineBytes
        self.maxOutputBytesPerInputByte = maxOutputBytesPerInputByte
        self.freeOutputBytes = freeOutputBytes
    }
}
