/// The bytes of log lines, put together without a `String` a field: millions of lines are written with it.
struct LineBytes {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @_disfavoredOverload
    mutating func add(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    mutating func add(_ time: StampText) {
        bytes.append(contentsOf: time.bytes)
    }

    /// A number of 0 or more, with leading zeros up to a width.
    mutating func add(_ number: Int, width: Int = 1) {
        var digits = 1
        var rest = number / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        add(UInt64(number), radix: 10, digits: max(digits, width))
    }

    /// The last hexadecimal digits of a number.
    mutating func add(hex number: UInt64, width: Int) {
        add(number, radix: 16, digits: width)
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    private mutating func add(_ number: UInt64, radix: UInt64, digits: Int) {
        let first = bytes.count
        bytes.append(contentsOf: repeatElement(0x30, count: digits))
        var rest = number
        for place in stride(from: first + digits - 1, through: first, by: -1) {
            let digit = UInt8(rest % radix)
            bytes[place] = digit < 10 ? 0x30 + digit : 0x57 + digit
            rest /= radix
        }
    }
}

/// A time's text (`Instant.text`), of which only what differs from the last one is written anew.
struct StampText {
    private(set) var bytes: [UInt8] = []
    private var day: Instant?

    mutating func set(_ time: Instant) {
        if time.startOfDay != day {
            day = time.startOfDay
            bytes = Array(time.text.utf8)
        }
        let inDay = Int(time.microseconds % .days(1))
        let seconds = inDay / 1_000_000
        // `2019-12-26T03:12:40.000000Z`
        put(seconds / 3600, at: 11, digits: 2)
        put(seconds / 60 % 60, at: 14, digits: 2)
        put(seconds % 60, at: 17, digits: 2)
        put(inDay % 1_000_000, at: 20, digits: 6)
    }

    private mutating func put(_ number: Int, at place: Int, digits: Int) {
        var rest = number
        for index in stride(from: place + digits - 1, through: place, by: -1) {
            bytes[index] = 0x30 + UInt8(rest % 10)
            rest /= 10
        }
    }
}
