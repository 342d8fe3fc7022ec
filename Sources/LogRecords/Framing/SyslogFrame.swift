/// Syslog messages that say how long they are (RFC 6587 section 3.4.1): `83 <34>1 2003-10-11T22:14:15.003Z …`.
///
/// A message may hold line breaks, and the next one may follow without any.
struct SyslogFrame {
    private var text: [UInt8] = []
    private var missing = 0
    private var first: Int64 = 0

    /// RFC 5425 asks for 8192 at most of every sender; nothing sane sends more than this.
    private static let mostBytes = 1 << 20

    /// The line that a message which did not end began on.
    var unfinished: Int64? { missing > 0 ? first : nil }

    /// The length that stands before a message, and where the message begins; nil if no message begins here.
    static func length(_ bytes: UnsafeRawBufferPointer) -> (count: Int, start: Int)? {
        let digits = bytes.prefix(8).prefix { $0 &- 48 < 10 }
        guard !digits.isEmpty, digits.first != 0x30, digits.count + 1 < bytes.count, bytes[digits.count] == 0x20,
            bytes[digits.count + 1] == UInt8(ascii: "<"), let count = Int(String(decoding: digits, as: UTF8.self)),
            count <= mostBytes
        else { return nil }
        return (count, digits.count + 1)
    }

    /// Takes a line, or what is left of one; returns a message that ends on it, and where the next one begins.
    mutating func take(
        _ bytes: UnsafeRawBufferPointer, number: Int64
    ) throws(ScanFailure) -> (text: [UInt8], first: Int64, rest: Int?)? {
        var start = 0
        if missing == 0 {
            guard let length = Self.length(bytes) else { throw ScanFailure(reason: .patternMismatch, offset: 0) }
            (text, missing, first, start) = ([], length.count, number, length.start)
        } else {
            text.append(0x0a)
            missing -= 1
        }
        let here = min(missing, bytes.count - start)
        text.append(contentsOf: bytes[start..<(start + here)])
        missing -= here
        // A sender may count its message's own line feed.
        if missing == 1, start + here == bytes.count { missing = 0 }
        guard missing <= 0 else { return nil }
        missing = 0
        return (text, first, start + here < bytes.count ? start + here : nil)
    }
}
