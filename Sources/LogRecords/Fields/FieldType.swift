import Interning

/// What a value of a line template may hold: `{status:status}`.
///
/// A value that is not of its type does not fit, and with it the line does not: an address never becomes a cache's verdict,
/// nor a time stamp an account. A server writes `-` for most values that it does not have; only `time`, `word` and `digits`
/// take it for what it is, a text.
package enum FieldType: String, Sendable, CaseIterable {
    /// One or more digits.
    case digits
    /// No blank and no quote.
    case word
    /// A time stamp in one of the notations of `Timestamp`.
    case time
    /// A decimal number with or without sign and fraction: `+69`, `-1`, `0.005`.
    case number
    /// A length of time, perhaps with its unit: `0.005`, `120ms`, `1m0.5s`.
    case duration
    /// Seconds with three digits behind the point, as nginx writes all its lengths of time.
    case seconds
    /// A status code of three digits (RFC 9110 section 15); 0, 000 and -1 where there was no answer.
    case status
    /// A cache's verdict: words, never a number or an address.
    case verdict
    /// An IP address without its port: the value is the address alone, whatever brackets and port are around it.
    case address
    /// An IP address and its port, which stands behind the last colon; the value is the address alone.
    case endpoint
    /// An IP address and its port, both of which are the value.
    case socket
    /// One or more IP addresses, as in X-Forwarded-For.
    case addresses
    /// An IP address or a host's name.
    case host
    /// One or more servers of an upstream, each an address with its port.
    case servers
    /// A name, as an account's: no blank, no quote, no bracket, and no IP address.
    case name
    /// A request's method: a token (RFC 9110 section 5.6.2).
    case method
    /// A request's target: it ends at the blank (RFC 9112 section 3).
    case target
    /// A target that is a path, with its query or not (origin form, RFC 9112 section 3.2.1).
    case origin
    /// A protocol and its version: `HTTP/1.1`.
    case `protocol`
    /// What several servers of an upstream answered: `502, 200 : 304` (ngx_http_upstream_module).
    case list
    /// A request or trace identifier in hexadecimal digits, perhaps with hyphens; at least sixteen characters.
    case identifier
    /// The part of a URL in front of its query.
    case path
    /// A segment of a URL's path; it ends by itself, so that no text need follow.
    case segment
    /// The captures of HAProxy between two braces.
    case captures
    /// One of them.
    case capture
    /// Whatever follows: nothing, or a blank and more.
    case rest
    /// What stands up to the next blank or quote; it ends by itself.
    case token
    /// One character; it ends by itself.
    case character
    /// A URL's query with the mark in front of it, or nothing where the URL has none.
    case query

    /// Whether a value of the type says by itself where it ends.
    package var endsByItself: Bool { self == .segment || self == .token || self == .character }

    /// Whether to know that a value is printable ASCII without blanks, quotes and backslashes spares looking through it.
    package var fitsWords: Bool { self == .word || self == .target || self == .origin }
}

extension FieldType {
    /// What a token is made of (RFC 9110 section 5.6.2).
    private static var tokens: ByteSet { .letters + .digits + tokenMarks + otherTokenMarks }
    private static var tokenMarks: ByteSet { ("!" as ByteSet) + "#" + "$" + "%" + "&" + "'" + "*" + "+" }
    private static var otherTokenMarks: ByteSet { ("-" as ByteSet) + "." + "^" + "_" + "`" + "|" + "~" }
    private static var hosts: ByteSet { .letters + .digits + "." + "-" + "_" }
    private static var stamps: ByteSet { .letters + .digits + "-" + "/" + ":" + "+" + "," + "." + " " }
    private static var points: ByteSet { .digits + "." }
    private static var identifiers: ByteSet { .hexDigits + "-" }
    private static var wordEnds: ByteSet { (" " as ByteSet) + "\"" }
    /// One of these is in every IP address.
    private static var addressParts: ByteSet { ("." as ByteSet) + ":" }
    private static var nameEnds: ByteSet { (" " as ByteSet) + "\t" + "\"" + "[" }
    private static var zoneGoesOn: ByteSet { .letters + .digits + "." + ":" }

