import Correlation
import GRDB
import LogRecords

extension Scope {
    /// How many of the values that there are a message names.
    private static let mostNamed = 12

    /// Makes sure that each value is one that the case has: a misspelt one would leave nobody affected.
    ///
    /// - Throws: `ScopeProblem`, with the values that there are.
    func requireKnownValues(_ db: Database) throws {
        for term in terms {
            let values = "SELECT DISTINCT n.text FROM \(Self.column(term.attribute)) JOIN name n ON n.id = v.value"
            let isKnown = try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM (\(values)) WHERE text = ?)", arguments: [term.value])
            if isKnown == true { continue }
            let known = try String.fetchAll(db, sql: "\(values) ORDER BY n.text LIMIT \(Self.mostNamed + 1)")
            let named = known.prefix(Self.mostNamed).map { "'\($0)'" }.joined(separator: ", ")
            let there =
                known.isEmpty
                ? "no line names a \(term.attribute.rawValue)"
                : "there are \(named)\(known.count > Self.mostNamed ? " and others" : "")"
            throw ScopeProblem(
                part: "\(term.attribute.rawValue)=\(term.value)", why: "is what no delivery has: \(there)")
        }
    }

    /// Where an attribute's values stand, as `v.value`.
    private static func column(_ attribute: Attribute) -> String {
        let counted = "JOIN source s ON s.id = t.id >> \(EventID.lineBits) WHERE s.state IN ('complete', 'damaged')"
        return switch attribute {
        case .client, .node, .kind: "(SELECT \(attribute.rawValue) AS value FROM circumstance) v"
        case .model: "(SELECT t.model AS value FROM camera t \(counted)) v"
        case .rollout: "(SELECT t.name AS value FROM rollout t \(counted)) v"
        }
    }
}
