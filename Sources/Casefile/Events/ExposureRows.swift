public import Interning
public import LogRecords

/// A delivery that the correlation found to be an exposure.
public struct ExposureRow: BitwiseCopyable {
    public var delivery: Delivery
    public var isCertain: Bool
    public var isToStranger: Bool
    /// Absent: not known.
    public var rolloutAtFill: SymbolID
    public var rolloutAtDelivery: SymbolID
    /// The likeliest frame's; absent: not known.
    public var frameCamera: SymbolID
}

extension EventReader {
    /// Each exposure, in order of reading; redisplays are none. Read once, for its delivery may lie anywhere in the case.
    ///
    /// - Parameter folder: where a scratch file is made if there are many.
    public func exposures(folder: String) throws -> SpillFile<ExposureRow> {
        let exposures = SpillFile<ExposureRow>(folder: folder)
        let behind = Int32(EventTable.delivery.width)
        // CROSS JOIN makes SQLite begin with the few exposures, not with the many deliveries.
        try each(
            """
            SELECT d.*, e.certainty = 'certain', e.relation = 'stranger', e.rollout_at_fill, e.rollout_at_delivery, c.camera
            FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery
                LEFT JOIN candidate c ON c.delivery = e.delivery AND c.rank = 1 WHERE e.is_redisplay = 0 ORDER BY e.delivery
            """
        ) { row in
            guard let delivery = asCounted(try row.delivery(circumstances)) else { return }
            try exposures.append(
                ExposureRow(
                    delivery: delivery, isCertain: row.integer(behind) != 0,
                    isToStranger: row.integer(behind + 1) != 0, rolloutAtFill: row.name(behind + 2),
                    rolloutAtDelivery: row.name(behind + 3), frameCamera: row.name(behind + 4)))
        }
        return exposures
    }
}
