public import GRDB
public import LogRecords

extension RejectRow {
    /// Stores the line, in place of what was stored of it before.
    ///
    /// - Throws: `DatabaseError`.
    public func insert(_ db: Database) throws {
        try RowStatement(Self.insertion, db).execute(RowValues(self).values)
    }

    private static let insertion = RecordInsert<RejectRow>.sql(onConflict: .replace)
}
