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
        if scanner.hasForeignTime {
            ends.formUnion(Self.ends(ofForeignTimesIn: scanner, isGrant: isGrant, from, until))
        }
        if scanner.differing.contains(where: from.contains) { ends.insert(.from) }
        if scanner.differing.contains(where: until.contains) { ends.insert(.until) }
        return ends
    }

    /// What a time in a column of an unknown name may be. Of a camera it may be when it was bought or made, if the table says
    /// elsewhere since when and until when it was owned.
    static func ends(
        ofForeignTimesIn scanner: DelimitedScanner, isGrant: Bool, _ from: Set<Int>, _ until: Set<Int>
    ) -> OpenEnds {
        if isGrant { return .both }
        var ends: OpenEnds = []
        if !from.contains(where: scanner.knownFields.contains) { ends.insert(.from) }
        if !until.contains(where: scanner.knownFields.contains) { ends.insert(.until) }
        return ends
    }

    /// A sentence for each column of state that left rows open.
    var notes: [String] {
        open.sorted().map { field in
            "column '\(profile.fields[field])' does not say of all rows that they are in force, nor since when they are not: when these \(isGrant ? "grants held" : "cameras were owned") is taken to be open"
        }
    }
}
