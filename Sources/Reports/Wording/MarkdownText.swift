import Mustache

/// How a name is escaped in Markdown: no part of it is taken as markup, as HTML or as a link (CommonMark 2.4, GFM 6.9). The
/// templates never begin a line with one.
struct MarkdownText: MustacheContentType {
    private static let active = Set("\\`*_{}[]|~@$".utf8)

    func escapeText(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var escaped: [UInt8] = []
        escaped.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "&"): escaped.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): escaped.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): escaped.append(contentsOf: "&gt;".utf8)
            default:
                // `://` and `www.` begin links without any brackets.
                let isLink =
                    byte == UInt8(ascii: ":") && bytes[(index + 1)...].starts(with: "//".utf8)
                    || byte == UInt8(ascii: ".")
                        && bytes[..<index].suffix(3).elementsEqual("www".utf8) { $0 | 0x20 == $1 }
                if isLink || Self.active.contains(byte) { escaped.append(UInt8(ascii: "\\")) }
                escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
