import LogRecords

/// How what two lines say of their cache must fit for them to tell of one answer.
///
/// One server says the same in all of its logs. A server that answered from its own store asked no other, so that of two servers in
/// a row only the inner one can have done so, and that always the same of the two.
public enum AnswerRule: Sendable, Equatable {
    /// Nothing is asked: what else the lines have in common is proof enough.
    case any
    /// One server wrote both: they agree on the verdict, how long it took, and what the client was.
    case oneServer
    /// One server wrote both, in formats that say the rest in different ways: they agree on whether it came from its store.
    case sameVerdict
    /// Two servers, one before the other.
    case chained

    /// Of pairs that must fit so many may not.
    private static let mostMisfits = 0.1

    /// - Returns: those to be tried, the strictest first.
    static func all(_ anchor: Anchor, isOneFormat: Bool) -> [AnswerRule] {
        if anchor == .request { return [.any] }
        return isOneFormat ? [.oneServer, .chained] : [.oneServer, .sameVerdict, .chained]
    }

    func allows(_ lines: (Delivery, Delivery)) -> Bool {
        let (a, b) = lines
        switch self {
        case .any: return true
        case .oneServer: return LogTie.agree(a.node, b.node) != false && LogTie.sayTheSame(a, b)
        case .sameVerdict: return LogTie.agree(a.node, b.node) != false && Self.areSameVerdicts(a, b)
        case .chained: return !(a.isFromOwnStore && b.isFromOwnStore)
        }
    }

    private static func areSameVerdicts(_ a: Delivery, _ b: Delivery) -> Bool {
        a.cacheStatus == .unknown || b.cacheStatus == .unknown || a.isFromOwnStore == b.isFromOwnStore
    }

    /// Whether verdicts of many pairs are those of logs that the rule is for.
    ///
    /// - Parameters:
    ///   - pairs: that it allows.
    ///   - others: of lines that have no partner by it, but one at the same time that is alike in all else.
    func fits(_ pairs: [(Delivery, Delivery)], notOf others: [(Delivery, Delivery)]) -> Bool {
        switch self {
        case .any: return true
        case .oneServer, .sameVerdict:
            let misfits = others.count { !Self.areSameVerdicts($0, $1) }
            return Double(misfits) <= Self.mostMisfits * Double(pairs.count + others.count)
        case .chained:
            // The outer one of two never answers from its store what the inner one answers, too.
            let (ofFirst, ofOther) = (pairs.count { $0.0.isServedUnasked }, pairs.count { $0.1.isServedUnasked })
            return Double(min(ofFirst, ofOther)) <= Self.mostMisfits * Double(pairs.count)
        }
    }
}
