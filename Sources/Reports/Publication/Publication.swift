public import Casefile
public import Foundation
import GRDB

/// Counts that can be published: of certain exposures and their accounts, by day and by what is known of the delivery, where
/// nobody stands among fewer than k (Docs/Custody.md).
public struct Publication: Encodable, Sendable {
    /// What became of a breakdown.
    public struct Outcome: Encodable, Sendable {
        public var name: String
        public var isWithheld: Bool
        /// How many cells stand in the table; nil if the breakdown is withheld, as are the next two.
        public var published: Int?
        /// How many were suppressed for having too few accounts, or a value that names somebody.
        public var small: Int?
        /// How many were suppressed beside them, so that subtraction gives none away.
        public var beside: Int?

        enum CodingKeys: String, CodingKey {
            case name, published
            case isWithheld = "withheld"
            case small = "suppressed_small"
            case beside = "suppressed_beside"
        }
    }

    public static let files = ["aggregates.csv", "aggregates.json"]

    public let k: Int
    let tool = "\(Tool.name) \(Tool.version)"
    let counted: String
    /// Whether there are possible exposures or unresolved deliveries besides, which no count has, or not all was read.
    let isMorePossible: Bool
    /// Nil if fewer than k.
    let affectedAccounts: Int?
    public private(set) var breakdowns: [Outcome] = []
    /// Of `aggregates.csv`.
    private var rows: [[String?]] = []

    enum CodingKeys: String, CodingKey {
        case k, tool, counted, breakdowns
        case isMorePossible = "more_possible"
        case affectedAccounts = "affected_accounts"
    }

    /// What exposures are told apart by: the columns of `sql` behind the first two.
    private static let attributes = ["day", "node", "rollout", "client", "network", "model", "kind"]
    private static let sql = """
        SELECT iif(e.owners = 1, c.owner, NULL), d.requester, strftime('%Y-%m-%d', d.ts / 1000000, 'unixepoch'), x.node,
            e.rollout_at_delivery, x.client, x.network,
            (SELECT m.model FROM camera m JOIN source s ON s.id = m.id >> 36
                WHERE m.camera = d.camera AND m.model IS NOT NULL AND s.state IN ('complete', 'damaged')
                ORDER BY s.label, m.id LIMIT 1), x.kind
        FROM exposure e JOIN delivery d ON d.id = e.delivery JOIN circumstance x ON x.id = d.circumstance
            LEFT JOIN candidate c ON c.delivery = e.delivery AND c.rank = 1
        WHERE e.is_redisplay = 0 AND e.certainty = 'certain'
        """

    /// - Parameter k: how many exposed accounts, and how many receiving ones, a count must be about at least.
    /// - Throws: `CaseFileError.notCorrelated`.
    public init(of caseFile: CaseFile, k: Int) throws {
        self.k = k
        let summary = try Summary(of: caseFile)
        isMorePossible = summary.exposuresAtMost > summary.exposuresCertain || summary.missing.isIncomplete
        counted =
            "certain exposures; one with several possible owners counts for no exposed account"
            + (summary.countedTime.map { "; only \($0)" } ?? "")
        affectedAccounts = summary.affectedAccounts >= k ? summary.affectedAccounts : nil
        try caseFile.read { db in
            var total = Cell()
            var cells = [[DatabaseValue: Cell]](repeating: [:], count: Self.attributes.count)
            let rows = try Row.fetchCursor(db, sql: Self.sql)
            while let row = try rows.next() {
                total.add(owner: try row.decode(atIndex: 0), receiver: try row.decode(atIndex: 1))
                for index in cells.indices {
                    cells[index][try row.decode(atIndex: index + 2), default: Cell()].add(
                        owner: try row.decode(atIndex: 0), receiver: try row.decode(atIndex: 1))
                }
            }
            let names = try ShownNames(db)
            let named = try cells.map { cells in
                try cells.map { value, cell in
                    var cell = cell
                    cell.value =
                        if let id = Int64.fromDatabaseValue(value) { try names.text(id) } else {
                            String.fromDatabaseValue(value)
                        }
                    return cell
                }
            }
            let large = named.joined().filter { $0.hides(k) }.compactMap(\.value)
            let somebody = try CaseFile.namingSomebody(among: large, db)
            if total.hides(k) { append("total", cells: 1, total) }
            for (name, cells) in zip(Self.attributes, named) {
                append(Breakdown(name, cells, hiding: k) { !somebody.contains($0) })
            }
        }
    }

    private mutating func append(_ breakdown: Breakdown) {
        let isWithheld = breakdown.isWithheld
        breakdowns.append(
            Outcome(
                name: breakdown.name, isWithheld: isWithheld, published: isWithheld ? nil : breakdown.published.count,
                small: isWithheld ? nil : breakdown.small, beside: isWithheld ? nil : breakdown.beside))
        guard !isWithheld else { return }
        for cell in breakdown.published { append(breakdown.name, cells: 1, cell) }
        if breakdown.suppressed > 0 { append(breakdown.name, cells: breakdown.suppressed, breakdown.together) }
    }

    private mutating func append(_ breakdown: String, cells: Int, _ cell: Cell) {
        rows.append([
            breakdown, cell.value, "\(cells)", "\(cell.owners.count)", "\(cell.receivers.count)", "\(cell.exposures)",
        ])
    }

    /// Writes `aggregates.csv` and `aggregates.json`.
    ///
    /// - Parameter folder: made if it is not there.
    /// - Throws: `ReportError`.
    public func write(to folder: URL) throws {
        try OutputFolder.begin(folder)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        var table = try CSVFile(
            header: ["breakdown", "value", "cells", "exposed_accounts", "receiving_accounts", "exposures"],
            into: AtomicFile(in: folder, Self.files[0]))
        for row in rows { try table.append(texts: row) }
        try table.finish()
        try ReportFile.write(try encoder.encode(self) + Data("\n".utf8), to: folder, Self.files[1])
        OutputFolder.end(folder)
    }
}
