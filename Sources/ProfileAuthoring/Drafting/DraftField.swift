import LogRecords

/// A field of a log that nobody has described yet: its name, and what stands in it on the lines that were looked at.
struct DraftField {
    /// As a profile names it.
    var name: String
    /// One for each line that has it.
    var values: [String] = []
    /// How the log's time stamps are written, if not in a usual notation.
    var timeFormat: TimeFormat?

    /// Those that say something.
    var present: [String] { values.filter { $0 != "-" && $0 != "" } }

    /// Whether at least nine of ten values that say something are such.
    func mostly(_ test: (String) -> Bool) -> Bool {
        let present = present
        return !present.isEmpty && present.count(where: test) * 10 >= present.count * 9
    }

    /// Whether no value stands on two lines.
    var isUnique: Bool { Set(present).count == present.count }

    /// Whether the two hold the same kind of thing, as far as values tell.
    func resembles(_ other: DraftField) -> Bool {
        isTime == other.isTime && isCacheVerdict == other.isCacheVerdict && isHTTPStatus == other.isHTTPStatus
    }

    /// Some different values, to show a person; short, and nothing in them acts on a terminal or ends a line.
    var examples: String {
        var seen: [String] = []
        for value in present where !seen.contains(value) {
            seen.append(value)
            if seen.count == 2 { break }
        }
        return seen.map { value in
            let text = VisibleText.of(String(value.prefix(40)))
            return value.count > 40 ? text + "…" : text
        }.joined(separator: "  ")
    }

    /// Whether the values are time stamps: as epoch numbers only if they lie between 2000 and 2100.
    var isTime: Bool {
        if let timeFormat {
            return mostly { value in Array(value.utf8).withUnsafeBytes { timeFormat.read($0) != nil } }
        }
        return mostly { value in
            guard let stamp = Timestamp(value) else { return false }
            let isDate = value.contains(":")
            return isDate || (946_684_800_000_000..<4_102_444_800_000_000).contains(stamp.microseconds)
        }
    }
    /// Whether the time stamps say nothing of a zone.
    var hasNoZone: Bool {
        mostly { value in
            Array(value.utf8).withUnsafeBytes { (timeFormat?.read($0) ?? Timestamp.read($0))?.isLocal == true }
        }
    }
    var isCacheVerdict: Bool { mostly(Self.isVerdict) }
    /// Whether half of the values at least are a cache's verdict and the others words of the log's own, few in all.
    var isPartlyCacheVerdict: Bool {
        let words = Set(present)
        return words.count <= 8 && present.count(where: Self.isVerdict) * 2 >= max(present.count, 1)
            && words.allSatisfy { $0.count <= 32 && $0.allSatisfy { $0.isLetter || "_-/ ".contains($0) } }
    }

    private static func isVerdict(_ value: String) -> Bool {
        CacheStatus(word: value) != nil || CacheStatusField(value) != nil
    }

    /// A code of the IANA registry, or one of those that nginx and Cloudflare added.
    var isHTTPStatus: Bool {
        mostly { value in
            guard value.count == 3, let code = Int(value) else { return false }
            return [100...103, 200...208, 226...226, 300...308, 400...431, 451...451, 499...511, 520...527].contains {
                $0.contains(code)
            }
        }
    }
    /// Methods of RFC 9110 section 9 and RFC 5789, and the one by which caches are purged.
    var isMethod: Bool {
        mostly {
            ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "PURGE"].contains($0)
        }
    }
    var isNumber: Bool { mostly { Double($0) != nil } }
    var isURL: Bool { mostly { $0.hasPrefix("/") || $0.contains("://") } }
    /// An IPv4 or IPv6 address, with a port or not.
    var isAddress: Bool {
        mostly { value in
            Array(value.utf8).withUnsafeBytes { bytes in
                [false, true].contains { IPAddress.place(in: bytes, hasPort: $0) != nil }
            }
        }
    }
    /// Lengths of time with their units.
    var isDuration: Bool {
        !isNumber
            && mostly { value in
                value.first?.isNumber == true
                    && Array(value.utf8).withUnsafeBytes { LoggedDuration(bytes: $0, unit: .seconds) != nil }
            }
    }
    /// Whether the log itself gives it no name.
    var isUnnamed: Bool { name.wholeMatch(of: /(field|column)[0-9]+/) != nil }
}
