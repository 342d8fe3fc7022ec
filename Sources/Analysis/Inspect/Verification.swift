public import Casefile
import Foundation
import GRDB
import LogBytes
import LogRecords

/// Checks that a case is whole and that the dump is still the one it was made from.
public struct Verification: Sendable {
    public private(set) var checks: [Check] = []
    public var isSound: Bool { checks.allSatisfy { $0.problems.isEmpty } }

    /// - Parameters:
    ///   - rehash: whether to read every source again.
    ///   - dump: where the sources lie now, told by their digests; nil: where they were read.
    ///   - each: is told of every check once it is done; some take minutes for a large case.
    public init(
        of caseFile: CaseFile, rehash: Bool = true, dump: DumpFiles? = nil, each: (Check) -> Void = { _ in }
    ) throws {
        func add(_ check: Check) {
            checks.append(check)
            each(check)
        }
        let sources = try caseFile.read { try SourceRow.all($0) }
        try caseFile.read { db in
            add(try Self.integrity(db))
            for check in try Custody.checks(db) { add(check) }
            for (name, sql) in Self.invariants {
                add(
                    Check(
                        name: name, examined: 1,
                        problems: try Row.fetchAll(db, sql: sql + " LIMIT 20").map { row in
                            row.map { "\($0.0)=\($0.1.storage.value.map { "\($0)" } ?? "null")" }.joined(separator: " ")
                        }))
            }
        }
        if let dump {
            add(Self.places(sources, dump))
            return
        }
        let piped = sources.filter { $0.location == nil && $0.sha256 != nil }
        if !piped.isEmpty {
            add(
                Check(
                    name: "not hashed again, for a copy with pseudonyms has no places, and a pipe is read once: "
                        + piped.map(\.path).joined(separator: ", "),
                    examined: piped.count, problems: []))
        }
        if rehash { add(try Self.hashes(sources)) }
    }

    private static func integrity(_ db: Database) throws -> Check {
        let words = try String.fetchAll(db, sql: "PRAGMA integrity_check")
        let dangling = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").prefix(20).map {
            "table \(try $0.decode(String.self, atIndex: 0)) row \(try $0.decode(Int64?.self, atIndex: 1) ?? 0) names what is not in \(try $0.decode(String.self, atIndex: 2))"
        }
        return Check(
            name: "the case file is a sound database", examined: 1, problems: words.filter { $0 != "ok" } + dangling)
    }

    /// Queries that must return nothing.
    private static let invariants: [(String, String)] = [
        (
            "every line of every source is accounted for",
            "SELECT path, member, lines, accepted, ignored, rejected FROM source WHERE lines <> accepted + ignored + rejected"
        ),
        (
            "every rejected line is kept with its reason",
            """
            SELECT s.path, s.member, s.rejected, count(r.line) AS kept FROM source s LEFT JOIN reject r ON r.source = s.id
            WHERE s.state IN ('complete', 'damaged') GROUP BY s.id HAVING s.rejected <> count(r.line)
            """
        ),
        ("no source is half read", "SELECT path FROM source WHERE state = 'pending'"),
        (
            "every source that counts has a digest",
            "SELECT path FROM source WHERE state IN ('complete', 'damaged') AND (sha256 IS NULL OR length(sha256) <> 64)"
        ),
        (
            "no event lies behind its source's last line",
            "SELECT d.id, s.lines FROM delivery d JOIN source s ON s.id = d.id >> 36 WHERE (d.id & 68719476735) > s.lines"
        ),
        (
            "every exposure is a delivery with a receiving account",
            "SELECT e.delivery FROM exposure e LEFT JOIN delivery d ON d.id = e.delivery WHERE d.requester IS NULL"
        ),
        (
            "every certain exposure has an owner, and none is its receiving account",
            """
            SELECT e.delivery FROM exposure e JOIN delivery d ON d.id = e.delivery
            LEFT JOIN candidate c ON c.delivery = e.delivery
            WHERE e.certainty = 'certain' AND (c.owner IS NULL OR c.owner = d.requester)
            """
        ),
        (
            "no delivery is both exposed and unresolved",
            "SELECT e.delivery FROM exposure e JOIN unresolved u ON u.delivery = e.delivery"
        ),
        (
            "the deliveries add up: exposures, unresolved and clear ones",
            """
            SELECT * FROM (SELECT
                (SELECT CAST(value AS INTEGER) FROM correlation WHERE what = 'deliveries') AS deliveries,
                (SELECT CAST(value AS INTEGER) FROM correlation WHERE what = 'deliveries_clear') AS clear,
                (SELECT count(*) FROM exposure WHERE is_redisplay = 0) AS exposures,
                (SELECT count(*) FROM unresolved) AS unresolved)
            WHERE deliveries <> clear + exposures + unresolved
            """
        ),
    ]

    /// Whether every source is below a folder: what has its digest is the same file.
    private static func places(_ sources: [SourceRow], _ dump: DumpFiles) -> Check {
        let named = sources.filter { $0.sha256 != nil }
        var check = Check(
            name: "every source lies below \(dump.folder) with the SHA-256 it had when it was read",
            examined: Set(named.compactMap(\.sha256)).count, problems: [])
        var told: Set<String> = []
        for source in named where dump.place(of: source) == nil {
            if told.insert(source.sha256 ?? "").inserted {
                check.problems.append("\(source.path): no file there has its SHA-256, \(source.sha256 ?? "")")
            }
        }
        check.problems += dump.unreadable.map { "\($0.path): \($0.reason)" }
        return check
    }

    private static func hashes(_ sources: [SourceRow]) throws -> Check {
        var check = Check(name: "every source has the SHA-256 it had when it was read", examined: 0, problems: [])
        var seen: [ExactText: String] = [:]
        for source in sources {
            guard let path = source.location, let noted = source.sha256 else { continue }
            let location = ExactText(path)
            if seen[location] == nil {
                check.examined += 1
                do {
                    seen[location] = try LogFile(path: path, limits: .widest).forEachMember { _ in }.sha256
                } catch {
                    check.problems.append("\(source.path): \(error)")
                    seen[location] = ""
                }
            }
            if let now = seen[location], !now.isEmpty, now != noted {
                check.problems.append("\(source.path): was \(noted), is \(now)")
            }
        }
        return check
    }
}
