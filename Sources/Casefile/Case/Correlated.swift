public import GRDB

extension CaseFile {
    /// Whether a correlation has judged all that is in the case.
    public static func isCorrelated(_ db: Database) throws -> Bool {
        // An ingest takes the figures of the correlation away.
        try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM correlation WHERE what = 'deliveries')") == true
    }

    /// Makes sure that a correlation has judged all that is in the case.
    ///
    /// - Throws: `CaseFileError.notCorrelated`.
    public func requireCorrelated(_ db: Database) throws {
        if try !Self.isCorrelated(db) { throw CaseFileError.notCorrelated(path: path) }
    }

    /// As ``requireCorrelated(_:)``, if a statement reads what a correlation finds.
    public func requireCorrelated(_ db: Database, for statement: Statement) throws {
        let region = statement.databaseRegion
        // Which lines tell of one answer stands in the lists of lines and sources, which can be read before anything is judged.
        let findings = SealedTable.findings.filter { !["same_answer", "shared_source"].contains($0.name) }
        if findings.contains(where: { region.isModified(byEventsOfKind: .delete(tableName: $0.name)) }) {
            try requireCorrelated(db)
        }
    }
}
