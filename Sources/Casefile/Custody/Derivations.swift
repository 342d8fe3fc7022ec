internal import Foundation
public import GRDB
public import LogRecords

/// Keeps in the case how a source's fields were derived, so that a proof can say it when the profile is long gone.
public enum Derivations {
    private static let action = Journal.Action.derivations

    /// Notes what each profile in use derives, once for each way of doing it.
    public static func note(_ profiles: [Profile], _ db: Database) throws {
        let known = Set(
            try String.fetchAll(db, sql: "SELECT detail FROM journal WHERE action = ?", arguments: [action.rawValue]))
        let inUse = Set(
            try String.fetchAll(db, sql: "SELECT DISTINCT profile FROM source WHERE profile IS NOT NULL").map(name))
        for profile in profiles where inUse.contains(profile.name) {
            let derived = profile.derivedMapping
            guard !derived.isEmpty else { continue }
            var detail = Dictionary(derived.map { ("\($0.kind.rawValue).\($0.field)", $0.source) }) { first, _ in first
            }
            detail["profile"] = profile.name
            guard !known.contains(try Journal.json(detail)) else { continue }
            try Journal.append(action, detail, to: db)
        }
    }

    /// How the fields of a source's deliveries were derived, by field; of a profile that changed meanwhile, every way.
    public static func ofDeliveries(_ label: String?, _ db: Database) throws -> [(field: String, source: String)] {
        guard let label else { return [] }
        var ways: [String: [String]] = [:]
        for text in try String.fetchAll(
            db, sql: "SELECT detail FROM journal WHERE action = ? ORDER BY rowid", arguments: [action.rawValue])
        {
            guard let detail = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8)),
                detail["profile"] == name(label)
            else { continue }
            for (key, source) in detail where key.hasPrefix("delivery.") {
                ways[String(key.dropFirst("delivery.".count)), default: []].append(source)
            }
        }
        return ways.sorted { $0.key < $1.key }.map { ($0.key, $0.value.joined(separator: "; or ")) }
    }

    /// A profile's name out of a source's label, which names the envelopes too.
    private static func name(_ label: String) -> String { label.components(separatedBy: " in ")[0] }
}
