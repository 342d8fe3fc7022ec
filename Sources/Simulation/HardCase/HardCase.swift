/// A case in which causes that come easily to mind are wrong: traffic of accounts that are no independent requests, faults
/// that no rollout brought, and what merely goes along with the cause.
package enum HardCase: String, CaseIterable, Sendable {
    /// Nothing goes wrong but for a few frames here and there.
    case clean
    /// Three, eight or twenty accounts at random poll stray frames again and again, each on one path of its own. No cause.
    case clustered
    /// A fault of one client on a poor network, and one stuck client of another kind that polls a stray frame all day.
    case poller
    /// One account asks for a stray frame again and again.
    case oneAccount = "one_account"
    /// A fault of one client from three quarters of the time on; the only rollout was at a fifth of it.
    case noRollout = "no_rollout"
    /// Half an hour, once, on every path.
    case shortBurst = "short_burst"
    /// Two hours of every night since a rollout.
    case nightly
    /// Round trips of 250 to 400 ms.
    case roundTripBand = "rtt_band"
    /// A fault since a rollout, at whose time most of the faulty client's requests changed to a new version.
    case versionDecoy = "client_version"
    /// A fault of a client whose accounts are mostly in one region.
    case regionDecoy = "region"
    /// A fault, and a node with many stray frames of its own.
    case noisyNode = "noisy_node"
    /// A fault of poor networks, which one client mostly has, and suffers less from.
    case simpson
    /// Two faults without a rollout that have nothing in common.
    case twoFaults = "two_faults"
    /// One node of eight goes wrong from some day on.
    case badNode = "bad_node"
    /// One version of one client.
    case badVersion = "bad_version"
    /// Three to five accounts that poll stray frames, all of one client or all on one node. No cause.
    case sharedByChance = "shared_by_chance"
    /// One household's twelve accounts poll a few stray frames from one place.
    case fleet
    /// Some accounts poll a few times, some again and again; nothing is common to them. No cause.
    case unequalClusters = "unequal_clusters"
    /// One client makes nearly all requests; twenty accounts of any client poll stray frames. No cause.
    case busyClient = "busy_client"
    /// A fault of poor networks, and a plan that nine in ten of those have and one in ten of the others.
    case correlated
    /// A fault on a conjunction of three.
    case threeTerms = "three_terms"
    /// A fault since a rollout that shows in one of twenty requests on its path.
    case weak
    /// A rollout that reaches node after node, and a fault in one region that begins later.
    case midRollout = "mid_rollout"
    /// A rollout with a fault that was taken back and came again.
    case rolledBack = "rolled_back"
    /// A cache that starts again with an index that is wrong.
    case cacheRestart = "cache_restart"
    /// A purge of all keys, and a fault of one client as long as the caches are cold.
    case coldPurge = "cold_purge"
}

/// What may be named as the cause of a hard case.
package struct HardTruth: Sendable, Encodable {
    /// Any of these conjunctions is right as the first; none: no condition explains anything.
    package var causes: [String] = []
    /// Whether all of them must be named, each in a statement of its own.
    package var areTwo = false
    /// The account that explains nearly all; of a household any of its accounts.
    package var accounts: [String] = []
    /// What had made the cache cold when it began: `restart` or `purge`.
    package var cold: String?
    /// Whether the rollout in force brought it.
    package var isSinceRollout = false
    /// When it began, RFC 3339, if no rollout brought it and it did not begin with the logs.
    package var began: String?
    /// What an engineer would write.
    package var sentence = ""
}
