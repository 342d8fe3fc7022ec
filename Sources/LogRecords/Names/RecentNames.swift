/// The last value of each field that repeats from line to line (node, client, cache status…), so that it need not be
/// looked up again.
struct RecentNames {
    private static let width = 32
    private var bytes: [UInt8]
    private var lengths: [Int]
    private var numbers: [NameID]

    init(count: Int) {
        bytes = Array(repeating: 0, count: count * Self.width)
        lengths = Array(repeating: -1, count: count)
        numbers = Array(repeating: .absent, count: count)
    }

    /// The number of `name`, if it is the last one kept at `place`.
    func number(of name: UnsafeRawBufferPointer, at place: Int) -> NameID? {
        guard lengths[place] == name.count else { return nil }
        return bytes.withUnsafeBytes { Bytes.areEqual($0, place * Self.width, name) } ? numbers[place] : nil
    }

    /// Keeps a name that is not too long.
    mutating func keep(_ name: UnsafeRawBufferPointer, _ number: NameID, at place: Int) {
        guard name.count <= Self.width else { return }
        lengths[place] = name.count
        numbers[place] = number
        for (offset, byte) in name.enumerated() { bytes[place * Self.width + offset] = byte }
    }
}
