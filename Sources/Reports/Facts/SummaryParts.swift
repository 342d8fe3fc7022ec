extension Summary {
    /// A rollout, and the exposures delivered while it was in force.
    public struct RolloutCount: Sendable, Encodable {
        public var name: String
        /// When it reached its first node, RFC 3339.
        public var from: String
        public var exposuresCertain: Int
        public var exposuresPossible: Int
        /// Deliveries while it was in force; nil if none of them is known.
        public var deliveries: Int?
        /// Of `exposuresCertain` among them against the stretch before, Fisher's exact test of accounts, two-sided.
        public var pValue: Double?
        /// What the table of rollouts says of it.
        public var note: String?

        enum CodingKeys: String, CodingKey {
            case name, from, deliveries, note
            case pValue = "p_value"
            case exposuresCertain = "exposures_certain"
            case exposuresPossible = "exposures_possible"
        }
    }

    /// A clock of the dump, by how much it is ahead of the reference, and how far that may be wrong.
    public struct Clock: Sendable, Encodable {
        public var name: String?
        public var basis: String
        public var offsetLowest: Int
        public var offsetHighest: Int
        public var bound: Int
        public var samples: Int
        public var rejected: Int

        enum CodingKeys: String, CodingKey {
            case name, basis, samples, rejected
            case offsetLowest = "offset_low_us"
            case offsetHighest = "offset_high_us"
            case bound = "bound_us"
        }
    }

    /// A change of the rate of certain exposures on a node, or on all of them, found from the counts alone.
    public struct Change: Sendable, Encodable {
        /// `node`, or `all nodes` together.
        public var scope: String
        public var node: String?
        /// `step`: the new rate lasts; `burst`: it falls again soon.
        public var kind: String
        /// It lies between these two, RFC 3339.
        public var from: String
        public var until: String
        /// When a burst was over.
        public var end: String?
        public var beforeRate: Double
        public var afterRate: Double

        enum CodingKeys: String, CodingKey {
            case scope, node, kind, from, until, end
            case beforeRate = "before_rate"
            case afterRate = "after_rate"
        }
    }

    /// A scope beside the chosen one, and how many accounts it holds.
    public struct Neighbour: Sendable, Encodable {
        /// What makes it differ: `without client`, `with network=poor`, `whole dump`; `scope`: it is the chosen one.
        public var change: String
        /// As `--scope` states it; nil: the whole dump.
        public var scope: String?
        public var affectedAccounts: Int

        enum CodingKeys: String, CodingKey {
            case change, scope
            case affectedAccounts = "affected_accounts"
        }
    }

    /// Something that the counts rest on, and what the dump answers about it (`Correlation.Assumption`).
    public struct AssumptionAnswer: Sendable, Encodable {
        public var assumption: String
        /// `held`, `contradicted`, `untestable`, `unused` or `stated`.
        public var status: String
        /// How many lines, keys or names were asked, and how many of them speak against it.
        public var checked: Int
        public var against: Int
        /// The answer, a sentence.
        public var detail: String
        /// What is assumed, a sentence.
        public var statement: String
    }

    /// Two logs that tell of the same answers.
    public struct LogPair: Sendable, Encodable {
        public var log: String
        public var other: String
        /// Of the smaller one's lines that were asked, the share with a partner in the other, and that by chance.
        public var share: Double
        public var byChance: Double

        enum CodingKeys: String, CodingKey {
            case log, other, share
            case byChance = "by_chance"
        }
    }
}
