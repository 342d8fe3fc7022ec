/// What a tool that shows the logs of several containers puts before each line.
enum LinePrefix {
    typealias Part = Slice<UnsafeRawBufferPointer>

    /// `relay-1  | …`, which `docker compose logs` may colour.
    static func compose(_ line: UnsafeRawBufferPointer) throws(ScanFailure) -> Part {
        var rest = withoutColour(line[...])
        let name = rest.prefix { isNameByte($0) }
        rest = rest[name.endIndex...]
        let blanks = rest.prefix { $0 == 0x20 }
        rest = rest[blanks.endIndex...]
        // Its first version ended the colour before the blank.
        let behind = withoutColour(rest.dropFirst())
        guard !name.isEmpty, !blanks.isEmpty, rest.first == UInt8(ascii: "|"), behind.first == 0x20 else {
            throw ScanFailure(reason: .patternMismatch, offset: name.endIndex)
        }
        return withoutColour(behind.dropFirst())
    }

    /// `[pod/relay-0/nginx] …`
    static func kubectl(_ line: UnsafeRawBufferPointer) throws(ScanFailure) -> Part {
        guard line.starts(with: "[pod/".utf8), let close = line.firstIndex(of: UInt8(ascii: "]")),
            close + 1 < line.count,
            line[close + 1] == 0x20, line[5..<close].split(separator: UInt8(ascii: "/")).count == 2,
            line[5..<close].allSatisfy({ isNameByte($0) || $0 == UInt8(ascii: "/") })
        else { throw ScanFailure(reason: .patternMismatch, offset: 0) }
        return line[(close + 2)...]
    }

    /// `2026-11-25T02:02:41+00:00<tab>nginx.access<tab>{…}`
    static func fluentd(_ line: UnsafeRawBufferPointer) throws(ScanFailure) -> Part {
        guard line.count > 10, line[4] == UInt8(ascii: "-"), let first = line.firstIndex(of: 0x09),
            Timestamp(bytes: UnsafeRawBufferPointer(rebasing: line[..<first])) != nil,
            let second = line[(first + 1)...].firstIndex(of: 0x09), second + 1 < line.count,
            line[second + 1] == UInt8(ascii: "{")
        else { throw ScanFailure(reason: .patternMismatch, offset: 0) }
        return line[(second + 1)...]
    }

    /// `{app="nginx", pod="relay-0"} …`, the labels of a Loki stream.
    static func labels(_ text: Part) throws(ScanFailure) -> Part {
        guard text.first == UInt8(ascii: "{") else { throw ScanFailure(reason: .patternMismatch, offset: 0) }
        var (place, isQuoted) = (text.startIndex + 1, false)
        while place < text.endIndex, isQuoted || text[place] != UInt8(ascii: "}") {
            if text[place] == UInt8(ascii: "\"") { isQuoted.toggle() }
            place += isQuoted && text[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        let labels = text[(text.startIndex + 1)..<min(place, text.endIndex)]
        let isList = labels.isEmpty || labels.contains(UInt8(ascii: "=")) && labels.last == UInt8(ascii: "\"")
        guard isList, place + 1 < text.endIndex, text[place + 1] == 0x20 else {
            throw ScanFailure(reason: .patternMismatch, offset: 0)
        }
        return text[(place + 1)...].drop { $0 == 0x20 }
    }

    /// `nginx/i-0abc …`, the name of a stream of CloudWatch Logs, in which no blank and no colon is.
    static func stream(_ text: Part) throws(ScanFailure) -> Part {
        guard let blank = text.firstIndex(of: 0x20), blank > text.startIndex, blank + 1 < text.endIndex,
            !text[..<blank].contains(UInt8(ascii: ":")), !text[..<blank].contains(UInt8(ascii: "\""))
        else { throw ScanFailure(reason: .patternMismatch, offset: 0) }
        return text[(blank + 1)...]
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte &- 48 < 10 || byte == 0x2d || byte == 0x2e || byte == 0x5f
    }

    /// What is behind a terminal's colour (`ESC [ 36 m`), if one stands first.
    private static func withoutColour(_ text: Part) -> Part {
        guard text.starts(with: [0x1b, 0x5b]), let end = text.prefix(16).firstIndex(of: UInt8(ascii: "m")) else {
            return text
        }
        return text[(end + 1)...]
    }
}
