/// JSON Web Tokens (RFC 7519) in compact form (RFC 7515 section 7.1): header, claims and signature, each in base64url.
///
/// The signature is not verified: the log says what the client sent, and whether the server believed it shows in the
/// status beside it.
enum JWTClaims {
    /// Where the claims stand, in base64url; nil if it is no token. `Bearer` before it is passed over.
    static func claims(of token: UnsafeRawBufferPointer) -> Range<Int>? {
        var start = 0
        let scheme = "bearer ".utf8
        if token.count > scheme.count, zip(token, scheme).allSatisfy({ $0 | 0x20 == $1 }) {
            start = scheme.count
            while start < token.count, token[start] == 0x20 { start += 1 }
        }
        let point = UInt8(ascii: ".")
        guard let first = Bytes.index(of: point, in: token, from: start),
            let second = Bytes.index(of: point, in: token, from: first + 1),
            Bytes.index(of: point, in: token, from: second + 1) == nil
        else { return nil }
        return (first + 1)..<second
    }

    /// Whether a claim's bare value is a whole number; `true`, `null` and fractions name nobody.
    static func isWholeNumber(_ value: UnsafeRawBufferPointer) -> Bool {
        let digits = value.first == UInt8(ascii: "-") ? value.dropFirst() : value[...]
        return !digits.isEmpty && digits.count <= 19 && digits.allSatisfy { $0 &- 48 < 10 }
    }

    /// Undoes base64 in either alphabet, padded or not (RFC 4648 sections 4 and 5).
    ///
    /// - Parameter result: room for three quarters of `text`.
    /// - Returns: how many bytes were written; 0 if the text is no base64.
    static func decodeBase64(_ text: UnsafeRawBufferPointer, into result: UnsafeMutableRawBufferPointer) -> Int {
        var end = text.count
        while end > 0, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        // A single digit left over is less than a byte.
        guard end % 4 != 1 else { return 0 }
        var (bits, width, count): (UInt32, Int, Int) = (0, 0, 0)
        for index in 0..<end {
            guard let digit = base64Value(text[index]) else { return 0 }
            bits = bits << 6 | UInt32(digit)
            width += 6
            if width >= 8 {
                width -= 8
                result[count] = UInt8(truncatingIfNeeded: bits >> UInt32(width))
                count += 1
            }
        }
        return count
    }

    private static func base64Value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
