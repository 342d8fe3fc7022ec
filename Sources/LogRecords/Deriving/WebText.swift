/// What URLs, queries and Cookie header fields hold, as bytes: a log may have cut or broken any of them, so nothing here
/// fails, and what cannot be read is left as it stands.
enum WebText {
    private static func hex(_ text: some RandomAccessCollection<UInt8>) -> UInt8? {
        guard text.count == 2, let first = text.first, let last = text.last, let high = hexValue(first),
            let low = hexValue(last)
        else { return nil }
        return high << 4 | low
    }

    /// `%41` is `A` (RFC 3986 section 2.1). A `%` without two digits stays.
    static func percentDecoded(
        _ text: [UInt8], plusIsBlank: Bool = false, mark: UInt8 = UInt8(ascii: "%")
    ) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            if text[index] == mark, index + 2 < text.count, let byte = hex(text[(index + 1)...(index + 2)]) {
                result.append(byte)
                index += 3
            } else {
                result.append(plusIsBlank && text[index] == UInt8(ascii: "+") ? 0x20 : text[index])
                index += 1
            }
        }
        return result
    }

    /// The first parameter of that name in a URL's query; a text without `?` is taken for a query itself.
    static func parameter(_ name: [UInt8], ofQuery text: [UInt8]) -> [UInt8]? {
        var query = text[...]
        if let mark = query.firstIndex(of: UInt8(ascii: "?")) { query = query[(mark + 1)...] }
        if let end = query.firstIndex(of: UInt8(ascii: "#")) { query = query[..<end] }
        for pair in query.split(whereSeparator: { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: ";") }) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, percentDecoded(Array(parts[0]), plusIsBlank: true) == name else { continue }
            return percentDecoded(Array(parts[1]), plusIsBlank: true)
        }
        return nil
    }

    /// The first cookie of that name; quotes around its value are not part of it (RFC 6265 section 4.1.1).
    static func cookie(_ name: [UInt8], of text: [UInt8]) -> [UInt8]? {
        for pair in text.split(separator: UInt8(ascii: ";")) {
            let pair = pair.drop { $0 == 0x20 }
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].elementsEqual(name) else { continue }
            var value = parts[1]
            while value.last == 0x20 { value.removeLast() }
            if value.count >= 2, value.first == UInt8(ascii: "\""), value.last == UInt8(ascii: "\"") {
                value = value.dropFirst().dropLast()
            }
            return Array(value)
        }
        return nil
    }

    /// The URL as RFC 3986 section 6.2.2 and 6.2.3 would have it: scheme and host in lower case, no default port, `/`
    /// for an empty path, escapes of unreserved characters undone and the others in capitals, no fragment.
    static func normalizedURL(_ text: [UInt8]) -> [UInt8] {
        var rest = text[...]
        if let fragment = rest.firstIndex(of: UInt8(ascii: "#")) { rest = rest[..<fragment] }
        var result: [UInt8] = []
        if let authority = authority(of: rest) {
            let scheme = lowercase(rest[rest.startIndex..<(authority.lowerBound - 3)])
            var host = lowercase(rest[authority])
            let port: String? =
                scheme.elementsEqual("http".utf8) ? ":80" : scheme.elementsEqual("https".utf8) ? ":443" : nil
            if let port, host.reversed().starts(with: port.utf8.reversed()) { host.removeLast(port.utf8.count) }
            result = scheme + Array("://".utf8) + host
            rest = rest[authority.upperBound...]
            if rest.first != UInt8(ascii: "/") { result.append(UInt8(ascii: "/")) }
        }
        appendEscapesNormalized(rest, to: &result)
        return result
    }

    /// Where host and port stand in an absolute URL.
    private static func authority(of text: ArraySlice<UInt8>) -> Range<Int>? {
        let mark = Array("://".utf8)
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")), colon > text.startIndex,
            text[colon...].starts(with: mark),
            text[..<colon].allSatisfy({ ($0 | 0x20) &- 0x61 < 26 || $0 &- 48 < 10 || $0 == 0x2b || $0 == 0x2d })
        else { return nil }
        let start = colon + mark.count
        let end = text[start...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
        return start..<(end ?? text.endIndex)
    }

    private static func lowercase(_ text: ArraySlice<UInt8>) -> [UInt8] {
        text.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte &- 48 < 10 || "-._~".utf8.contains(byte)
    }

    private static func appendEscapesNormalized(_ text: ArraySlice<UInt8>, to result: inout [UInt8]) {
        var index = text.startIndex
        while index < text.endIndex {
            guard text[index] == UInt8(ascii: "%"), index + 2 < text.endIndex,
                let byte = hex(text[(index + 1)...(index + 2)])
            else {
                result.append(text[index])
                index += 1
                continue
            }
            if isUnreserved(byte) {
                result.append(byte)
            } else {
                let digits = Array("0123456789ABCDEF".utf8)
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
            index += 3
        }
    }
}
