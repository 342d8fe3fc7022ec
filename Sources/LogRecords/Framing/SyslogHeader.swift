/// What syslog puts before a message.
enum SyslogHeader {
    typealias Part = Slice<UnsafeRawBufferPointer>

    /// The message behind the header of RFC 5424 section 6 (`<165>1 2003-10-11T22:14:15.003Z host app pid msgid [data] …`)
    /// or RFC 3164 section 4.1 (`<34>Oct 11 22:14:15 host tag: …`), which a file has mostly without the priority; also
    /// with another stamp, as rsyslog and `journalctl -o short-*` write (see `SyslogStamp`).
    static func message(_ line: UnsafeRawBufferPointer) throws(ScanFailure) -> Part {
        try message(line[...], hasTag: true)
    }

    /// The message of a line that has no tag: behind the stamp and the host. Only a stamp that no server puts before its own
    /// lines, or the priority, says that it is syslog's.
    static func untaggedMessage(_ line: UnsafeRawBufferPointer) throws(ScanFailure) -> Part {
        try message(line[...], hasTag: false)
    }

    static func message(_ line: Part, hasTag: Bool) throws(ScanFailure) -> Part {
        var rest = line
        var hasPriority = false
        if rest.first == UInt8(ascii: "<"), let end = rest.prefix(5).firstIndex(of: UInt8(ascii: ">")) {
            rest = rest[(end + 1)...]
            hasPriority = true
            if rest.starts(with: "1 ".utf8) { return try structured(rest.dropFirst(2)) }
        }
        guard let stamp = SyslogStamp.end(in: rest) else { throw failure(rest) }
        rest = rest[stamp.end...].drop { $0 == 0x20 }
        if hasTag { return try tagged(rest) }
        guard hasPriority || stamp.isTraditional, let blank = rest.firstIndex(of: 0x20), blank > rest.startIndex else {
            throw failure(rest)
        }
        return rest[blank...].drop { $0 == 0x20 }
    }

    private static func failure(_ rest: Part) -> ScanFailure {
        ScanFailure(reason: .patternMismatch, offset: rest.startIndex)
    }

    private static func structured(_ text: Part) throws(ScanFailure) -> Part {
        var rest = text
        // Stamp, host, application, process and message ID.
        for _ in 0..<5 {
            guard let blank = rest.firstIndex(of: 0x20) else { throw failure(rest) }
            rest = rest[(blank + 1)...]
        }
        if rest.first == UInt8(ascii: "-") { return Self.body(behind: rest.dropFirst()) }
        while rest.first == UInt8(ascii: "[") {
            guard let end = endOfElement(rest) else { throw failure(rest) }
            rest = rest[(end + 1)...]
        }
        return Self.body(behind: rest)
    }

    /// The message behind blanks and the mark that says that it is UTF-8 (section 6.4, BOM).
    private static func body(behind header: Part) -> Part {
        let rest = header.drop { $0 == 0x20 }
        return rest.starts(with: [0xef, 0xbb, 0xbf]) ? rest.dropFirst(3) : rest
    }

