/// What syslog puts before a message.
enum SyslogHeader {
    /// The message behind the header of RFC 5424 section 6 (`<165>1 2003-10-11T22:14:15.003Z host app pid msgid [data] …`)
    /// or RFC 3164 section 4.1 (`<34>Oct 11 22:14:15 host tag: …`), which a file has mostly without the priority; also
    /// with an RFC 3339 stamp, as rsyslog writes.
    static func message(_ line: UnsafeRawBufferPointer) throws(ScanFailure) -> Slice<UnsafeRawBufferPointer> {
        var rest = line[...]
        if rest.first == UInt8(ascii: "<"), let end = rest.prefix(5).firstIndex(of: UInt8(ascii: ">")) {
            rest = rest[(end + 1)...]
            if rest.starts(with: "1 ".utf8) { return try structured(rest.dropFirst(2)) }
        }
        return try traditional(rest)
    }

    private static func failure(_ rest: Slice<UnsafeRawBufferPointer>) -> ScanFailure {
        ScanFailure(reason: .patternMismatch, offset: rest.startIndex)
    }

    private static func structured(
        _ text: Slice<UnsafeRawBufferPointer>
    ) throws(ScanFailure) -> Slice<UnsafeRawBufferPointer> {
        var rest = text
        // Stamp, host, application, process and message ID.
        for _ in 0..<5 {
            guard let blank = rest.firstIndex(of: 0x20) else { throw failure(rest) }
            rest = rest[(blank + 1)...]
        }
        if rest.first == UInt8(ascii: "-") { return rest.dropFirst().drop { $0 == 0x20 } }
        while rest.first == UInt8(ascii: "[") {
            guard let end = endOfElement(rest) else { throw failure(rest) }
            rest = rest[(end + 1)...]
        }
        return rest.drop { $0 == 0x20 }
    }

    /// Where a structured data element's bracket closes; inside a value a backslash escapes.
    private static func endOfElement(_ text: Slice<UnsafeRawBufferPointer>) -> Int? {
        var isQuoted = false
        var index = text.startIndex
        while index < text.endIndex {
            switch text[index] {
            case UInt8(ascii: "\\") where isQuoted: index += 1
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "]") where !isQuoted: return index
            default: break
            }
            index += 1
        }
        return nil
    }

    private static func traditional(
        _ text: Slice<UnsafeRawBufferPointer>
    ) throws(ScanFailure) -> Slice<UnsafeRawBufferPointer> {
        var rest = text
        let stamp = UnsafeRawBufferPointer(rebasing: rest.prefix(15))
        if stamp.count == 15, Timestamp(bytes: stamp, year: 2000) != nil {
            rest = rest.dropFirst(15)
        } else if let blank = rest.firstIndex(of: 0x20), rest.count > 19,
            rest[rest.startIndex + 4] == UInt8(ascii: "-"),
            Timestamp(bytes: UnsafeRawBufferPointer(rebasing: rest[..<blank])) != nil
        {
            rest = rest[blank...]
        } else {
            throw failure(rest)
        }
        rest = rest.drop { $0 == 0x20 }
        // The tag ends with a colon; before it stands the host, unless the server left it out, as HAProxy does.
        for _ in 0..<2 {
            guard let blank = rest.firstIndex(of: 0x20) else { break }
            if rest[blank - 1] == UInt8(ascii: ":") { return rest[blank...].drop { $0 == 0x20 } }
            rest = rest[blank...].drop { $0 == 0x20 }
        }
        throw failure(rest)
    }
}
