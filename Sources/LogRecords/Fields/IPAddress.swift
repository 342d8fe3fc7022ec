#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// IP addresses as logs write them: with a port or without, IPv6 in brackets or not.
enum IPAddress {
    /// Where the address itself stands in the value; nil if the value is none.
    ///
    /// - Parameter hasPort: whether a port follows: it stands behind the last colon, also where IPv6 has no brackets. If not,
    ///   only an IPv4 address or one in brackets may have one, for `2001:db8::17:80` cannot be told from an address.
    static func place(in value: UnsafeRawBufferPointer, hasPort: Bool) -> Range<Int>? {
        guard let first = value.first else { return nil }
        if first == UInt8(ascii: "[") { return bracketed(value) }
        if first == UInt8(ascii: "u"), value.starts(with: "unix:".utf8) { return 0..<value.count }
        let colon = value.lastIndex(of: UInt8(ascii: ":"))
        guard let colon else { return isVersion4(value) ? 0..<value.count : nil }
        let before = UnsafeRawBufferPointer(rebasing: value[..<colon])
        let isPort = (2...6).contains(value.count - colon) && areDigits(value[(colon + 1)...])
        if isPort, isVersion4(before) { return 0..<colon }
        if hasPort, isPort, isVersion6(before) { return 0..<colon }
        return !hasPort && isVersion6(value) ? 0..<value.count : nil
    }

    /// Whether a colon in an IPv6 address is one of its own, and not the one in front of its port: whether an address goes on
    /// behind it up to a later colon.
    static func holds(colonAt colon: Int, _ line: UnsafeRawBufferPointer, from start: Int) -> Bool {
        if line[start] == UInt8(ascii: "[") { return !line[start..<colon].contains(UInt8(ascii: "]")) }
        var end = colon
        while end < line.count, end - start < 64, hexValue(line[end]) != nil || line[end] == UInt8(ascii: ":") {
            if end > colon, line[end] == UInt8(ascii: ":"),
                isVersion6(UnsafeRawBufferPointer(rebasing: line[start..<end]))
            {
                return true
            }
            end += 1
        }
        return false
    }

    /// Calls `body` with what is the same in every spelling of an address: the text of IPv4, also where it is mapped into IPv6
    /// (`::ffff:192.0.2.1`, RFC 4291 section 2.5.5.2), or the sixteen bytes of IPv6, without a port or a zone.
    static func withCanonicalBytes<Result>(
        of value: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        guard value.contains(UInt8(ascii: ":")), let place = place(in: value, hasPort: false) else {
            return body(value)
        }
        let address = UnsafeRawBufferPointer(rebasing: value[place]).prefix { $0 != UInt8(ascii: "%") }
        guard address.contains(UInt8(ascii: ":")), address.count < longest else {
            return body(UnsafeRawBufferPointer(rebasing: address))
        }
        return withUnsafeTemporaryAllocation(byteCount: longest + 16, alignment: 8) { room in
            room.initializeMemory(as: UInt8.self, repeating: 0)
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: address))
            let bytes = UnsafeMutableRawBufferPointer(rebasing: room[longest..<(longest + 16)])
            guard let text = room.baseAddress, let start = bytes.baseAddress,
                inet_pton(AF_INET6, text.assumingMemoryBound(to: CChar.self), start) == 1
            else { return body(UnsafeRawBufferPointer(rebasing: address)) }
            guard bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff else {
                return body(UnsafeRawBufferPointer(bytes))
            }
            var version4 = bytes[12...].map { String($0) }.joined(separator: ".")
            return version4.withUTF8 { body(UnsafeRawBufferPointer($0)) }
        }
    }

    /// More bytes than an address has, with the zero behind it.
    private static let longest = 64

    /// `[2001:db8::17]:443`.
    private static func bracketed(_ value: UnsafeRawBufferPointer) -> Range<Int>? {
        guard let end = value.firstIndex(of: UInt8(ascii: "]")),
            isVersion6(UnsafeRawBufferPointer(rebasing: value[1..<end])),
            end + 1 == value.count || value[end + 1] == UInt8(ascii: ":") && areDigits(value[(end + 2)...])
        else { return nil }
        return 1..<end
    }

    private static func areDigits(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        bytes.allSatisfy { $0 &- 48 < 10 }
    }

    private static func isVersion4(_ value: UnsafeRawBufferPointer) -> Bool {
        guard (7...15).contains(value.count) else { return false }
        var (points, digits, part) = (0, 0, 0)
        for byte in value {
            if byte == UInt8(ascii: ".") {
                guard digits > 0 else { return false }
                (points, digits, part) = (points + 1, 0, 0)
            } else {
                guard byte &- 48 < 10, digits < 3 else { return false }
                (digits, part) = (digits + 1, part * 10 + Int(byte &- 48))
                guard part < 256 else { return false }
            }
        }
        return points == 3 && digits > 0
    }

    /// Groups of up to four hexadecimal digits (RFC 4291 section 2.2), perhaps with a zone (RFC 4007) or an IPv4 address at
    /// the end.
    private static func isVersion6(_ value: UnsafeRawBufferPointer) -> Bool {
        let address = value.prefix { $0 != UInt8(ascii: "%") }
        guard (2...45).contains(address.count) else { return false }
        var (colons, digits) = (0, 0)
        var isShort = false
        var index = address.startIndex
        while index < address.endIndex {
            let byte = address[index]
            if byte == UInt8(ascii: ":") {
                if index > address.startIndex, address[index - 1] == byte {
                    guard !isShort else { return false }
                    isShort = true
                }
                (colons, digits) = (colons + 1, 0)
            } else if byte == UInt8(ascii: ".") {
                guard let last = address.lastIndex(of: UInt8(ascii: ":")) else { return false }
                return colons >= 2 && isVersion4(UnsafeRawBufferPointer(rebasing: address[(last + 1)...]))
            } else {
                guard hexValue(byte) != nil, digits < 4 else { return false }
                digits += 1
            }
            index += 1
        }
        return isShort ? (2...8).contains(colons) : colons == 7
    }
}
