import Casefile
import GRDB

/// A case that came from other machines: it holds their findings, not all events.
enum ImportedCase {
    /// Refuses to do with an imported case what needs all its events.
    static func refuse(_ db: Database, path: String, to what: String) throws {
        guard
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM journal WHERE action = ?)",
                arguments: [Journal.Action.imported.rawValue]) == true
        else { return }
        throw AnalysisError.notForThisCase(
            path: path,
            reason: "came from other machines and holds their findings, not all events; \(what) there and import again")
    }
}