    private static func isAbsent(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.isEmpty || bytes.count == 1 && bytes[0] == UInt8(ascii: "-")
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    // MARK: Fitting

    /// The part of the value that is of the type; nil if none is.
    ///
    /// - Parameters:
    ///   - value: all that stands up to the text behind it.
    ///   - isWord: whether it is known to be printable ASCII without blanks, quotes and backslashes.
    package func value(of value: UnsafeRawBufferPointer, isWord: Bool = false) -> Range<Int>? {
        switch self {
        case .address, .endpoint:
            Self.isAbsent(value) ? 0..<value.count : IPAddress.place(in: value, hasPort: self == .endpoint)
        case .socket:
            IPAddress.place(in: value, hasPort: true) == nil ? nil : 0..<value.count
        // mod_log_config writes two quotes for a user of no name.
        case .name where value.count == 2 && value[0] == UInt8(ascii: "\"") && value[1] == UInt8(ascii: "\""): 1..<1
        case .host where value.first == UInt8(ascii: "["): IPAddress.place(in: value, hasPort: false)
        default: fits(value, isWord) ? 0..<value.count : nil
        }
    }

    private func fits(_ value: UnsafeRawBufferPointer, _ isWord: Bool) -> Bool {
        switch self {
        case .digits: return !value.isEmpty && ByteSet.digits.containsAll(of: value)
        case .word: return !value.isEmpty && (isWord || !Self.wordEnds.containsAny(of: value))
        case .time: return Self.isTime(value)
        case .method: return !value.isEmpty && Self.tokens.containsAll(of: value)
        case .target: return !value.isEmpty && (isWord || !Self.endsTarget(value))
        case .origin:
            guard let first = value.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "*") && value.count == 1
            else { return false }
            return isWord || !Self.endsTarget(value)
        case .path: return Bytes.index(of: UInt8(ascii: "?"), in: value) == nil
        case .rest: return value.isEmpty || Self.isBlank(value[0])
        case .query: return value.isEmpty || value[0] == UInt8(ascii: "?") && !Self.endsTarget(value)
        case .captures: return !value.contains { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }
        case .capture: return !value.contains(UInt8(ascii: "|"))
        case .character: return value.count == 1
        case .segment, .token: return !value.isEmpty
        default: return Self.isAbsent(value) || isPresent(value)
        }
    }

