import Casefile
public import Foundation
import GRDB
import LogBytes

/// One thing that was looked at, how it stands, and what to do if it does not stand well. Nothing is written.
public struct Diagnosis: Sendable {
    public enum Degree: String, Sendable {
        case ok, warning, problem
    }

    public var degree: Degree
    public var what: String
    public var detail: String
    /// The next step; empty if none is needed.
    public var advice: String

    init(_ degree: Degree, _ what: String, _ detail: String, advice: String = "") {
        (self.degree, self.what, self.detail, self.advice) = (degree, what, detail, advice)
    }

    // MARK: The machine

    /// Room below which a case of any size is in danger, bytes.
    private static let littleRoom = 1_000_000_000

    /// - Parameter folder: where cases are made, or are to be.
    public static func ofMachine(folder: URL) -> [Diagnosis] {
        var found = [libraries()]
        let info = ProcessInfo.processInfo
        found.append(
            Diagnosis(
                .ok, "machine",
                "\(info.activeProcessorCount) processors, \(info.physicalMemory / 1_000_000) MB of memory"))
        found.append(shell(info.environment["PATH"] ?? ""))
        found.append(room(folder))
        return found
    }

    private static func libraries() -> Diagnosis { Diagnosis(.ok, "libraries", libraryVersions) }

    /// The libraries that this program is linked to, each with its version, on one line.
    public static var libraryVersions: String {
        let sqlite =
            (try? DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") }) ?? "unknown"
        let all = [("SQLite", sqlite)] + Libraries.versions.map { ($0.name, $0.version) }
        return all.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }

    private static func shell(_ path: String) -> Diagnosis {
        let places = path.split(separator: ":").map { "\($0)/sqlite3" }
        guard let place = places.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            return Diagnosis(
                .warning, "sqlite3", "is not on the PATH",
                advice: "'strayframe shell' needs it (Debian: apt install sqlite3)")
        }
        return Diagnosis(.ok, "sqlite3", place)
    }

