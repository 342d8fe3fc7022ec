import GRDB

/// What people say of exposures and accounts, as the page shows it.
enum AnnotationData {
    struct Said {
        let tag: String?
        let note: String?
    }

    /// By the exposure's event.
    static func ofExposures(_ db: Database) throws -> [Int64: [Said]] {
        try said(db, "SELECT event, tag, note FROM annotations WHERE event IS NOT NULL ORDER BY annotation")
    }

    /// By the account's name.
    static func ofAccounts(_ db: Database) throws -> [Int64: [Said]] {
        try said(db, "SELECT account, tag, note FROM annotation WHERE account IS NOT NULL ORDER BY id")
    }

    private static func said(_ db: Database, _ sql: String) throws -> [Int64: [Said]] {
        var found: [Int64: [Said]] = [:]
        for row in try Row.fetchAll(db, sql: sql) {
            found[try row.decode(atIndex: 0), default: []].append(
                Said(
                    tag: (try row.decode(String?.self, atIndex: 1)).map(ShownNames.visible),
                    note: (try row.decode(String?.self, atIndex: 2)).map(ShownNames.visible)))
        }
        return found
    }

    /// Nil if nothing is said.
    static func section(_ db: Database) throws -> Section? {
        let most = 200
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT annotation, standing, exposure, account, tag, note, ts FROM annotations ORDER BY annotation
                """)
        guard !rows.isEmpty else { return nil }
        func text(_ row: Row, _ index: Int) throws -> String? {
            (try row.decode(String?.self, atIndex: index)).map(ShownNames.visible)
        }
        return Section(
            id: "annotations", title: "What was noted", short: "Notes",
            lead: "Tags and notes of those who work on this case. No count rests on them.",
            tables: [
                Section.Table(
                    caption: "Annotations",
                    columns: [
                        .init(heading: "number", isNumber: true), .init(heading: "about"),
                        .init(heading: "tag"), .init(heading: "note"), .init(heading: "exposure’s time, UTC"),
                    ],
                    rows: try rows.prefix(most).map { row in
                        let standing = try text(row, 1) ?? ""
                        return Section.Row(cells: [
                            .number(try row.decode(Int.self, atIndex: 0)),
                            .head(
                                try text(row, 3).map { "account \($0)" }
                                    ?? "\(standing == "exposure" ? standing : "line, \(standing):") \(try text(row, 2) ?? "–")"
                            ),
                            .text(try text(row, 4)), .text(try text(row, 5)),
                            .text((try row.decode(Int64?.self, atIndex: 6)).map(Wording.moment)),
                        ])
                    },
                    more: rows.count > most
                        ? "\(Wording.count(rows.count - most, "further annotation")) in annotations.csv." : nil)
            ])
    }
}
