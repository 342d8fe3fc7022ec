internal import Foundation
import GRDB

/// A case that an earlier version wrote: what it was read from and how, which is all that this version takes from it. Its rows
/// lack what later rules ask for, so the dump is read again.
public struct EarlierCase: Sendable {
    /// A run that read logs, or that correlated.
    public struct Run: Sendable, Equatable {
        public let isIngest: Bool
        /// As it was called, the program's name first.
        public let arguments: [String]
        /// The files and folders that an ingest was given, as they can be reached now.
        public let roots: [String]
    }

    /// A file of the dump.
    public struct File: Sendable {
        public let path: String
        public let sha256: String
        let location: String?
    }

    public let path: String
    public let version: Int
    public let identity: String
    /// The hash of its journal's last entry.
    public let lastEntry: String
    public let runs: [Run]
    public let files: [File]
    /// What was stated of the incident.
    public let facts: [String: String]

    /// The first version that kept a journal.
    static let oldest = 2

    /// - Throws: `CaseFileError`, also if the case cannot be read again: it came from other machines, or is a copy with
    ///   pseudonyms.
    public init(_ path: String) throws {
        self.path = path
        version = try CaseFile.version(of: path)
        guard (Self.oldest..<Schema.version).contains(version) else {
            throw CaseFileError.tooOld(path: path, version: version)
        }
        let queue = try CaseFile.translating(path) {
            try DatabaseQueue(path: path, configuration: CaseFile.configuration(readonly: true))
        }
        let entries: [(action: String, arguments: [String], roots: [String], hash: String)]
        (entries, files, facts) = try CaseFile.translating(path) {
            try queue.read { db in
                (try Self.entries(db), try Self.files(db), try Journal.statedFacts(db))
            }
        }
        guard let first = entries.first, let last = entries.last else {
            throw CaseFileError.notCorrelated(path: path)
        }
        if first.action == Journal.Action.pseudonymize.rawValue { throw CaseFileError.pseudonymized(path: path) }
        (identity, lastEntry) = (first.hash, last.hash)
        let places = Self.places(files)
        var runs: [Run] = []
        for entry in entries {
            let isIngest = entry.action == Journal.Action.ingestBegun.rawValue
            guard isIngest || entry.action == Journal.Action.correlate.rawValue else { continue }
            let run = Run(
                isIngest: isIngest, arguments: entry.arguments,
                roots: isIngest ? Self.roots(entry.roots, places) : [])
            // Of correlations the last one holds; one ingest that was called again reads nothing new.
            if !isIngest { runs.removeAll { !$0.isIngest } }
            if !runs.contains(run) { runs.append(run) }
        }
        self.runs = runs
        guard runs.contains(where: \.isIngest) else { throw CaseFileError.tooOld(path: path, version: version) }
    }

    private static func entries(
        _ db: Database
    ) throws -> [(action: String, arguments: [String], roots: [String], hash: String)] {
        try Row.fetchAll(
            db,
            sql: "SELECT action, arguments, ifnull(json_extract(detail, '$.roots'), ''), hash FROM journal ORDER BY seq"
        ).map { row in
            let arguments: String = try row.decode(atIndex: 1)
            let words = try? JSONDecoder().decode([String].self, from: Data(arguments.utf8))
            let roots: String = try row.decode(atIndex: 2)
            return (
                try row.decode(atIndex: 0), words ?? [], roots.split(separator: "\n").map(String.init),
                try row.decode(atIndex: 3)
            )
        }
    }

    private static func files(_ db: Database) throws -> [File] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT DISTINCT path, sha256, location FROM source
                WHERE sha256 IS NOT NULL AND state <> 'pending' ORDER BY path, sha256
                """
        ).map { row in
            File(
                path: try row.decode(atIndex: 0), sha256: try row.decode(atIndex: 1),
                location: try row.decode(atIndex: 2))
        }
    }

    /// Where each folder or file lay that was given to an ingest, by its last name, with which its files' paths begin.
    private static func places(_ files: [File]) -> [String: String] {
        var places: [String: String] = [:]
        for file in files {
            guard let location = file.location, location.hasSuffix("/" + file.path) else { continue }
            let name = String(file.path.prefix { $0 != "/" })
            places[name] = String(location.dropLast(file.path.count)) + name
        }
        return places
    }

    private static func roots(_ given: [String], _ places: [String: String]) -> [String] {
        if given.isEmpty { return places.values.sorted() }
        return given.map { root in places[URL(fileURLWithPath: root).lastPathComponent] ?? root }
    }
}

extension CaseFile {
    /// Puts a case in the place of the one that it was made of, which is kept beside it.
    ///
    /// - Returns: where the earlier one is now.
    /// - Throws: `CaseFileError.cannotUse`; both are then where they were.
    public static func replace(_ earlier: EarlierCase, by path: String) throws -> String {
        for number in 1... {
            let kept = "\(earlier.path).schema-\(earlier.version)" + (number == 1 ? "" : "-\(number)")
            // A second name first, so that at no moment there is no case.
            if link(earlier.path, kept) != 0 {
                if errno == EEXIST { continue }
                throw CaseFileError.cannotUse(path: kept, reason: String(cString: strerror(errno)))
            }
            guard rename(path, earlier.path) == 0 else {
                throw CaseFileError.cannotUse(path: earlier.path, reason: String(cString: strerror(errno)))
            }
            return kept
        }
        preconditionFailure("there are more names than files")
    }

    /// Begins the journal of a case that is made of an earlier one.
    public func noteMigration(of earlier: EarlierCase) throws {
        try write { db in
            try Journal.append(
                .migrate,
                ["case": earlier.identity, "last_entry": earlier.lastEntry, "schema": "\(earlier.version)"],
                arguments: arguments, to: db)
        }
        if !earlier.facts.isEmpty { try write { try Journal.append(.facts, earlier.facts, to: $0) } }
    }

    /// The files of an earlier case whose bytes this one does not have.
    public func missing(of earlier: EarlierCase) throws -> [String] {
        let known = Set(
            try read { try String.fetchAll($0, sql: "SELECT DISTINCT sha256 FROM source WHERE sha256 IS NOT NULL") })
        return earlier.files.filter { !known.contains($0.sha256) }.map(\.path)
    }
}
