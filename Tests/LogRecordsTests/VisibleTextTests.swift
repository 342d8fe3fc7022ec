import Foundation
import LogRecords
import Testing

/// What logs and file names hold is shown, not obeyed.
@Suite struct VisibleTextTests {
    @Test(
        "what acts on a terminal or on the order of writing is written out",
        arguments: [
            ("\u{1b}[2Jx", #"\x1b[2Jx"#), ("\u{9b}31m", #"\x9b31m"#), ("a\u{202e}b", #"a\u{202e}b"#),
            ("\u{2066}a\u{2069}", #"\u{2066}a\u{2069}"#), ("a\u{200b}b\u{feff}", #"a\u{200b}b\u{feff}"#),
            ("line\nline\r", #"line\x0aline\x0d"#), ("\u{2028}", #"\u{2028}"#), ("\u{e0041}", #"\u{e0041}"#),
            ("\u{7f}\u{0}", #"\x7f\x00"#), ("Jörg 📷 日本", "Jörg 📷 日本"), ("e\u{301}", "e\u{301}"), ("", ""),
        ])
    func text(_ text: String, _ expected: String) { #expect(VisibleText.of(text) == expected) }

    @Test("a log's bytes keep their tabs, and show what is no UTF-8 byte by byte")
    func bytes() {
        #expect(VisibleText.of(Array("a\tb\u{1b}\u{202e}".utf8)) == "a\tb\\x1b\\u{202e}")
        #expect(VisibleText.of([0x61, 0x09, 0xc3, 0x1b] as [UInt8]) == "a\t\\xc3\\x1b")
    }

    @Test("JSON means the same afterwards")
    func json() throws {
        let texts = ["\u{9b}31m", "a\u{202e}b", "\u{e0041}", "Jörg 📷"]
        let json = String(decoding: try JSONEncoder().encode(texts), as: UTF8.self)
        let visible = VisibleText.inJSON(json)
        #expect(visible.contains(#"\u009b31m"#) && visible.contains(#"a\u202eb"#) && visible.contains("Jörg 📷"))
        #expect(visible.contains(#"\udb40\udc41"#))
        #expect(try JSONDecoder().decode([String].self, from: Data(visible.utf8)) == texts)
    }
}
