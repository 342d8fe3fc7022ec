public import GRDB

extension DeliveryContextTable {
    /// Stores those that are new since the last call, and seals the table anew.
    public func store(_ db: Database) throws { if try append(to: db) { try Seals.renew(.circumstance, db) } }
}
