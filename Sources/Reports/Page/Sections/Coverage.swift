import Casefile
import GRDB
import LogRecords

/// What was read: each source's time, the silences of each node, and the lines that could not be used.
struct Coverage {
    private static let mostSources = 80
    private static let mostNodes = 40
    private static let mostRejects = 40
    private static let width = 220.0

    private let scale: TimeScale?
    private let sources: [SourceRow]
    /// By source: in which logs answers count that do not count by its lines.
    private let shared: [Int64: String]
    private let silences: [(node: String?, log: String, gaps: [(from: Int64, until: Int64)])]
    private let rejects: [Row]
    private let rejectGroups: Int
    private let unresolved: [Row]

    init(_ db: Database, _ names: ShownNames, _ scale: TimeScale?) throws {
        self.scale = scale
        shared = try SameAnswers.notes(db)
        sources = try SourceRow.all(db).sorted { one, other in
            func rank(_ source: SourceRow) -> (Int, String, String, String) {
                let isFine = source.state == .complete && source.rejected == 0
                return (isFine ? 1 : 0, source.path, source.member ?? "", source.sha256 ?? "")
            }
            return rank(one) < rank(other)
        }
        var found: [String: (node: String?, log: String, gaps: [(from: Int64, until: Int64)])] = [:]
        for row in try Row.fetchAll(
            db,
            sql: """
                SELECT node, log, from_ts, until_ts FROM silence ORDER BY from_ts, until_ts
                """)
        {
            let (node, log) = (try names.text(row.decode(atIndex: 0)), try row.decode(String.self, atIndex: 1))
            found["\(node ?? "")\u{0}\(log)", default: (node, log, [])].gaps.append(
                (try row.decode(atIndex: 2), try row.decode(atIndex: 3)))
        }
        silences = found.sorted { $0.key < $1.key }.map(\.value)
        rejects = try Row.fetchAll(
            db,
            sql: """
                SELECT r.reason, s.path, s.member, count(*) AS lines, min(r.line), r.sample, s.sha256
                FROM reject r JOIN source s ON s.id = r.source GROUP BY r.reason, s.path, s.member, s.sha256
                ORDER BY lines DESC, r.reason, s.path, s.member, s.sha256 LIMIT \(Self.mostRejects)
                """)
        rejectGroups =
            try Int.fetchOne(db, sql: "SELECT count(*) FROM (SELECT DISTINCT reason, source FROM reject)") ?? 0
        unresolved = try Row.fetchAll(
            db,
            sql: """
                SELECT u.cause, count(*) AS deliveries, count(DISTINCT d.requester), min(d.ts), max(d.ts)
                FROM unresolved u CROSS JOIN delivery d ON d.id = u.delivery GROUP BY u.cause ORDER BY deliveries DESC, u.cause
                """)
    }

    func section(_ summary: Summary) throws -> Section {
        var tables = [sourceTable]
        if !silences.isEmpty { tables.append(silenceTable) }
        if !unresolved.isEmpty { tables.append(try unresolvedTable()) }
        if !summary.clocks.isEmpty { tables.append(clockTable(summary)) }
        if !rejects.isEmpty { tables.append(try rejectTable()) }
        return Section(
            id: "coverage", title: "What was read, and what is missing", short: "What is missing",
            lead: "\(Wording.count(summary.sources, "source")) with \(Wording.count(summary.lines, "line")), "
                + (summary.rejectedLines == 0
                    ? "none of which had to be rejected"
                    : "\(Wording.number(summary.rejectedLines)) of which could not be used")
                + (summary.since == nil && summary.until == nil
                    ? ""
                    : "; counted are the deliveries from \(summary.since ?? "the beginning") until \(summary.until ?? "the end"), all others serve as evidence alone")
                + "; \(Wording.number(summary.unrecognizedFiles)) files not recognised, \(Wording.number(summary.damagedFiles)) damaged.",
            tables: tables)
    }

    private var span: String {
        scale.map { "from \(Wording.time($0.from)) to \(Wording.time($0.until))" } ?? "no deliveries"
    }

    private var sourceTable: Section.Table {
        Section.Table(
            caption: "Sources and the time they cover, \(span)",
            columns: [
                .init(heading: "source"), .init(heading: "profile"), .init(heading: "time covered"),
                .init(heading: "from, UTC"), .init(heading: "until, UTC"), .init(heading: "lines", isNumber: true),
                .init(heading: "rejected", isNumber: true), .init(heading: "state"),
            ],
            rows: sources.prefix(Self.mostSources).map { source in
                let told = [source.explanation, shared[source.id]].compactMap(\.self).joined(separator: "; ")
                let reason = told.isEmpty ? "" : ": " + ShownNames.visible(told)
                return Section.Row(cells: [
                    .head(ShownNames.visible(source.displayName)), .text(source.profile.map(ShownNames.visible)),
                    .strip(strip(source)), .text(source.firstStamp.map(Wording.moment)),
                    .text(source.lastStamp.map(Wording.moment)),
                    .number(Int(source.lines)), .number(Int(source.rejected)), .text(source.state.rawValue + reason),
                ])
            },
            more: sources.count > Self.mostSources
                ? "\(Wording.number(sources.count - Self.mostSources)) further sources are in sources.csv." : nil)
    }

