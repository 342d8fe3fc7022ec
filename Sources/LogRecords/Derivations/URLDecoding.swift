import Interning

/// What URLs, queries and Cookie header fields hold, as bytes: a log may have cut or broken any of them, so nothing here
/// fails, and what cannot be read is left as it stands.
enum URLDecoding {
    // MARK: Escapes

    /// `%41` is `A` (RFC 3986 section 2.1). A `%` without two digits stays.
    ///
    /// - Parameter result: room for as many bytes as `text` has.
    /// - Returns: how many bytes were written.
    static func decodePercent(
        _ text: UnsafeRawBufferPointer, plusIsBlank: Bool = false, mark: UInt8 = UInt8(ascii: "%"),
        into result: UnsafeMutableRawBufferPointer
    ) -> Int {
        var (index, count) = (0, 0)
        while index < text.count {
            var byte = text[index]
            if byte == mark, let escaped = escaped(text, index) {
                byte = escaped
                index += 3
            } else {
                if plusIsBlank, byte == UInt8(ascii: "+") { byte = 0x20 }
                index += 1
            }
            result[count] = byte
            count += 1
        }
        return count
    }

    /// The byte that two digits behind `index` stand for.
    @inline(__always)
    private static func escaped(_ text: UnsafeRawBufferPointer, _ index: Int) -> UInt8? {
        guard index + 2 < text.count, let high = hexValue(text[index + 1]), let low = hexValue(text[index + 2]) else {
            return nil
        }
        return high << 4 | low
    }

    /// Whether a parameter's name or value is written with escapes.
    static func isFormEncoded(_ text: UnsafeRawBufferPointer) -> Bool {
        text.contains { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }
    }

    // MARK: Parameters

    /// Where the first parameter of that name has its value in a URL's query, escapes and all; a text without `?` that is no
    /// path and no URL is taken for a query itself: a parameter of a path's segment (`/cam-a;account=bob/snap`, RFC 3986
    /// section 3.3) is none of a query. A query ends at `#` (RFC 3986 section 3.4), and at a blank, where a request's target ends (RFC 9112
    /// section 3).
    ///
    /// - Parameter last: the end of the parameter behind which to look.
    static func parameter(
        _ name: [UInt8], ofQuery text: UnsafeRawBufferPointer, behind last: Int? = nil
    ) -> Range<Int>? {
        let mark = last == nil ? Bytes.index(of: UInt8(ascii: "?"), in: text) : nil
        if last == nil, mark == nil, text.first == UInt8(ascii: "/") || authority(of: text) != nil { return nil }
        var start = last.map { $0 + 1 } ?? mark.map { $0 + 1 } ?? 0
        // What ended the parameter may end the query.
        let open = last ?? start
        let fragment = Bytes.index(of: UInt8(ascii: "#"), in: text, from: open) ?? text.count
        let query = UnsafeRawBufferPointer(
            rebasing: text[..<min(fragment, Bytes.index(of: 0x20, in: text, from: open) ?? text.count)])
        while start < query.count {
            var (equals, end) = (-1, start)
            while end < query.count, query[end] != UInt8(ascii: "&"), query[end] != UInt8(ascii: ";") {
                if equals < 0, query[end] == UInt8(ascii: "=") { equals = end }
                end += 1
            }
            if equals >= 0, isName(name, UnsafeRawBufferPointer(rebasing: query[start..<equals])) {
                return (equals + 1)..<end
            }
            start = end + 1
        }
        return nil
    }

    private static func isName(_ name: [UInt8], _ written: UnsafeRawBufferPointer) -> Bool {
        guard written.count >= name.count else { return false }
        guard isFormEncoded(written) else { return Bytes.areEqual(written, name) }
        return withUnsafeTemporaryAllocation(byteCount: written.count, alignment: 1) { room in
            let count = decodePercent(written, plusIsBlank: true, into: room)
            return Bytes.areEqual(UnsafeRawBufferPointer(rebasing: room[..<count]), name)
        }
    }

