import Mustache

/// How a name is escaped in Markdown: no part of it is taken as markup, as HTML or as a link (CommonMark 2.4, GFM 6.9). The
/// templates never begin a line with one.
struct MarkdownText: MustacheContentType {
    private static let active = Set("\\`*_{}[]()#|~!:@$^=".utf8)

    func escapeText(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): bytes.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): bytes.append(contentsOf: "&gt;".utf8)
            default: append(byte, to: &bytes)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func append(_ byte: UInt8, to bytes: inout [UInt8]) {
        // A bare `www.` begins a link as well.
        let isLink = byte == UInt8(ascii: ".") && bytes.suffix(3).elementsEqual("www".utf8) { $0 | 0x20 == $1 }
        if Self.active.contains(byte) || isLink { bytes.append(UInt8(ascii: "\\")) }
        bytes.append(byte)
    }
}
