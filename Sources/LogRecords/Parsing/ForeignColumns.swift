/// What is said of the columns of a table of the directory that its profile does not know: a slip of the pen in a name, or
/// a time that is left out, changes who had a right to what.
enum ForeignColumns {
    /// A sentence for each column that holds times, or that is nearly named as one that the table does not have.
    static func notes(_ scanner: DelimitedScanner, _ profile: Profile, _ doubts: RowDoubts) -> [String] {
        guard profile.maps.contains(where: { isTable($0.kind) }) else { return [] }
        func lacks(_ role: Role) -> Bool {
            !profile.maps.contains { $0[role]?.fields.contains(where: scanner.knownFields.contains) == true }
        }
        let open = doubts.opened(lacks(.from), lacks(.until))
        let known = roleFields(profile)
        let missing = known.filter { !scanner.knownFields.contains($0) }.map { profile.fields[$0] }
        let doubles = scanner.everDiffering.sorted().map { field in
            let isTime = profile.maps.contains { map in
                [.from, .until].contains { map[$0]?.fields.contains(field) == true }
            }
            return "column '\(profile.fields[field])' is there more than once, with different values: "
                + (isTime ? "what it says is taken to be open" : "the last one is read")
        }
        return doubles
            + scanner.foreignColumns.compactMap { column in
                let nearest = nearest(to: column.name.lowercased(), among: missing)
                let holdsTimes = doubts.timeColumns.contains(column.name)
                guard holdsTimes || nearest.map({ $0.distance <= 2 }) == true else { return nil }
                var note = "column '\(column.name)' is not known"
                if holdsTimes { note += ", and holds times" }
                if holdsTimes, let open { note += ": \(open) is taken to be open" }
                if let nearest, nearest.distance <= max(2, column.name.count / 2 + 1) {
                    note += "; did you mean '\(nearest.name)'?"
                }
                return note
            }
    }

    /// A column that a table lacks, by the name that one of its own comes near to.
    static func slips(_ scanner: DelimitedScanner, _ profile: Profile) -> [(name: String, meant: String)] {
        guard profile.maps.contains(where: { isTable($0.kind) }) else { return [] }
        let missing = profile.required.filter { group in !group.contains { scanner.knownFields.contains($0) } }
        let slips = missing.compactMap { group in
            scanner.foreignColumns.compactMap { column in
                nearest(to: column.name.lowercased(), among: group.map { profile.fields[$0] }).map { (column.name, $0) }
            }.min { $0.1.distance < $1.1.distance }.flatMap { $1.distance <= 2 ? (name: $0, meant: $1.name) : nil }
        }
        return slips.count == missing.count ? slips : []
    }

    /// What a column may be called that holds who was given a right.
    private static let grantees: Set<String> = [
        "shared_with", "shared_to", "share_with", "share_to", "shared_user", "shared_account", "granted_to",
        "to_account", "user", "account", "user_id", "account_id",
    ]
    /// One of these words in a column's name says so, too.
    private static let granteeWords: Set<String> = [
        "guest", "recipient", "receiver", "member", "viewer", "invitee", "invited", "beneficiary", "delegate", "sharee",
        "grante",
    ]
    /// What a column of such a word holds that ends so: `viewer_count`, `guest_wifi`.
    private static let things: Set<String> = [
        "count", "counts", "limit", "quota", "max", "min", "mode", "wifi", "network", "ssid", "url", "uri", "link",
        "plan",
        "since", "enabled", "password", "pin",
    ]
    private static let knownGrantees = ["grantee", "grantee_id", "grantee_account"]
    /// Of a member that is a list or an object: the same, of several, and of what was given.
    private static let listsOfGrantees: Set<String> = [
        "share", "shares", "shared", "sharing", "grants", "guests", "members", "viewers", "users", "permissions", "acl",
        "collaborators", "friends", "family", "invitees", "invitations", "recipients", "delegates", "access",
    ]

    /// Whether a header is another table's than the profile's: one of cameras with a column for grantees, or one whose name comes
    /// near, is one of grants, and its times are no owner's.
    static func rivals(of profile: Profile) -> @Sendable ([String]) -> Bool {
        guard profile.maps.contains(where: { $0.kind == .camera }) else { return { _ in false } }
        return { names in names.contains(where: isGrantee) }
    }

    /// Whether a column's name says that it holds who was given a right.
    static func isGrantee(_ name: String) -> Bool {
        let words = ColumnMeaning.words(of: name)
        let name = words.joined(separator: "_")
        let nearest = nearest(to: name, among: knownGrantees)?.distance ?? .max
        let isOfThing = words.last.map(things.contains) ?? false
        return grantees.contains(name) || !isOfThing && words.contains(where: granteeWords.contains)
            || nearest <= (name.count > 6 ? 2 : 1)
    }

    static func holdsGrantees(_ name: String) -> Bool {
        ColumnMeaning.words(of: name).contains(where: listsOfGrantees.contains)
    }

    private static func isTable(_ kind: Profile.RecordKind) -> Bool {
        switch kind {
        case .account, .camera, .grant, .session, .rollout: true
        case .delivery, .fill, .revalidation, .purge: false
        }
    }

    /// The fields that a record's values come from; others serve conditions alone.
    private static func roleFields(_ profile: Profile) -> [Int] {
        let fields = profile.maps.flatMap { map in Role.allCases.flatMap { map[$0]?.fields ?? [] } }
        return Array(Set(fields)).sorted()
    }

    private static func nearest(to name: String, among known: [String]) -> (name: String, distance: Int)? {
        known.map { ($0, distance($0, name)) }.min { $0.1 < $1.1 }.map { (name: $0.0, distance: $0.1) }
    }

    /// How many letters must be put in, taken out or changed (Levenshtein).
    private static func distance(_ one: String, _ other: String) -> Int {
        let letters = Array(other.unicodeScalars.prefix(64))
        var row = Array(0...letters.count)
        for (line, letter) in one.unicodeScalars.prefix(64).enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for index in letters.indices {
                let above = row[index + 1]
                row[index + 1] = min(above + 1, row[index] + 1, diagonal + (letter == letters[index] ? 0 : 1))
                diagonal = above
            }
        }
        return row[letters.count]
    }
}
