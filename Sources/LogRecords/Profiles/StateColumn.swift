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

    /// Whether a value leaves open when the row held: it says that the row does not count, or nobody knows what it says.
    ///
    /// - Parameter isGrant: of a camera, a word such as `offline` is of the device.
    func leavesOpen(_ value: UnsafeRawBufferPointer, isGrant: Bool) -> Bool {
        var bytes = value.prefix(64).drop { $0 == 0x20 }
        while bytes.last == 0x20 { bytes = bytes.dropLast() }
        let text = String(decoding: bytes, as: UTF8.self).lowercased()
        if Self.absent.contains(text) { return false }
        return switch kind {
        case .ended: !Self.no.contains(text)
        case .live: !Self.yes.contains(text) && !Self.liveWords.contains(text)
        case .word: isGrant ? !Self.liveWords.contains(text) : Self.endedWords.contains(text)
        }
    }
}
