public import LogRecords

/// A delivery that the correlation found to be an exposure.
public struct ExposureRow {
    public var delivery: Delivery
    public var isCertain: Bool
    public var isToStranger: Bool
    /// Absent: not known.
    public var rolloutAtFill: NameID
    public var rolloutAtDelivery: NameID
}

extension EventReader {
    /// Calls `body` for each exposure, in order of reading; redisplays are none.
    public func eachExposure(_ body: (ExposureRow) throws -> Void) throws {
        let behind = EventRow.deliveryColumns
        // CROSS JOIN makes SQLite begin with the few exposures, not with the many deliveries.
        try each(
            """
            SELECT d.*, e.certainty = 'certain', e.relation = 'stranger', e.rollout_at_fill, e.rollout_at_delivery
            FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery WHERE e.is_redisplay = 0 ORDER BY e.delivery
            """
        ) { row in
            try body(
                ExposureRow(
                    delivery: row.delivery(circumstances), isCertain: row.integer(behind) != 0,
                    isToStranger: row.integer(behind + 1) != 0, rolloutAtFill: row.name(behind + 2),
                    rolloutAtDelivery: row.name(behind + 3)))
        }
    }
}
