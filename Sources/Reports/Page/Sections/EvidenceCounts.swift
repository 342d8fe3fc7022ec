import GRDB

/// How we know: exposures by the evidence for the frame's owner, and by what the receiver is to the owner.
struct EvidenceCounts {
    private static let width = 200.0

    private let evidence: [Row]
    private let relations: [Row]

    /// What each word means, in the order of strength.
    private static let evidenceWords = [
        ("stated", "the delivery's line names the owner"),
        ("frame", "the line names a frame that a fill ties to an owner"),
        ("origin", "the frame was fetched for this very request"),
        ("cache", "what stood in the cache under that key then"),
    ]
    private static let relationWords = [
        ("stranger", "never had a right to that camera"), ("former-grantee", "held a grant that had ended"),
        ("former-owner", "owned the camera before"), ("next-owner", "owned the camera after"),
        ("unknown", "the receiver or the owner is not known"),
    ]

    init(_ db: Database) throws {
        func counts(_ column: String) throws -> [Row] {
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(column), sum(certainty = 'certain'), sum(certainty = 'possible') FROM exposure
                    WHERE is_redisplay = 0 GROUP BY 1 ORDER BY 1
                    """)
        }
        evidence = try counts("evidence")
        relations = try counts("relation")
    }

    func section(_ summary: Summary) throws -> Section? {
        guard !evidence.isEmpty else { return nil }
        var notes = [
            "Every exposure's proof is in the table of exposures below, with the lines of the logs that it rests on."
        ]
        if summary.redisplays > 0 {
            notes.append(
                "\(Wording.count(summary.redisplays, "answer")) with status 304 showed such a frame again, out of what the client held; they are not counted as exposures."
            )
        }
        return Section(
            id: "evidence", title: "How we know", short: "How we know",
            lead:
                "By what the owner of each exposed frame is known, the strongest evidence first, and what the receiver is to that owner.",
            tables: [
                try table("Exposures by evidence", "evidence", evidence, Self.evidenceWords),
                try table("Exposures by relation", "the receiver", relations, Self.relationWords),
            ], notes: notes)
    }

    private func table(_ caption: String, _ heading: String, _ rows: [Row], _ words: [(String, String)])
        throws -> Section.Table
    {
        let order = Dictionary(uniqueKeysWithValues: words.enumerated().map { ($1.0, $0) })
        let counts: [(word: String, certain: Int, possible: Int)] = try rows.map {
            try ($0.decode(atIndex: 0), $0.decode(atIndex: 1), $0.decode(atIndex: 2))
        }
        let sorted = counts.sorted { (order[$0.word] ?? 99, $0.word) < (order[$1.word] ?? 99, $1.word) }
        let most = Double(max(1, counts.map { $0.certain + $0.possible }.max() ?? 1))
        return Section.Table(
            caption: caption,
            columns: [
                .init(heading: heading), .init(heading: "meaning"), .init(heading: "share"),
                .init(heading: "certain", isNumber: true), .init(heading: "possible", isNumber: true),
            ],
            rows: sorted.map { word, certain, possible in
                Section.Row(cells: [
                    .head(word), .text(words.first { $0.0 == word }?.1), .strip(Self.strip(certain, possible, most)),
                    .number(certain), .number(possible),
                ])
            })
    }

    private static func strip(_ certain: Int, _ possible: Int, _ most: Double) -> String {
        var drawing = Drawing(width: width, height: 18)
        let (a, b) = (Double(certain) / most * width, Double(possible) / most * width)
        if certain > 0 {
            drawing.add("rect", ["class": "certain", "x": "0", "y": "3", "width": .init(max(1, a)), "height": "12"])
        }
        if possible > 0 {
            drawing.add(
                "rect", ["class": "possible", "x": .init(a), "y": "3", "width": .init(max(1, b)), "height": "12"])
        }
        return drawing.svg("strip", nil)
    }
}
