/// What is said of the columns of a table of the directory that its profile does not know: a slip of the pen in a name, or
/// a time that is left out, changes who had a right to what.
enum ForeignColumns {
    /// A sentence for each column that holds times, or that is nearly named as one that the table does not have.
    static func notes(_ scanner: DelimitedScanner, _ profile: Profile) -> [String] {
        guard profile.maps.contains(where: { isTable($0.kind) }) else { return [] }
        let isGrant = profile.maps.contains { $0.kind == .grant }
        let known = roleFields(profile)
        let missing = known.filter { !scanner.knownFields.contains($0) }.map { profile.fields[$0] }
        return scanner.foreignColumns.compactMap { column in
            let nearest = nearest(to: column.name, among: missing)
            let holdsTimes = scanner.foreignTimes.contains(column.name)
            guard holdsTimes || nearest.map({ $0.distance <= 2 }) == true else { return nil }
            var note = "column '\(column.name)' is not known"
            if holdsTimes { note += ", and holds times" }
            if holdsTimes, isGrant { note += ": when these grants held is taken to be open" }
            if let nearest { note += "; did you mean '\(nearest.name)'?" }
            return note
        }
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