    private func place(_ stamp: Int64) -> Double {
        min(1, max(0, scale?.place(stamp) ?? 0)) * Self.width
    }

    private func strip(_ source: SourceRow) -> String {
        var drawing = Drawing(width: Self.width, height: 18)
        drawing.add("rect", ["class": "track", "x": "0", "y": "5", "width": .init(Self.width), "height": "8"])
        if let first = source.firstStamp, let last = source.lastStamp, scale != nil {
            let (a, b) = (place(first), place(last))
            drawing.add(
                "rect", ["class": "covered", "x": .init(a), "y": "5", "width": .init(max(2, b - a)), "height": "8"])
        }
        return drawing.svg("strip", nil)
    }

    private var silenceTable: Section.Table {
        Section.Table(
            caption: "Silences: stretches without a line a hundred times longer than is usual for the node, \(span)",
            columns: [
                .init(heading: "node"), .init(heading: "log"), .init(heading: "silent"),
                .init(heading: "silences", isNumber: true),
                .init(heading: "together", isNumber: true), .init(heading: "longest", isNumber: true),
            ],
            rows: silences.prefix(Self.mostNodes).map { one in
                var drawing = Drawing(width: Self.width, height: 18)
                drawing.add(
                    "rect", ["class": "covered", "x": "0", "y": "5", "width": .init(Self.width), "height": "8"])
                for gap in one.gaps {
                    let (a, b) = (place(gap.from), place(gap.until))
                    drawing.add(
                        "rect",
                        ["class": "silence", "x": .init(a), "y": "3", "width": .init(max(1, b - a)), "height": "12"])
                }
                let lengths = one.gaps.map { $0.until - $0.from }
                return Section.Row(cells: [
                    .head(one.node ?? "without a name"), .text(one.log), .strip(drawing.svg("strip", nil)),
                    .number(one.gaps.count),
                    .number(Wording.duration(lengths.reduce(0, +))), .number(Wording.duration(lengths.max() ?? 0)),
                ])
            },
            more: silences.count > Self.mostNodes ? "query coverage-gaps has those of the other nodes." : nil)
    }

    private func unresolvedTable() throws -> Section.Table {
        Section.Table(
            caption: "Deliveries of which it is not known what they carried",
            columns: [
                .init(heading: "cause"), .init(heading: "deliveries", isNumber: true),
                .init(heading: "accounts", isNumber: true),
                .init(heading: "first, UTC"), .init(heading: "last, UTC"),
            ],
            rows: try unresolved.map { row in
                try Section.Row(cells: [
                    .head(row.decode(atIndex: 0)), .number(row.decode(Int.self, atIndex: 1)),
                    .number(row.decode(Int.self, atIndex: 2)), .text(Wording.time(row.decode(atIndex: 3))),
                    .text(Wording.time(row.decode(atIndex: 4))),
                ])
            })
    }

    private func clockTable(_ summary: Summary) -> Section.Table {
        let most = 40
        return Section.Table(
            caption: "Clocks: by how much each is ahead of the reference, and how far that may be wrong",
            columns: [
                .init(heading: "clock"), .init(heading: "basis"), .init(heading: "ahead by", isNumber: true),
                .init(heading: "bound", isNumber: true), .init(heading: "requests", isNumber: true),
                .init(heading: "contradicting", isNumber: true),
            ],
            rows: summary.clocks.prefix(most).map { clock in
                func milliseconds(_ value: Int) -> String {
                    value == 0 ? "0 ms" : Wording.figure(Double(value) / 1000).replacing("-", with: "−") + " ms"
                }
                let (low, high) = (milliseconds(clock.offsetLowest), milliseconds(clock.offsetHighest))
                return Section.Row(cells: [
                    .head(clock.name.map(ShownNames.visible) ?? "without a name"), .text(clock.basis),
                    .number(low == high ? low : "\(low) to \(high)"), .number("± " + milliseconds(clock.bound)),
                    .number(clock.samples), .number(clock.rejected),
                ])
            },
            more: summary.clocks.count > most ? "All are in clocks.csv." : nil)
    }

    private func rejectTable() throws -> Section.Table {
        Section.Table(
            caption: "Lines that could not be used",
            columns: [
                .init(heading: "reason"), .init(heading: "source"), .init(heading: "lines", isNumber: true),
                .init(heading: "first line", isNumber: true), .init(heading: "its beginning"),
            ],
            rows: try rejects.map { row in
                let (path, member): (String, String?) = try (row.decode(atIndex: 1), row.decode(atIndex: 2))
                let sample: String = try row.decode(atIndex: 5)
                return try Section.Row(cells: [
                    .head(row.decode(atIndex: 0)), .text(ShownNames.visible(path + (member.map { "!\($0)" } ?? ""))),
                    .number(row.decode(Int.self, atIndex: 3)), .number(row.decode(Int.self, atIndex: 4)),
                    .text(ShownNames.visible(String(sample.prefix(160)))),
                ])
            },
            more: rejectGroups > Self.mostRejects ? "All are in rejects.csv." : nil)
    }
}