    /// Where the first cookie of that name has its value; quotes around it are not part of it (RFC 6265 section 4.1.1).
    static func cookie(_ name: [UInt8], of text: UnsafeRawBufferPointer) -> Range<Int>? {
        var start = 0
        while start < text.count {
            let end = Bytes.index(of: UInt8(ascii: ";"), in: text, from: start) ?? text.count
            // CloudFront encodes the blank before a cookie, in older logs twice.
            while start < end {
                if text[start] == 0x20 {
                    start += 1
                } else if text[start..<end].starts(with: "%20".utf8) {
                    start += 3
                } else {
                    break
                }
            }
            let equals = start + name.count
            if equals < end, text[equals] == UInt8(ascii: "="),
                Bytes.areEqual(UnsafeRawBufferPointer(rebasing: text[start..<equals]), name)
            {
                return unquoted((equals + 1)..<end, text)
            }
            start = end + 1
        }
        return nil
    }

    private static func unquoted(_ place: Range<Int>, _ text: UnsafeRawBufferPointer) -> Range<Int> {
        var (start, end) = (place.lowerBound, place.upperBound)
        while end > start, text[end - 1] == 0x20 { end -= 1 }
        if end - start >= 2, text[start] == UInt8(ascii: "\""), text[end - 1] == UInt8(ascii: "\"") {
            (start, end) = (start + 1, end - 1)
        }
        return start..<end
    }

    // MARK: URLs

    /// The URL as RFC 3986 section 6.2.2 and 6.2.3 would have it: scheme and host in lower case, no default port, `/`
    /// for an empty path, escapes of unreserved characters undone and the others in capitals, no fragment.
    ///
    /// - Parameter result: room for one byte more than `text` has.
    /// - Returns: how many bytes were written.
    static func normalizeURL(_ text: UnsafeRawBufferPointer, into result: UnsafeMutableRawBufferPointer) -> Int {
        let url = UnsafeRawBufferPointer(
            rebasing: text[..<(Bytes.index(of: UInt8(ascii: "#"), in: text) ?? text.count)])
        var (index, count) = (0, 0)
        if let authority = authority(of: url) {
            while count < authority.upperBound {
                result[count] = lowercase(url[count])
                count += 1
            }
            index = count
            let scheme = UnsafeRawBufferPointer(rebasing: result[..<(authority.lowerBound - 3)])
            let port = scheme.elementsEqual("http".utf8) ? ":80" : scheme.elementsEqual("https".utf8) ? ":443" : ""
            let host = result[authority]
            if !port.isEmpty, host.count >= port.utf8.count, host.suffix(port.utf8.count).elementsEqual(port.utf8) {
                count -= port.utf8.count
            }
            if index == url.count || url[index] != UInt8(ascii: "/") {
                result[count] = UInt8(ascii: "/")
                count += 1
            }
        }
        while index < url.count {
            var byte = url[index]
            if byte == UInt8(ascii: "%"), let escaped = escaped(url, index) {
                index += 2
                if isUnreserved(escaped) {
                    byte = escaped
                } else {
                    let (high, low) = (url[index - 1], url[index])
                    result[count] = byte
                    result[count + 1] = capital(high)
                    count += 2
                    byte = capital(low)
                }
            }
            result[count] = byte
            count += 1
            index += 1
        }
        return count
    }

    /// Where host and port stand in an absolute URL.
    private static func authority(of text: UnsafeRawBufferPointer) -> Range<Int>? {
        guard let colon = Bytes.index(of: UInt8(ascii: ":"), in: text), colon > 0,
            text[colon...].starts(with: "://".utf8),
            text[..<colon].allSatisfy({ ($0 | 0x20) &- 0x61 < 26 || $0 &- 48 < 10 || $0 == 0x2b || $0 == 0x2d })
        else { return nil }
        let start = colon + 3
        let end = text[start...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
        return start..<(end ?? text.count)
    }

    static func lowercase(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// A hexadecimal digit as RFC 3986 section 6.2.2.1 writes it.
    private static func capital(_ digit: UInt8) -> UInt8 { digit &- 0x61 < 26 ? digit & 0xdf : digit }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte &- 48 < 10 || byte == 0x2d || byte == 0x2e || byte == 0x5f || byte == 0x7e
    }
}