    private static func room(_ folder: URL) -> Diagnosis {
        let path = folder.path
        guard FileManager.default.isWritableFile(atPath: path) else {
            return Diagnosis(
                .problem, "folder", "\(path) cannot be written to", advice: "name a case elsewhere with --case")
        }
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path)
        guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.intValue else {
            return Diagnosis(.warning, "folder", "\(path): how much room there is cannot be told")
        }
        let detail = "\(path) has \(free / 1_000_000) MB free"
        return free < littleRoom
            ? Diagnosis(
                .warning, "folder", detail,
                advice: "a case takes 60 bytes a line; 'strayframe analyze DUMP --dry-run' reckons it")
            : Diagnosis(.ok, "folder", detail)
    }

    // MARK: A case

    /// - Parameter path: of the case file.
    public static func ofCase(_ path: String) -> [Diagnosis] {
        do {
            let caseFile = try CaseFile(reading: path)
            return try caseFile.read { db in
                var found = [Diagnosis(.ok, "case", "\(path), \(try size(db) / 1_000_000) MB")]
                found.append(try soundness(db))
                found.append(try untouched(caseFile, db))
                found.append(try ingest(db))
                found += try sources(db)
                found.append(try conclusions(db))
                found += try sameAnswers(db)
                found += try assumptions(db)
                return found
            }
        } catch {
            return [Diagnosis(.problem, "case", "\(error)")]
        }
    }

    private static func size(_ db: Database) throws -> Int {
        try (Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0) * (Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0)
    }

    private static func soundness(_ db: Database) throws -> Diagnosis {
        let words = try String.fetchAll(db, sql: "PRAGMA quick_check(5)")
        return words == ["ok"]
            ? Diagnosis(.ok, "database", "is sound")
            : Diagnosis(
                .problem, "database", words.joined(separator: "; "), advice: "ingest the dump again into a new case")
    }

    private static func untouched(_ caseFile: CaseFile, _ db: Database) throws -> Diagnosis {
        do {
            try caseFile.requireUntouched(db)
            return Diagnosis(
                .ok, "custody", "journal and seals agree; 'strayframe verify' reads every row and source again")
        } catch CaseFileError.edited(_, let what) {
            return Diagnosis(
                .problem, "custody", "something else has changed the case: \(what)",
                advice: "'strayframe verify' says what; ingest the dump again into a new case")
        }
    }

    private static func ingest(_ db: Database) throws -> Diagnosis {
        guard let begun = try Journal.unfinishedIngest(db) else { return Diagnosis(.ok, "ingest", "came to its end") }
        return Diagnosis(
            .problem, "ingest", "entry \(begun.number) of the journal did not come to its end: files are missing",
            advice: "run the same 'ingest' or 'analyze' again; it goes on where it stopped")
    }

    /// What is wrong with a state, and what may help.
    private static let states: [(state: SourceRow.State, degree: Degree, what: String, advice: String)] = [
        (.pending, .problem, "half read, and in no count", "run the same 'ingest' or 'analyze' again"),
        (.unreadable, .problem, "could not be read", "see 'strayframe query source-coverage' for the reasons"),
        (
            .damaged, .warning, "read as far as they could be",
            "look for a whole copy; 'strayframe query source-coverage' has the reasons"
        ),
        (.unrecognized, .warning, "fit no profile", "'strayframe profiles draft FILE' proposes one"),
    ]

    private static func sources(_ db: Database) throws -> [Diagnosis] {
        let all = try SourceRow.all(db)
        let counted = all.count { $0.state == .complete || $0.state == .damaged }
        let lines = all.reduce(0) { $0 + $1.lines }
        let rejected = all.reduce(0) { $0 + $1.rejected }
        var found = [Diagnosis(counted > 0 ? .ok : .problem, "sources", "\(counted) that count, \(lines) lines")]
        for (state, degree, what, advice) in states {
            let such = all.filter { $0.state == state }
            if such.isEmpty { continue }
            found.append(
                Diagnosis(degree, "sources", "\(such.count) \(what), as \(such[0].displayName)", advice: advice))
        }
        if rejected > 0 {
            // Beyond a line in a hundred a profile is likelier wrong than the lines.
            found.append(
                Diagnosis(
                    rejected * 100 > lines ? .warning : .ok, "lines", "\(rejected) of \(lines) could not be used",
                    advice: rejected * 100 > lines ? "'strayframe query rejects-by-reason' says why" : ""))
        }
        let gone = Set(all.compactMap(\.location)).filter { !FileManager.default.fileExists(atPath: $0) }.sorted()
        if let first = gone.first {
            found.append(
                Diagnosis(
                    .warning, "dump", "\(gone.count) files are no longer where they were read, as \(first)",
                    advice: "'explain' and 'verify' need them; bring them back to that place"))
        }
        return found
    }

    /// Which logs tell of the same answers, once a correlation has compared them.
    private static func sameAnswers(_ db: Database) throws -> [Diagnosis] {
        guard try CaseFile.isCorrelated(db),
            let row = try Row.fetchOne(
                db, sql: "SELECT status, detail FROM assumptions WHERE assumption = 'answers_logged_once'")
        else { return [] }
        let isOpen = try row.decode(String.self, forColumn: "status") == "untestable"
        return [
            Diagnosis(
                isOpen ? .warning : .ok, "answers", try row.decode(forColumn: "detail"),
                advice: isOpen ? "if two logs hold the same answers, give the one that tells more alone" : "")
        ]
    }

    /// What the case's counts rest on, or would, as far as it is open.
    private static func assumptions(_ db: Database) throws -> [Diagnosis] {
        guard try CaseFile.isCorrelated(db) else {
            return try DirectoryTables(db).hasGrants
                ? []
                : [
                    Diagnosis(
                        .warning, "assumptions", "there is no table of grants, so no exposure will be certain",
                        advice: "ingest one, or state --no-grants if nobody was granted anything")
                ]
        }
        let shaken = try Row.fetchAll(
            db,
            sql: """
                SELECT assumption, detail FROM assumptions
                WHERE status = 'contradicted' OR assumption = 'rights_known' AND status = 'untestable' ORDER BY place
                """)
        return shaken.isEmpty
            ? [Diagnosis(.ok, "assumptions", "none that the counts rest on is contradicted")]
            : try shaken.map { row in
                let (assumption, detail): (String, String) = try (row.decode(atIndex: 0), row.decode(atIndex: 1))
                return Diagnosis(
                    .warning, "assumptions", "\(assumption): \(detail)",
                    advice: "the counts are bounds; 'strayframe query assumptions' has all")
            }
    }

    private static func conclusions(_ db: Database) throws -> Diagnosis {
        guard try CaseFile.isCorrelated(db) else {
            return Diagnosis(
                .warning, "correlation", "has not been done, or not since more was read",
                advice: "run 'strayframe correlate', then 'strayframe report'")
        }
        let reports = try Journal.all(db).count { $0.action == Journal.Action.report.rawValue }
        return Diagnosis(.ok, "correlation", "is done; reports were written \(reports) times")
    }
}