    /// Where a structured data element's bracket closes; inside a value a backslash escapes.
    private static func endOfElement(_ text: Part) -> Int? {
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

    /// The tag ends with a colon; before it stands the host, unless the server left it out, as HAProxy does.
    private static func tagged(_ text: Part) throws(ScanFailure) -> Part {
        var rest = text
        for _ in 0..<2 {
            guard let blank = rest.firstIndex(of: 0x20) else { break }
            if rest[blank - 1] == UInt8(ascii: ":") { return rest[blank...].drop { $0 == 0x20 } }
            rest = rest[blank...].drop { $0 == 0x20 }
        }
        throw failure(rest)
    }
}

/// The stamps that stand before syslog messages.
enum SyslogStamp {
    /// - `Oct 11 22:14:15` (RFC 3164), with a fraction (`journalctl -o short-precise`), with a year before the day's time
    ///   or behind it, or `2003 Oct 11 22:14:15`
    /// - `2003-10-11T22:14:15.003Z` (rsyslog, `short-iso`, `short-iso-precise`)
    /// - `Sat 2003-10-11 22:14:15 UTC` (`short-full`)
    /// - `1065910455.003000` (`short-unix`), `[ 1234.567890]` (`short-monotonic`) and `[ 1234.567890 <    0.000012 >]` (`short-delta`)
    ///
    /// - Returns: where it ends, and whether it is of the first kind; nil if there is none.
    static func end(in text: SyslogHeader.Part) -> (end: Int, isTraditional: Bool)? {
        guard let first = text.first, text.count > 12 else { return nil }
        if first == UInt8(ascii: "[") {
            guard let close = text.prefix(48).firstIndex(of: UInt8(ascii: "]")),
                text[(text.startIndex + 1)..<close].allSatisfy({ $0 &- 48 < 10 || " .<>*".utf8.contains($0) })
            else { return nil }
            return (close + 1, false)
        }
        var words = Words(text)
        guard let one = words.next() else { return nil }
        if first &- 48 < 10 {
            if one.count == 4 {
                guard isMonth(words.next()), isDay(words.next()), let time = words.next(), isTime(time) else {
                    return nil
                }
                return (time.endIndex, true)
            }
            let isUnix =
                one.count > 12 && one[one.startIndex + 10] == 0x2e && one.allSatisfy { $0 == 0x2e || $0 &- 48 < 10 }
            let isDate = one.count > 18 && one[one.startIndex + 4] == UInt8(ascii: "-")
            guard isUnix || isDate && Timestamp(bytes: UnsafeRawBufferPointer(rebasing: one)) != nil else { return nil }
            return (one.endIndex, false)
        }
        guard one.count == 3 else { return nil }
        if isMonth(one) { return traditional(&words).map { ($0, true) } }
        // The day of the week, the date, the time and the zone.
        guard one.allSatisfy({ ($0 | 0x20) &- 0x61 < 26 }), let date = words.next(), date.count == 10,
            date[date.startIndex + 4] == UInt8(ascii: "-"), let time = words.next(), isTime(time),
            let zone = words.next(), zone.count < 8
        else { return nil }
        return (zone.endIndex, false)
    }

    /// Where a stamp ends whose month has been read.
    private static func traditional(_ words: inout Words) -> Int? {
        guard isDay(words.next()), let next = words.next() else { return nil }
        if isYear(next) {
            guard let time = words.next(), isTime(time) else { return nil }
            return time.endIndex
        }
        guard isTime(next) else { return nil }
        var behind = words
        if let year = behind.next(), isYear(year) { return year.endIndex }
        return next.endIndex
    }

    private static func isMonth(_ word: SyslogHeader.Part?) -> Bool {
        guard let word, word.count == 3 else { return false }
        return months.contains { zip($0.utf8, word).allSatisfy { $0 == $1 } }
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func isDay(_ word: SyslogHeader.Part?) -> Bool {
        guard let word else { return false }
        return word.count <= 2 && word.allSatisfy { $0 &- 48 < 10 }
    }

    private static func isYear(_ word: SyslogHeader.Part) -> Bool {
        word.count == 4 && word.allSatisfy { $0 &- 48 < 10 } && (word.first == 0x31 || word.first == 0x32)
    }

    /// `22:14:15`, with a fraction or without.
    private static func isTime(_ word: SyslogHeader.Part) -> Bool {
        guard word.count >= 8, word.count <= 18 else { return false }
        for (index, byte) in word.enumerated() {
            switch index {
            case 2, 5: guard byte == UInt8(ascii: ":") else { return false }
            case 8: guard byte == UInt8(ascii: ".") else { return false }
            default: guard byte &- 48 < 10 else { return false }
            }
        }
        return word.count != 9
    }

    /// The words of a text, in order.
    private struct Words {
        private var rest: SyslogHeader.Part
        init(_ text: SyslogHeader.Part) { rest = text }

        mutating func next() -> SyslogHeader.Part? {
            rest = rest.drop { $0 == 0x20 }
            guard !rest.isEmpty else { return nil }
            let word = rest.prefix { $0 != 0x20 }
            rest = rest[word.endIndex...]
            return word
        }
    }
}
