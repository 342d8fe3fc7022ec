public import GRDB
public import LogRecords

/// Reads exposures back out of a case, with their deliveries, for the study of their cause.
public struct ExposureReader {
    /// What the correlation found about a delivery.
    public struct Exposure {
        public var delivery: Delivery
        public var isCertain: Bool
        public var isToStranger: Bool
        /// Absent: not known.
        public var rolloutAtFill: NameID
    }

    private let db: Database

    public init(_ db: Database) { self.db = db }

    /// Calls `body` for each exposure, in order of reading; redisplays are none.
    public func each(_ body: (Exposure) throws -> Void) throws {
        let row = EventRow(
            try db.makeStatement(
                sql: """
                    SELECT d.*, e.certainty = 'certain', e.relation = 'stranger', e.rollout_at_fill
                    FROM exposure e JOIN delivery d ON d.id = e.delivery WHERE e.is_redisplay = 0 ORDER BY e.delivery
                    """))
        while try row.step() {
            try body(
                Exposure(
                    delivery: row.delivery, isCertain: row.integer(23) != 0, isToStranger: row.integer(24) != 0,
                    rolloutAtFill: row.name(25)))
        }
    }
}
