/// How the columns of a block stand in its body: whole numbers that are small in most rows, and that compress well.
///
/// A column is its field's number, a byte that says how it stands, and its base, both variable in length; then, for as many
/// bytes as the largest number takes, the lowest byte of all rows, the next byte of all rows, and so on. What all rows have
/// alike takes no bytes.
enum ColumnCode {
    /// The value of a row that does not have the member.
    static let absent = Int64.min
    /// In the byte that says how a column stands: each row's number is the difference to the last one's, zigzag.
    static let isDelta: UInt8 = 0x10
    /// There: 0 stands for a row without the member, and all else is one more than it is above the base.
    static let hasAbsent: UInt8 = 0x20

    static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        var left = number
        while left >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: left) | 0x80)
            left >>= 7
        }
        bytes.append(UInt8(left))
    }

    static func zigzag(_ number: Int64) -> UInt64 { UInt64(bitPattern: number << 1 ^ number >> 63) }
    static func number(zigzag: UInt64) -> Int64 { Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1) }

    /// Appends a column.
    static func append(_ values: [Int64], of field: ExchangeField, to bytes: inout [UInt8]) {
        var (least, most, isSparse) = (Int64.max, Int64.min, false)
        for value in values {
            if value == absent {
                isSparse = true
            } else {
                least = min(least, value)
                most = max(most, value)
            }
        }
        // A column of which no row has anything is not there at all.
        guard most != Int64.min else { return }
        append(UInt64(field.rawValue), to: &bytes)
        var raw = [UInt64](repeating: 0, count: values.count)
        let above: UInt64 = isSparse ? 1 : 0
        for (row, value) in values.enumerated() where value != absent {
            raw[row] = UInt64(bitPattern: value &- least) &+ above
        }
        var code: UInt8 = isSparse ? hasAbsent : 0
        if let deltas = deltas(raw) {
            raw = deltas
            code |= isDelta
        }
        let width = (64 - raw.reduce(0) { $0 | $1 }.leadingZeroBitCount + 7) / 8
        bytes.append(code | UInt8(width))
        append(zigzag(least), to: &bytes)
        for plane in 0..<width {
            let shift = UInt64(8 * plane)
            bytes.append(contentsOf: raw.lazy.map { UInt8(truncatingIfNeeded: $0 >> shift) })
        }
    }

    /// The differences of neighbours, zigzag, if they are smaller on the whole.
    private static func deltas(_ raw: [UInt64]) -> [UInt64]? {
        var deltas = [UInt64](repeating: 0, count: raw.count)
        var (plain, different, last) = (0, 0, UInt64(0))
        for (row, number) in raw.enumerated() {
            let delta = zigzag(Int64(bitPattern: number &- last))
            deltas[row] = delta
            plain += 64 - number.leadingZeroBitCount
            different += 64 - delta.leadingZeroBitCount
            last = number
        }
        return different < plain ? deltas : nil
    }
}

/// Reads the body of a block from its beginning; what is not there is a problem and no trap.
struct BodyReader {
    let bytes: [UInt8]
    private(set) var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    mutating func byte() throws(ExchangeProblem) -> UInt8 {
        guard place < bytes.count else { throw ExchangeProblem("a block ends before its end") }
        defer { place += 1 }
        return bytes[place]
    }

    mutating func number() throws(ExchangeProblem) -> UInt64 {
        var (number, shift) = (UInt64(0), UInt64(0))
        while true {
            let byte = try byte()
            guard shift < 63 || byte <= 1 else { throw ExchangeProblem("a number in a block is too large") }
            number |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return number }
            shift += 7
            guard shift < 64 else { throw ExchangeProblem("a number in a block is too large") }
        }
    }

    /// A number of things that take a byte each at least, so that there can be no more of them than bytes.
    mutating func count() throws(ExchangeProblem) -> Int {
        let number = try number()
        guard number <= UInt64(bytes.count - place) else { throw ExchangeProblem("a block ends before its end") }
        return Int(number)
    }

    /// Where so many bytes begin, which are passed over.
    mutating func skip(_ count: Int) throws(ExchangeProblem) -> Int {
        guard count >= 0, count <= bytes.count - place else {
            throw ExchangeProblem("a block ends before its end")
        }
        defer { place += count }
        return place
    }
}
