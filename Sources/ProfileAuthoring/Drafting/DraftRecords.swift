import LogRecords

/// Which records the lines of an unknown log are.
struct DraftRecords {
    struct Section {
        var kind: Profile.RecordKind
        /// Of the lines that are such a record, as YAML; nil: all.
        var condition: String?
        var sources: [(Role, DraftRoles.Source)]
    }

    private(set) var sections: [Section] = []
    /// What a line must have to be of this log.
    private(set) var telling: [String] = []
    /// The field that says what a line is about.
    private(set) var operation: String?
    /// What is missing for a count, and the ways out, in words.
    private(set) var lacking: [String] = []

    private static let deliveryRoles: [Role] = [
        .time, .duration, .node, .requester, .camera, .key, .cache, .status, .bytes, .frame, .owner, .frameCamera,
        .ifNoneMatch, .method, .rtt, .loss, .client, .network, .kind, .requestID,
    ]
    static let fillRoles: [Role] = [
        .time, .duration, .node, .key, .frame, .camera, .owner, .requester, .version, .ttl,
    ]

    private static let operationNames = ["op", "operation", "event", "action", "type", "verb", "kind"]
    private static let fillWords = ["FILL", "STORE", "STORED", "INSERT", "PUT", "WRITE", "SAVE", "ADMIT"]
    private static let purgeWords = [
        "PURGE", "PURGED", "BAN", "INVALIDATE", "INVALIDATED", "EXPIRE", "EXPIRED", "EVICT", "DELETE",
    ]
    private static let deliveryWords = [
        "DELIVER", "DELIVERY", "SERVE", "SERVED", "GET", "READ", "HIT", "MISS", "REQUEST", "ACCESS",
    ]

    init(_ roles: DraftRoles, _ syntax: DraftSyntax) {
        let fields = syntax.fields
        let has = { (role: Role) in roles.sources[role] != nil }
        func pick(_ wanted: [Role]) -> [(Role, DraftRoles.Source)] {
            wanted.compactMap { role in roles.sources[role].map { (role, $0) } }
        }
        guard has(.time) else {
            // Tables of the directory have no time of their own. A log whose time was not understood has none either, and
            // taken for a table it would make owners of those who looked.
            guard syntax.isNamed, !Self.ofDeliveries.contains(where: has), !roles.namesTime else { return }
            if has(.grantee), has(.camera), has(.owner) {
                sections = [Section(kind: .grant, sources: pick([.owner, .camera, .grantee, .from, .until]))]
            } else if let camera = roles.sources[.camera], has(.from) || camera.field.isUnique,
                let owner = roles.sources[.owner] ?? roles.sources[.requester].map(Self.perhapsOwner)
            {
                sections = [
                    Section(
                        kind: .camera,
                        sources: pick([.camera]) + [(.owner, owner)] + pick([.from, .until, .model]))
                ]
            }
            telling = sections.flatMap { $0.sources.prefix(2).map(\.1.field.name) }
            return
        }
        // A time and a text are not yet a log of deliveries.
        guard Self.telltales.contains(where: has) else { return }
        // `EXPIRED` as a verdict and `PUT` as a method are no purge and no fill.
        let others = [Role.cache, .method].compactMap { roles.sources[$0]?.field.name }
        if let field = fields.first(where: {
            !others.contains($0.name) && Self.isOperation($0, isNamed: syntax.isNamed)
        }) {
            operation = field.name
            let name = ProfileDraft.scalar(field.name)
            func section(_ kind: Profile.RecordKind, _ words: [String], _ wanted: [Role]) {
                let found = Self.words(of: field, words)
                guard !found.isEmpty else { return }
                let list = found.map(ProfileDraft.quoted).joined(separator: ", ")
                let sources = pick(wanted).filter { $0.1.field.name != field.name }
                sections.append(Section(kind: kind, condition: "{\(name): [\(list)]}", sources: sources))
            }
            section(.fill, Self.fillWords, Self.fillRoles)
            section(.purge, Self.purgeWords, [.time, .node, .key])
            section(.delivery, Self.deliveryWords, Self.deliveryRoles)
            telling = [roles.sources[.time]?.field.name, field.name].compactMap { $0 }
        } else if !has(.status), !has(.cache), !has(.bytes), has(.key), has(.frame) || has(.owner) {
            sections = [Section(kind: .fill, sources: pick(Self.fillRoles))]
        } else {
            sections = [Section(kind: .delivery, sources: pick(Self.deliveryRoles))]
        }
        if telling.isEmpty {
            let wanted: [Role] = [.time, .requester, .key, .cache, .status, .camera]
            let lines = fields.map(\.values.count).max() ?? 0
            telling = wanted.compactMap { roles.sources[$0]?.field }
                // What only some lines have does not tell the log.
                .filter { field in field.values.count * 10 >= lines * 9 && fields.contains { $0.name == field.name } }
                .map(\.name).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        }
        if sections.contains(where: { $0.kind == .delivery }) { lacking = Self.lacking(has) }
    }

    /// What only the lines of a delivery have.
    private static let ofDeliveries: [Role] = [.cache, .status, .bytes, .key, .method, .duration]
    /// Of these a line has one at least if a record can be made of it.
    private static let telltales: [Role] = [.requester, .camera, .key, .frame, .owner, .cache, .status]

    private static func perhapsOwner(_ source: DraftRoles.Source) -> DraftRoles.Source {
        var source = source
        source.doubt = "is this the owner?"
        return source
    }

    /// Whether the field says what a line is about: by its name, or in a log without names by having no other word.
    private static func isOperation(_ field: DraftField, isNamed: Bool) -> Bool {
        let name = field.name.lowercased()
        let says = !words(of: field, fillWords + purgeWords).isEmpty
        let known = words(of: field, fillWords + purgeWords + deliveryWords)
        return says && (operationNames.contains(name) || !isNamed && field.mostly(known.contains))
    }

    /// Those of the words, in whatever case, that the field has, as it has them.
    private static func words(of field: DraftField, _ words: [String]) -> [String] {
        Set(field.present).filter { words.contains($0.uppercased()) }.sorted()
    }

    private static func lacking(_ has: (Role) -> Bool) -> [String] {
        var lines: [String] = []
        if !has(.requester) {
            lines.append(
                "requester: none found. Without it no delivery can be judged. It may stand in a cookie {field: …, cookie: name}, in a token {field: …, jwt: sub}, in a parameter {field: …, query: account}, or be known by session or address {field: …, account_by: session} and a table given with --sessions."
            )
        }
        if !has(.key), !has(.frame), !has(.owner) {
            lines.append(
                "key, frame, owner: none found. Nothing tells whose frame a delivery carried; name the cache's key at least."
            )
        }
        if !has(.cache) {
            lines.append("cache: none found. Without the cache's verdict every delivery may have been a hit.")
        }
        if !has(.status) { lines.append("status: none found. Refused and failed requests then count as deliveries.") }
        return lines
    }
}
