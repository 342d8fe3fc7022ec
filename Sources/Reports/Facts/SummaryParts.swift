extension Summary {
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
