internal import Foundation

/// JSON Web Tokens (RFC 7519) in compact form (RFC 7515 section 7.1): header, claims and signature, each in base64url.
///
/// The signature is not verified: the log says what the client sent, and whether the server believed it shows in the
/// status beside it.
enum WebToken {
    /// A claim's text; a whole number in decimal digits. A name with dots may lead into nested claims.
    static func claim(_ name: String, of token: [UInt8]) -> [UInt8]? {
        var token = token[...]
        let scheme = "bearer ".utf8
        if token.count > scheme.count, zip(token, scheme).allSatisfy({ $0 | 0x20 == $1 }) {
            token = token.dropFirst(scheme.count).drop { $0 == 0x20 }
        }
        let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = base64(Array(parts[1])),
            let claims = try? JSONSerialization.jsonObject(with: Data(payload)) as? [String: Any]
        else { return nil }
        return text(claims[name] ?? nested(name, in: claims))
    }

    private static func nested(_ path: String, in claims: [String: Any]) -> Any? {
        path.split(separator: ".").reduce(claims as Any?) { value, name in
            (value as? [String: Any])?[String(name)]
        }
    }

    private static func text(_ value: Any?) -> [UInt8]? {
        switch value {
        case let text as String: Array(text.utf8)
        case let number as Int64: Array(String(number).utf8)
        default: nil
        }
    }

    /// Base64 in either alphabet, padded or not (RFC 4648 sections 4 and 5).
    static func base64(_ text: [UInt8]) -> [UInt8]? {
        var text = text.map {
            $0 == UInt8(ascii: "-") ? UInt8(ascii: "+") : $0 == UInt8(ascii: "_") ? UInt8(ascii: "/") : $0
        }
        while text.last == UInt8(ascii: "=") { text.removeLast() }
        text += Array(repeating: UInt8(ascii: "="), count: (4 - text.count % 4) % 4)
        return Data(base64Encoded: Data(text)).map { Array($0) }
    }
}
