import Casefile
import GRDB
import LogRecords

/// By what the clients of deliveries are recognised, for deliveries that are asked for source by source.
struct ClientTraits {
    private let db: Database
    private var source: Int64?
    private var columns: [LineTags.Column] = []

    /// - Returns: nil if no line names a session or a device.
    init?(_ db: Database) throws {
        guard try LineTags.exist(db, of: [.session, .device]) else { return nil }
        self.db = db
    }

    /// The digests of a delivery's session and device, as far as its line has them.
    mutating func digests(of delivery: EventID) throws -> [UInt64] {
        if source != delivery.source {
            source = delivery.source
            columns = try [.session, .device].map { try LineTags.Column($0, of: delivery.source, db) }
        }
        return columns.indices.map { columns[$0].digest(ofLine: delivery.line) }.filter { $0 != 0 }
    }
}
