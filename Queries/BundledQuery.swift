/// The bundled SQL: each file of this folder, word for word, so that `strayframe query` and the `sqlite3` shell run the
/// same text.
public struct BundledQuery: Sendable {
    /// The file's name without `.sql`.
    public let name: String
    public let sql: String

    /// The header's lines, without the comment marks.
    public var header: [String] {
        sql.split(separator: "\n", omittingEmptySubsequences: false).prefix { $0.hasPrefix("--") }.map { line in
            String(line.dropFirst(2).drop { $0 == " " })
        }
    }

    /// What the query answers: the header's first line.
    public var answers: String { header.first ?? "" }

    /// The names of its parameters (`:account`), in order of appearance.
    public var parameters: [String] {
        var names: [String] = []
        let body = sql.split(separator: "\n").filter { !$0.hasPrefix("--") }.joined(separator: "\n")
        for match in body.matches(of: /:([a-z_]+)/) where !names.contains(String(match.1)) {
            names.append(String(match.1))
        }
        return names
    }

    /// The parameters without which it answers nothing, as its header says.
    public var requiredParameters: [String] {
        parameters.filter { name in header.contains { $0.contains("\(name) (required)") } }
    }

    /// All of them, in order of name.
    public static let all: [BundledQuery] = [
        ("account-story", PackageResources.account_story_sql),
        ("assumptions", PackageResources.assumptions_sql),
        ("change-points", PackageResources.change_points_sql),
        ("clock-offsets", PackageResources.clock_offsets_sql),
        ("collisions", PackageResources.collisions_sql),
        ("conditions", PackageResources.conditions_sql),
        ("coverage-gaps", PackageResources.coverage_gaps_sql),
        ("directory-problems", PackageResources.directory_problems_sql),
        ("exposed-accounts", PackageResources.exposed_accounts_sql),
        ("exposures-per-client", PackageResources.exposures_per_client_sql),
        ("exposures-per-hour", PackageResources.exposures_per_hour_sql),
        ("exposures-per-network", PackageResources.exposures_per_network_sql),
        ("exposures-per-node", PackageResources.exposures_per_node_sql),
        ("exposures-per-rollout", PackageResources.exposures_per_rollout_sql),
        ("former-grantees", PackageResources.former_grantees_sql),
        ("identity-crossings", PackageResources.identity_crossings_sql),
        ("is-it-fixed", PackageResources.is_it_fixed_sql),
        ("key-changes", PackageResources.key_changes_sql),
        ("key-remedies", PackageResources.key_remedies_sql),
        ("keys-still-shared", PackageResources.keys_still_shared_sql),
        ("pairs", PackageResources.pairs_sql),
        ("receiving-accounts", PackageResources.receiving_accounts_sql),
        ("rejects-by-reason", PackageResources.rejects_by_reason_sql),
        ("residue-after-rollout", PackageResources.residue_after_rollout_sql),
        ("rollout-rates", PackageResources.rollout_rates_sql),
        ("shared-keys", PackageResources.shared_keys_sql),
        ("source-coverage", PackageResources.source_coverage_sql),
        ("summary", PackageResources.summary_sql),
        ("unresolved-by-cause", PackageResources.unresolved_by_cause_sql),
    ].map { BundledQuery(name: $0, sql: String(decoding: $1, as: UTF8.self)) }

    public static func named(_ name: String) -> BundledQuery? { all.first { $0.name == name } }
}
