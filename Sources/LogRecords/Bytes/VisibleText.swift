/// Text from outside as a terminal, a table or a page may show it: nothing in it can move the cursor, change a colour, hide
/// or turn round what stands beside it.
public enum VisibleText {
    /// The text with every control, format and line separator character (Unicode's categories Cc, Cf, Zl and Zp) written as
    /// `\xHH` or, beyond ASCII, as `\u{HHHH}`.
    ///
    /// These are the escape sequences of terminals (ECMA-48), the marks that turn the order of writing round (UAX #9), and
    /// what has no width. A line feed is one of them, so what comes is always one line.
    public static func of(_ text: String) -> String {
        // Almost every text has none.
        guard text.unicodeScalars.contains(where: isInvisible) else { return text }
        return text.unicodeScalars.reduce(into: "") { visible, scalar in
            if isInvisible(scalar) {
                visible += escaped(scalar.value)
            } else {
                visible.unicodeScalars.append(scalar)
            }
        }
    }

    /// A log's bytes, tabs as they are; bytes that are no UTF-8 are written `\xHH`.
    public static func of(_ bytes: some Collection<UInt8>) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return bytes.reduce(into: "") { visible, byte in
                if byte == 0x09 || (0x20..<0x7f).contains(byte) {
                    visible.unicodeScalars.append(Unicode.Scalar(byte))
                } else {
                    visible += escaped(UInt32(byte))
                }
            }
        }
        return text.split(separator: "\t", omittingEmptySubsequences: false).map { of(String($0)) }.joined(
            separator: "\t")
    }

    /// JSON with the same characters as `\uHHHH` of its own; what stands for itself in JSON stays.
    public static func inJSON(_ json: String) -> String {
        json.unicodeScalars.reduce(into: "") { visible, scalar in
            if scalar.value >= 0x7f, isInvisible(scalar) {
                for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                    let digits = String(unit, radix: 16)
                    visible += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                visible.unicodeScalars.append(scalar)
            }
        }
    }

    private static func escaped(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return value < 0x100 ? "\\x\(digits.count < 2 ? "0" : "")\(digits)" : "\\u{\(digits)}"
    }

    /// Whether a character can hide, or act on what stands beside it.
    public static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x20 || scalar.value == 0x7f { return true }
        if scalar.value < 0x80 { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }
}
