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

/// What leaves open when a row of a table held, besides times that cannot be read.
struct RowDoubts {
    private let profile: Profile
    private let isGrant: Bool
    private let from: Set<Int>
    private let until: Set<Int>
    /// The columns of state that left some row open.
    private var open: Set<Int> = []

    /// - Returns: nil if the profile reads no grants and no cameras.
    init?(_ profile: Profile) {
        let maps = profile.maps.filter { $0.kind == .grant || $0.kind == .camera }
        guard !maps.isEmpty else { return nil }
        self.profile = profile
        isGrant = maps.contains { $0.kind == .grant }
        from = Set(maps.flatMap { $0[.from]?.fields ?? [] })
        until = Set(maps.flatMap { $0[.until]?.fields ?? [] })
    }

    /// The ends that the row read last leaves open.
    ///
    /// - Parameter scanner: of a table that names its columns.
    mutating func openEnds(_ values: FieldValues, _ scanner: DelimitedScanner?) -> OpenEnds {
        var ends: OpenEnds = []
        for column in profile.stateColumns {
            guard let value = values[column.field], column.leavesOpen(value, isGrant: isGrant) else { continue }
            open.insert(column.field)
            ends = .both
        }
        guard let scanner else { return ends }
        // Of a camera it may be when it was bought or made.
        if isGrant, scanner.hasForeignTime { ends = .both }
        if scanner.differing.contains(where: from.contains) { ends.insert(.from) }
        if scanner.differing.contains(where: until.contains) { ends.insert(.until) }
        return ends
    }

    /// A sentence for each column of state that left rows open.
    var notes: [String] {
        open.sorted().map { field in
            "column '\(profile.fields[field])' does not say of all rows that they are in force, nor since when they are not: when these \(isGrant ? "grants held" : "cameras were owned") is taken to be open"
        }
    }
}
