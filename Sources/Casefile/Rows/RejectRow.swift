public import GRDB

/// A line that could not be used.
public struct RejectRow: Sendable {
    public var source: Int64
    public var line: Int64
    /// Byte of the line's beginning in the decoded stream.
    public var offset: Int64
    public var reason: String
    /// The first bytes of the line.
    public var sample: String

    public init(source: Int64, line: Int64, offset: Int64, reason: String, sample: String) {
        self.source = source
        self.line = line
        self.offset = offset
        self.reason = reason
        self.sample = sample
    }

    public func insert(_ db: Database) throws {
        try RowStatement("INSERT OR REPLACE INTO reject VALUES (?, ?, ?, ?, ?)", db).execute([
            source.databaseValue, line.databaseValue, offset.databaseValue, reason.databaseValue, sample.databaseValue,
        ])
    }
}
