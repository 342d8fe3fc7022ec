/// The Cache-Status response header field (RFC 9211): a list of the caches that took part, the one nearest to the client
/// last, each with parameters.
package struct CacheStatusField {
    /// The last member's name: the cache itself.
    private(set) var cache = ""
    /// The last member's parameters; one without a value stands for true.
    private(set) var parameters: [String: String] = [:]

    /// - Returns: nil if the text is no such list.
    package init?(_ text: some StringProtocol) {
        guard let member = Self.split(text, by: ",").last else { return nil }
        let parts = Self.split(member, by: ";").map { $0.trimmed }
        guard let name = parts.first, !name.isEmpty, parts.count > 1 else { return nil }
        cache = Self.unquoted(name)
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = pair.first, !key.isEmpty else { return nil }
            parameters[key.trimmed.lowercased()] = pair.count > 1 ? Self.unquoted(pair[1].trimmed) : "?1"
        }
    }

    /// What it says of the body, by RFC 9211 section 2; nil if it says neither `hit` nor `fwd`.
    var status: CacheStatus? {
        if parameters["hit"] == "?1" {
            // Squid's own word for what its index found: it says `hit` also of what the origin confirmed just then (seen with 7.7).
            if parameters["detail"] == "match" { return .unknown }
            // Section 2.6: a negative time to live is that of a stale response.
            return parameters["ttl"]?.hasPrefix("-") == true ? .stale : .hit
        }
        guard let reason = parameters["fwd"] else { return nil }
        if parameters["collapsed"] == "?1" { return .collapsed }
        switch reason {
        case "bypass", "method", "request": return .bypass
        case "stale": return parameters["fwd-status"] == "304" ? .revalidated : .miss
        case "miss", "uri-miss", "vary-miss": return .miss
        // A part was in the cache, the rest was fetched: the body may be of either.
        default: return .unknown
        }
    }

    /// The pieces between a separator that does not stand inside quotes.
    private static func split(_ text: some StringProtocol, by separator: Character) -> [String] {
        var pieces = [""]
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if isEscaped {
                isEscaped = false
            } else if character == "\\", isQuoted {
                isEscaped = true
            } else {
                if character == "\"" { isQuoted.toggle() }
                if character == separator, !isQuoted {
                    pieces.append("")
                    continue
                }
            }
            pieces[pieces.count - 1].append(character)
        }
        return pieces
    }

    /// A quoted string's inside (RFC 8941 section 3.3.3), or the text itself.
    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return text }
        var result = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                result.append(character)
                isEscaped = false
            }
        }
        return result
    }
}

extension StringProtocol {
    /// Without the blanks around it.
    fileprivate var trimmed: String {
        String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
