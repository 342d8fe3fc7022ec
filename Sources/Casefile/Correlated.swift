public import GRDB

extension CaseFile {
    /// Makes sure that a correlation has judged all that is in the case.
    ///
    /// - Throws: `CaseFileError.notCorrelated`.
    public func requireCorrelated(_ db: Database) throws {
        // An ingest takes the figures of the correlation away.
        let isCorrelated = try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM correlation WHERE what = 'deliveries')")
        if isCorrelated != true { throw CaseFileError.notCorrelated(path: path) }
    }

    /// As ``requireCorrelated(_:)``, if a statement reads what a correlation finds.
    public func requireCorrelated(_ db: Database, for statement: Statement) throws {
        let region = statement.databaseRegion
        if SealedTable.findings.contains(where: { region.isModified(byEventsOfKind: .delete(tableName: $0.name)) }) {
            try requireCorrelated(db)
        }
    }
}
