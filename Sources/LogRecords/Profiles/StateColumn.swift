/// A column of a table of grants or cameras that says whether a row counts today, and not since when.
struct StateColumn: Sendable {
    enum Kind: Sendable {
        /// `revoked`: a row counts if it is not true.
        case ended
        /// `active`: a row counts if it is true.
        case live
        /// `status`: a word.
        case word
    }

    var field: Int
    var kind: Kind

    /// The names that such columns have.
    static let names: [(kind: Kind, names: [String])] = [
        (
            .ended,
            withQuestions([
                "revoked", "deleted", "disabled", "removed", "expired", "cancelled", "canceled", "withdrawn",
                "suspended",
                "inactive", "terminated", "archived", "blocked", "rejected", "declined", "ended",
            ])
        ),
        (.live, withQuestions(["active", "enabled", "valid", "live", "current", "accepted", "approved"])),
        (.word, ["status", "state", "grant_status", "grant_state", "share_status", "share_state"]),
    ]

    /// Members of JSON objects that hold a time at which a grant ended; in a table of columns any time is seen.
    static let endTimes = [
        "deleted_at", "disabled_at", "removed_at", "expires_at", "expired_at", "cancelled_at", "canceled_at",
        "withdrawn_at",
        "suspended_at", "ended_at", "archived_at",
    ]

    private static func withQuestions(_ names: [String]) -> [String] { names + names.map { "is_\($0)" } }

    private static let absent: Set<String> = ["", "-", "null", "none", "nil", "n/a", "\\n"]
    private static let no: Set<String> = ["false", "f", "no", "n", "off", "0"]
    private static let yes: Set<String> = ["true", "t", "yes", "y", "on", "1"]
    private static let liveWords: Set<String> = [
        "active", "enabled", "valid", "live", "current", "accepted", "approved", "granted", "confirmed", "in force",
        "ok",
    ]
    private static let endedWords = Set(names[0].names).union(["revoke", "delete", "transferred", "sold", "returned"])
    /// Words that say so of a right alone.
    private static let refusals: Set<String> = [
        "deny", "denied", "pending", "invited", "requested", "waiting", "forbidden", "disallow", "disallowed",
        "refused",
        "invalid", "void", "hidden", "frozen", "paused", "stopped", "closed", "unshared", "banned", "left", "lapsed",
        "unconfirmed", "unverified", "unaccepted", "draft", "u", "d", "update", "updated", "upd", "del",
    ]
    /// What a change log says of a row that is new, or was there when it began: AWS DMS's `I`, Debezium's `c` and `r`.
    private static let beginnings: Set<String> = [
        "i", "c", "r", "a", "ins", "insert", "inserted", "create", "created", "read", "snapshot", "add", "added",
        "grant", "allow",
        "share", "shared",
    ]

    /// Whether a value leaves open when the row held: it says that the row does not count, or nobody knows what it says.
    ///
    /// - Parameter isGrant: of a camera, a word such as `offline` is of the device.
    func leavesOpen(_ value: UnsafeRawBufferPointer, isGrant: Bool) -> Bool {
        var bytes = value.prefix(64).drop { $0 == 0x20 }
        while bytes.last == 0x20 { bytes = bytes.dropLast() }
        return Self.leavesOpen(String(decoding: bytes, as: UTF8.self).lowercased(), kind, isGrant: isGrant)
    }

    /// The same of a value in lower case.
    static func leavesOpen(_ text: String, _ kind: Kind, isGrant: Bool) -> Bool {
        if absent.contains(text) { return false }
        return switch kind {
        case .ended: !no.contains(text)
        case .live: !yes.contains(text) && !liveWords.contains(text)
        case .word: isGrant ? !liveWords.contains(text) : endedWords.contains(text)
        }
    }

    static func isAbsent(_ text: String) -> Bool { absent.contains(text) }
    static func isNo(_ text: String) -> Bool { no.contains(text) }
    static func isYes(_ text: String) -> Bool { yes.contains(text) }
    /// Whether a word says, under whatever name, that a right was withdrawn or not yet given.
    static func isEnd(_ text: String) -> Bool { endedWords.contains(text) || refusals.contains(text) }
    static func isBeginning(_ text: String) -> Bool { beginnings.contains(text) }
}