    /// Whether a value that is there is of the type, one of those that a server may leave out.
    private func isPresent(_ value: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .number: return Self.isNumber(value)
        case .duration: return LoggedDuration(bytes: value, unit: .seconds) != nil || Self.isNumber(value)
        case .seconds:
            return value.count >= 5 && value[value.count - 4] == UInt8(ascii: ".")
                && Bytes.index(of: UInt8(ascii: "."), in: value) == value.count - 4
                && Self.points.containsAll(of: value)
        case .status: return Self.isStatus(value)
        case .verdict: return Self.isVerdict(value)
        case .addresses:
            // A proxy that does not know says so (RFC 7239 section 6).
            return Self.pieces(value) {
                IPAddress.place(in: $0, hasPort: false) == 0..<$0.count || Self.isAbsent($0)
                    || $0.elementsEqual("unknown".utf8)
            }
        case .servers:
            return Self.pieces(value) { piece in
                guard let place = IPAddress.place(in: piece, hasPort: true) else { return Self.isAbsent(piece) }
                return place != 0..<piece.count || piece[0] == UInt8(ascii: "u")
            }
        case .host:
            return Self.hosts.containsAll(of: value)
                || IPAddress.place(in: value, hasPort: false) != nil
        case .name:
            return !Self.nameEnds.containsAny(of: value)
                && !(Self.addressParts.containsAny(of: value) && IPAddress.place(in: value, hasPort: false) != nil)
        case .protocol: return Self.isProtocol(value)
        case .list: return Bytes.index(of: UInt8(ascii: "\""), in: value) == nil
        case .identifier: return value.count >= 16 && Self.identifiers.containsAll(of: value)
        default: return true
        }
    }

    private static func isNumber(_ value: UnsafeRawBufferPointer) -> Bool {
        let start = value[0] == UInt8(ascii: "-") || value[0] == UInt8(ascii: "+") ? 1 : 0
        var points = 0
        for index in start..<value.count {
            if value[index] == UInt8(ascii: ".") { points += 1 } else if value[index] &- 48 >= 10 { return false }
        }
        return points <= 1 && value.count - start - points > 0
    }

    private static func isStatus(_ value: UnsafeRawBufferPointer) -> Bool {
        if value.count == 3 { return value[0] &- 48 < 10 && value[1] &- 48 < 10 && value[2] &- 48 < 10 }
        return value.count == 1 && value[0] == UInt8(ascii: "0") || value.elementsEqual("-1".utf8)
    }

    /// Words, the first of which begins with a letter (`HIT from proxy.test`), or a Cache-Status field (RFC 9211), whose
    /// caches may have a name in quotes.
    private static func isVerdict(_ value: UnsafeRawBufferPointer) -> Bool {
        let first = value[0]
        guard
            ByteSet.letters.contains(first) || first == UInt8(ascii: "\"") || first == UInt8(ascii: "\\")
                || first == UInt8(ascii: "<")
        else { return false }
        return !(addressParts.containsAny(of: value) && IPAddress.place(in: value, hasPort: false) != nil)
            && !holdsOtherParts(value)
    }

    /// Whether other parts of a line are behind a verdict: a dash for a value that is not there, or a bracket. Neither is a word of
    /// a cache's.
    private static func holdsOtherParts(_ value: UnsafeRawBufferPointer) -> Bool {
        guard var blank = Bytes.index(of: 0x20, in: value), Bytes.index(of: UInt8(ascii: "\""), in: value) == nil else {
            return false
        }
        while true {
            let next = Bytes.index(of: 0x20, in: value, from: blank + 1)
            let word = value[(blank + 1)..<(next ?? value.count)]
            if word.first == UInt8(ascii: "[") || word.elementsEqual("-".utf8) { return true }
            guard let next else { return false }
            blank = next
        }
    }

    /// Whether a byte is in it at which a target ends. Targets are long, and all but a few bytes of them are none.
    private static func endsTarget(_ value: UnsafeRawBufferPointer) -> Bool {
        if Bytes.index(of: 0x20, in: value) != nil || Bytes.index(of: 0x09, in: value) != nil { return true }
        // One that the log escapes was the client's: it is a part of the target, wrong as it is.
        var quote = Bytes.index(of: UInt8(ascii: "\""), in: value)
        while let place = quote {
            if place == 0 || value[place - 1] != UInt8(ascii: "\\") { return true }
            quote = Bytes.index(of: UInt8(ascii: "\""), in: value, from: place + 1)
        }
        return false
    }

    /// Whether it is `HTTP/1.0` or `HTTP/1.1`, as nearly all are.
    private static func isHTTP1(_ value: UnsafeRawBufferPointer) -> Bool {
        guard value.count == 8 else { return false }
        let text = UInt64(littleEndian: value.loadUnaligned(as: UInt64.self))
        // "HTTP/1." from the last byte to the first, and behind it 0 or 1.
        return text & 0x00ff_ffff_ffff_ffff == 0x2e_312f_5054_5448 && text >> 57 == 0x18
    }

    private static func isProtocol(_ value: UnsafeRawBufferPointer) -> Bool {
        if isHTTP1(value) { return true }
        guard let slash = value.firstIndex(of: UInt8(ascii: "/")), slash > 0, slash + 1 < value.count else {
            return false
        }
        return hosts.containsAll(of: UnsafeRawBufferPointer(rebasing: value[..<slash]))
            && points.containsAll(of: UnsafeRawBufferPointer(rebasing: value[(slash + 1)...]))
    }

    /// Whether all pieces between commas fit, without the blanks around them.
    private static func pieces(_ value: UnsafeRawBufferPointer, fit: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).allSatisfy { piece in
            var piece = piece.drop(while: Self.isBlank)
            while let last = piece.last, isBlank(last) { piece = piece.dropLast() }
            return fit(UnsafeRawBufferPointer(rebasing: piece))
        }
    }

    /// What only looks like a time stamp fits too, and is refused with a reason of its own when the record is made.
    private static func isTime(_ value: UnsafeRawBufferPointer) -> Bool {
        guard (8...40).contains(value.count) else { return false }
        if isCommonLogTime(value) { return true }
        guard stamps.containsAll(of: value) else { return false }
        // A date or an epoch number begins with a digit, a stamp as syslog writes it with a month's name.
        guard value[0] &- 48 < 10 || Timestamp.month(ofStampWithoutYear: value) != nil else { return false }
        // An IPv4 address has three points.
        guard let point = Bytes.index(of: UInt8(ascii: "."), in: value) else { return true }
        return Bytes.index(of: UInt8(ascii: "."), in: value, from: point + 1) == nil
    }

    /// Whether it is punctuated as `26/Dec/2019:11:05:00 +0000`, which nothing else is.
    private static func isCommonLogTime(_ value: UnsafeRawBufferPointer) -> Bool {
        value.count == 26 && value[0] &- 48 < 10 && value[2] == UInt8(ascii: "/") && value[6] == UInt8(ascii: "/")
            && value[11] == UInt8(ascii: ":") && value[14] == UInt8(ascii: ":") && value[17] == UInt8(ascii: ":")
            && value[20] == 0x20
    }

    // MARK: Where a value ends

    /// Whether the value goes on behind a blank at that place: a list behind its comma, a time stamp before its zone or
    /// its time of day. So may an IPv6 address behind a colon.
    ///
    /// - Parameter start: where the value begins.
    package func goesOn(_ line: UnsafeRawBufferPointer, from start: Int, at blank: Int) -> Bool {
        switch self {
        case .list, .addresses, .servers:
            guard blank > start else { return false }
            let before = line[blank - 1]
            return before == UInt8(ascii: ",")
                || before == UInt8(ascii: ":") && blank - start >= 2 && line[blank - 2] == 0x20
                || line.count > blank + 2 && line[blank + 1] == UInt8(ascii: ":") && line[blank + 2] == 0x20
        case .time:
            let isDate =
                blank - start == 10 && line.count > blank + 8 && !ByteSet.letters.contains(line[start])
                && line[blank + 1] &- 48 < 10 && line[blank + 3] == UInt8(ascii: ":")
            return isDate || Self.isZone(line, at: blank + 1)
        // `HIT from proxy.test`, `MISS, HIT`.
        case .verdict:
            guard blank > start else { return false }
            let (before, behind) = (line[blank - 1], line.count > blank + 1 ? line[blank + 1] : 0)
            return before == UInt8(ascii: ",")
                || behind == UInt8(ascii: "f") && line.count > blank + 2 && line[blank + 2] == UInt8(ascii: "r")
                    && line[(blank + 1)...].starts(with: "from ".utf8)
                || before == UInt8(ascii: "m") && blank - start > 5
                    && line[..<blank].suffix(5).elementsEqual(" from".utf8)
        // The port stands behind the last colon.
        case .address, .host:
            return line[blank] == UInt8(ascii: ":") && IPAddress.holds(colonAt: blank, line, from: start)
        default: return false
        }
    }

    /// `+0100` with a blank, a bracket or the end behind it.
    private static func isZone(_ line: UnsafeRawBufferPointer, at start: Int) -> Bool {
        guard line.count >= start + 5, line[start] == UInt8(ascii: "+") || line[start] == UInt8(ascii: "-") else {
            return false
        }
        guard line[(start + 1)..<(start + 5)].allSatisfy({ $0 &- 48 < 10 }) else { return false }
        return line.count == start + 5 || !zoneGoesOn.contains(line[start + 5])
    }

    /// Where a value that says so by itself ends, if it begins there.
    package func end(_ line: UnsafeRawBufferPointer, from start: Int) -> Int {
        if self == .character { return min(start + 1, line.count) }
        var end = start
        while end < line.count {
            switch line[end] {
            case UInt8(ascii: "\""), 0x20: return end
            case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: ";"):
                if self == .segment { return end }
            default: break
            }
            end += 1
        }
        return end
    }
}
