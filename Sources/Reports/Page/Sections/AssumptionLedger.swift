/// What the count rests on: every assumption, and what the dump answers about it.
struct AssumptionLedger {
    let assumptions: [Summary.AssumptionAnswer]

    /// What each status means.
    private static let words = [
        "contradicted": "contradicted", "untestable": "cannot be tested here", "held": "held", "stated": "stated",
        "unused": "not needed",
    ]
    private static let order = ["contradicted", "untestable", "stated", "held", "unused"]

    /// How many there are of each status, the gravest first: none contradicted is said, too.
    var entries: [Answer.LedgerEntry] {
        guard !assumptions.isEmpty else { return [] }
        return Self.order.compactMap { status in
            let count = assumptions.count { $0.status == status }
            return count > 0 || status == "contradicted"
                ? Answer.LedgerEntry(status: status, words: "\(count) \(Self.words[status] ?? status)") : nil
        }
    }

    func section() -> Section? {
        guard !assumptions.isEmpty else { return nil }
        func count(_ status: String) -> Int { assumptions.count { $0.status == status } }
        let rank = Dictionary(uniqueKeysWithValues: Self.order.enumerated().map { ($1, $0) })
        let sorted = assumptions.enumerated().sorted {
            (rank[$0.element.status] ?? 9, $0.offset) < (rank[$1.element.status] ?? 9, $1.offset)
        }
        return Section(
            id: "assumptions", title: "What this count rests on", short: "What it rests on",
            lead:
                "Of \(assumptions.count) assumptions the dump contradicts \(count("contradicted")) and cannot test \(count("untestable")). What rests on a contradicted one is counted as possible or unresolved, never as certain.",
            tables: [
                Section.Table(
                    caption: "Assumptions",
                    columns: [
                        .init(heading: "assumption"), .init(heading: "status"), .init(heading: "what the dump says"),
                        .init(heading: "checked", isNumber: true), .init(heading: "against", isNumber: true),
                    ],
                    rows: sorted.map { _, one in
                        Section.Row(cells: [
                            .head(one.statement), .text(Self.words[one.status] ?? one.status),
                            .text(ShownNames.visible(one.detail)), .number(one.checked), .number(one.against),
                        ])
                    })
            ])
    }
}
