import Casefile
import Foundation
public import Queries

/// The metadata with which Datasette shows a case: what its views hold, in which units, what to filter by, and each bundled
/// query as a canned one (docs.datasette.io, "Metadata", of the versions 0.x).
public struct DatasetteMetadata: Encodable, Sendable {
    struct Table: Encodable, Sendable {
        var title: String?
        var description: String?
        var units: [String: String]?
        var facets: [String]?
        var hidden: Bool?
    }

    struct Query: Encodable, Sendable {
        let title: String
        let description: String
        let sql: String
        let params: [String]
    }

    struct Base: Encodable, Sendable {
        let title: String
        let description: String
        let tables: [String: Table]
        let queries: [String: Query]
    }

    let title: String
    let description: String
    let databases: [String: Base]

    /// - Parameter path: the case; Datasette names a database as its file, without the ending.
    public init(forCase path: String, tables: [String], queries: [BundledQuery] = BundledQuery.all) {
        let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        title = "Exposure case"
        description = "Whose frames reached whom, without a right to them. Serve it on loopback: it names people."
        var shown = Self.views
        for table in tables { shown[table] = Table(hidden: true) }
        databases = [
            name: Base(
                title: name,
                description: "The views read the case with names and times; the queries answer one question each.",
                tables: shown,
                queries: Dictionary(uniqueKeysWithValues: queries.map { ($0.name, Self.canned($0)) }))
        ]
    }

    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// Datasette has an empty text for a parameter that is not given, where the queries ask for NULL, and a text for a number.
    static func canned(_ query: BundledQuery) -> Query {
        var sql = query.sql.split(separator: "\n").filter { !$0.hasPrefix("--") }.joined(separator: "\n")
        if sql.hasSuffix(";") { sql.removeLast() }
        let names = query.parameters
        sql = sql.replacing(/:([a-z_]+)/) { match in
            let name = String(match.1)
            guard names.contains(name) else { return String(match.0) }
            let given = "nullif(:\(name), '')"
            return QueryOutput.numbers.contains(name) ? "CAST(\(given) AS NUMERIC)" : given
        }
        return Query(
            title: query.answers, description: query.header.dropFirst().joined(separator: " "), sql: sql, params: names)
    }

    private static let views: [String: Table] = [
        "exposures": Table(
            title: "Exposures", description: "Deliveries of a frame to an account that was not entitled to it.",
            facets: ["certainty", "relation", "evidence", "node", "client", "model"]),
        "redisplays": Table(
            title: "Redisplays", description: "304 answers that showed an exposed frame again.",
            facets: ["certainty", "node"]),
        "exposure_candidates": Table(
            title: "Candidates", description: "The frames that each exposure can have carried, the likeliest first.",
            facets: ["relation", "certainty"]),
        "unresolved_deliveries": Table(
            title: "Unresolved deliveries", description: "Deliveries whose frame is not known.",
            facets: ["cause", "node"]),
        "deliveries": Table(
            title: "Deliveries", description: "Responses of relays and edges, as logged.",
            units: ["bytes": "byte", "rtt_ms": "millisecond"]),
        "fills": Table(
            title: "Fills", description: "Moments at which a cache stored a frame under a key.",
            units: ["ttl_s": "second"]),
        "purges": Table(title: "Purges", description: "Ends of cache entries.", facets: ["kind", "node"]),
        "rollouts": Table(title: "Rollouts", description: "Changes of the caches' software or configuration."),
        "cameras": Table(title: "Cameras", description: "Who owned which camera, and when.", facets: ["model"]),
        "grants": Table(title: "Grants", description: "Rights that owners gave to others, and when."),
        "affected_accounts": Table(
            title: "Affected accounts", description: "Accounts inside the scope, exposed or not.", facets: ["reason"]),
        "annotations": Table(
            title: "Annotations", description: "Tags and notes of those who work on the case.", facets: ["tag"]),
        "assumptions": Table(
            title: "Assumptions", description: "What the counts rest on, and what the dump says of it.",
            facets: ["status"]),
        "conditions": Table(title: "Conditions", description: "What explains the exposures, the cause first."),
        "collisions": Table(
            title: "Collisions", description: "Keys that several owners' cameras filled between two purges.",
            facets: ["node", "template"]),
        "rollout_rates": Table(
            title: "Rates by rollout", description: "Deliveries and exposures while each rollout was in force.",
            facets: ["node"]),
        "silences": Table(
            title: "Silences", description: "Stretches in which a node should have logged and did not.",
            units: ["seconds": "second"], facets: ["node", "log", "basis"]),
        "clocks": Table(
            title: "Clocks", description: "By how much each clock is ahead of the reference.",
            units: ["offset_low_s": "second", "offset_high_s": "second", "bound_s": "second"], facets: ["basis"]),
        "change_points": Table(
            title: "Change points", description: "Changes of the rate of exposures that the counts alone show.",
            units: ["seconds": "second"], facets: ["kind"]),
        "sources": Table(
            title: "Sources", description: "Each file of the dump as it was found, and what was read of it.",
            units: ["size": "byte"], facets: ["state", "profile", "compression"]),
        "rejects": Table(
            title: "Rejected lines", description: "Lines that could not be used, and why.", facets: ["reason", "path"]),
    ]
}
