/// Bounds that keep hostile or broken input from taking all memory or all time.
///
/// What is met beyond a bound is a ``Damage`` of kind ``Damage/Kind/limit``; a line that is too long is lent as
/// ``LogLine/Extent/tooLong``.
public struct Limits: Hashable, Sendable {
    /// The longest line that is lent whole, in bytes without its terminator; 1 MiB unless said otherwise.
    public var maxLineBytes: Int

    /// How many bytes one layer of compression may yield for each byte of the file read; 20,000 unless said otherwise.
    ///
    /// Text logs stay below 1,000; a decompression bomb of nested zeros reaches millions.
    public var maxOutputBytesPerInputByte: UInt64

    /// Output below this many bytes is never held against the ratio; 64 MiB unless said otherwise.
    public var freeOutputBytes: UInt64

    /// How many bytes one layer of compression, or one member of a container, may yield in all; 1 TiB unless said
    /// otherwise.
    public var maxOutputBytes: UInt64

    /// The largest window that a zstd frame may ask for: so much memory it takes, of each thread that reads; 128 MiB, as
    /// the `zstd` tool has it, unless said otherwise. The other formats' windows are bounded by their libraries: 1 GiB for
    /// xz, a few MiB for the rest.
    public var maxWindowBytes: Int

    /// How many entries a container may have; 100,000 unless said otherwise.
    public var maxEntries: Int

    /// Limits with the defaults of each property.
    ///
    /// - Precondition: `maxLineBytes` is positive and below 1 GiB, the window at least 1 KiB, all others positive.
    public init(
        maxLineBytes: Int = 1 << 20,
        maxOutputBytesPerInputByte: UInt64 = 20_000,
        freeOutputBytes: UInt64 = 64 << 20,
        maxOutputBytes: UInt64 = 1 << 40,
        maxWindowBytes: Int = 128 << 20,
        maxEntries: Int = 100_000
    ) {
        precondition(maxLineBytes > 0 && maxLineBytes < 1 << 30, "maxLineBytes must be from 1 to 1 GiB")
        precondition(maxOutputBytesPerInputByte > 0, "maxOutputBytesPerInputByte must be positive")
        precondition(maxOutputBytes > 0 && maxEntries > 0, "maxOutputBytes and maxEntries must be positive")
        precondition(maxWindowBytes >= 1 << 10, "maxWindowBytes must be at least 1 KiB")
        self.maxLineBytes = maxLineBytes
        self.maxOutputBytesPerInputByte = maxOutputBytesPerInputByte
        self.freeOutputBytes = freeOutputBytes
        self.maxOutputBytes = maxOutputBytes
        self.maxWindowBytes = maxWindowBytes
        self.maxEntries = maxEntries
    }

    /// For reading again what was read before under limits that are not known any more.
    public static let widest = Limits(
        maxLineBytes: (1 << 30) - 1, maxOutputBytesPerInputByte: .max, maxOutputBytes: .max, maxWindowBytes: 2 << 30,
        maxEntries: .max)
}
