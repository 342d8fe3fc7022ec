import Casefile
import GRDB

/// Sessions that changed hands, a row each.
struct Crossings {
    private let rows: [Section.Row]
    private let count: Int

    private static let most = 100

    init(_ db: Database) throws {
        count = try Int.fetchOne(db, sql: "SELECT count(*) FROM identity_crossing") ?? 0
        rows = try Row.fetchAll(
            db,
            sql: """
                SELECT account, other_account, trait, since, until, deliveries, strayed, first_id FROM identity_crossings
                ORDER BY place LIMIT \(Self.most)
                """
        ).map { row in
            try Section.Row(cells: [
                .head(ShownNames.visible(row.decode(atIndex: 0))), .text(ShownNames.visible(row.decode(atIndex: 1))),
                .text(row.decode(atIndex: 2)), .text(row.decode(atIndex: 3)), .text(row.decode(atIndex: 4)),
                .number(row.decode(Int.self, atIndex: 5)), .text(row.decode(atIndex: 6)), .text(row.decode(atIndex: 7)),
            ])
        }
    }

    /// Nil if there is none.
    func section() -> Section? {
        guard count > 0 else { return nil }
        let times = Wording.count(count, "session")
        return Section(
            id: "crossings", title: "Sessions that changed hands", short: "Sessions that changed hands",
            lead:
                "\(times) of an account came to be used from another account's session, address or device, after that account had "
                + "been shown a frame of the first. Who received these answers is not certain for either.",
            tables: [
                Section.Table(
                    caption: "Requests in an account's name from another's session, address or device",
                    columns: [
                        .init(heading: "in the name of"), .init(heading: "came from"), .init(heading: "told by"),
                        .init(heading: "since, UTC"), .init(heading: "until, UTC"),
                        .init(heading: "deliveries", isNumber: true), .init(heading: "first frame strayed, UTC"),
                        .init(heading: "first delivery"),
                    ], rows: rows, more: count > Self.most ? "All are in identity_crossings.csv." : nil)
            ])
    }
}
