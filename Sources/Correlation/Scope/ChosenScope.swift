/// The scope of an analysis, and where it comes from.
public struct ChosenScope: Sendable {
    /// Nil: the whole dump.
    public var scope: Scope?
    /// How it was chosen, a sentence.
    public var basis: String

    /// What was stated counts. Otherwise the path is taken from the cause: its terms on client, model, node, kind and
    /// rollout, as far as nearly every exposure fulfils them. The network's quality is left out, and so is the hour: an
    /// account on the path was at risk whether or not its network was poor that day. The rollout stays in, for before it
    /// no frame could stray.
    ///
    /// - Parameter conditions: nil if there is no exposure.
    public init(stated: Scope?, _ conditions: Conditions?) {
        if let stated {
            self.init(scope: stated, basis: "stated with --scope")
            return
        }
        guard let conditions else {
            self.init(scope: nil, basis: "the whole dump, for there is no exposure to infer a path from")
            return
        }
        guard let cause = conditions.cause else {
            self.init(
                scope: nil,
                basis: "the whole dump, for no condition tells the \(conditions.basis.rawValue) significantly apart")
            return
        }
        let onPath = cause.terms.filter { $0.attribute.inScope != nil && $0.comparison == .equal }
        let kept = onPath.filter {
            Double(conditions.exposuresByTerm[$0] ?? 0) >= Self.share * Double(conditions.exposures)
        }
        let terms = kept.compactMap { term in
            term.attribute.inScope.map { Scope.Term(attribute: $0, value: term.value) }
        }
        let dropped = onPath.filter { !kept.contains($0) }
        let without =
            dropped.isEmpty
            ? "" : ", without \(Condition.text(dropped)), for too many exposures lie outside"
        if terms.isEmpty {
            self.init(
                scope: nil, basis: "the whole dump, for the cause (\(cause.text)) names no path of accounts\(without)")
        } else {
            self.init(scope: Scope(terms: terms), basis: "inferred from the cause (\(cause.text))\(without)")
        }
    }

    /// The part of the exposures that a term of an inferred scope must hold for.
    static let share = 0.95

    private init(scope: Scope?, basis: String) {
        self.scope = scope
        self.basis = basis
    }
}
