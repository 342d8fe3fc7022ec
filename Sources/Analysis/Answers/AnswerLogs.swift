import Casefile
import Foundation
import GRDB
import Interning
import LogRecords

/// The logs of a case, as answers are compared between them: the sources of one profile and one node, or, where lines name no
/// node, the files of one profile that follow each other under one name.
struct AnswerLogs {
    /// What a log is told by.
    struct Log {
        /// For people.
        var name: String
        /// What puts logs in order, however the dump was read.
        var order: String
        var profile: String
        /// Whether its lines name the node that wrote them.
        var namesNode: Bool
        var sources: Set<Int64> = []
        var first = Int64.max
        var last = Int64.min
    }

    private struct Source {
        var id: Int64
        var profile: String
        var file: String
        var path: String
        var first: Int64
        var last: Int64
        /// The number of the node that its lines name; 0: they name several; nil: none.
        var node: Int64?
        var accepted: Int64
    }

    private struct Key: Hashable {
        var profile: String
        var node: SymbolID
        /// Without a node: the files' name.
        var file: String
    }

    private(set) var logs: [Log] = []
    private var numbers: [Key: Int32] = [:]
    private var sources: [Int64: Source] = [:]
    private var byProfile: [String: [Int64]] = [:]
    private var byFile: [Key: [Int64]] = [:]
    private let names: StringInterner
    /// With more logs than this only profiles are told apart: each pair costs a comparison.
    private static let most = 512
    /// How far the files of one log may overlap, microseconds: requests under way when it is rotated.
    private static let rotation: Int64 = 2_000_000

    /// - Parameter names: of the case.
    init(_ db: Database, _ names: StringInterner) throws {
        self.names = names
        var chains: [String: [Source]] = [:]
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT id, ifnull(profile, ''), path, ifnull(member, ''), first_ts, last_ts, node, accepted FROM source
                WHERE state IN ('complete', 'damaged') AND first_ts IS NOT NULL AND profile NOT LIKE 'directory-%'
                ORDER BY path, member, label, id
                """)
        while let row = try rows.next() {
            let (path, member): (String, String) = (try row.decode(atIndex: 2), try row.decode(atIndex: 3))
            let name = member.isEmpty ? path : "\(path)!\(member)"
            let source = Source(
                id: try row.decode(atIndex: 0), profile: try row.decode(atIndex: 1), file: Self.stem(name), path: name,
                first: try row.decode(atIndex: 4), last: try row.decode(atIndex: 5),
                node: try row.decode(atIndex: 6), accepted: try row.decode(atIndex: 7))
            chains[source.profile + "\n" + source.file, default: []].append(source)
        }
        for chain in chains.values {
            let ordered = chain.sorted { ($0.first, $0.last, $0.path) < ($1.first, $1.last, $1.path) }
            // Files of one name that were written at one time are several servers'.
            let isChain = zip(ordered, ordered.dropFirst()).allSatisfy { $1.first >= $0.last - Self.rotation }
            for var source in chain {
                if !isChain { source.file = source.path }
                sources[source.id] = source
                byProfile[source.profile, default: []].append(source.id)
                byFile[Key(profile: source.profile, node: .absent, file: source.file), default: []].append(source.id)
            }
        }
    }

    /// How many sources may have answers.
    var sourceCount: Int { sources.count }
    var sourceNumbers: [Int64] { sources.values.sorted { $0.path < $1.path }.map(\.id) }

    /// The sources that may have lines of another of one profile and node: those that were written at one time. One of several
    /// nodes may be any node's.
    var overlapping: Set<Int64> {
        var found: Set<Int64> = []
        for ids in byProfile.values {
            let all = ids.compactMap { sources[$0] }
            let areMixed = all.contains { $0.node == 0 }
            for group in Dictionary(grouping: all, by: { areMixed ? 0 : $0.node }).values {
                var last: Source?
                for source in group.sorted(by: { ($0.first, $1.last, $0.path) < ($1.first, $0.last, $1.path) }) {
                    if let last, source.last <= last.last || source.first < last.last - Self.slack(last, source) {
                        found.formUnion([last.id, source.id])
                    }
                    if source.last > last?.last ?? .min { last = source }
                }
            }
        }
        return found
    }

    /// How far two files may overlap because one follows the other: of short ones half at most.
    private static func slack(_ one: Source, _ other: Source) -> Int64 {
        min(rotation, (one.last - one.first) / 2, (other.last - other.first) / 2)
    }

    /// How many lines of a source tell of something.
    func lineCount(_ source: Int64) -> Int64 { sources[source]?.accepted ?? 0 }
    func path(_ source: Int64) -> String { sources[source]?.path ?? "" }
    /// A number for the profile that reads a source.
    func format(_ source: Int64) -> Int64 { sources[source].flatMap { byProfile[$0.profile]?.first } ?? 0 }

    /// The number of the log that a line stands in; new or known.
    mutating func number(of source: Int64, _ node: SymbolID) -> Int32? {
        guard let found = sources[source] else { return nil }
        let isMany = logs.count >= Self.most
        let key = Key(
            profile: found.profile, node: isMany ? .absent : node, file: isMany || node.isPresent ? "" : found.file)
        let number = numbers[key] ?? Int32(logs.count)
        if number == logs.count {
            numbers[key] = number
            let place = node.isPresent ? "node \(names.text(node))" : found.file
            let name = isMany ? "logs of profile \(found.profile)" : "\(place) (\(found.profile))"
            var log = Log(
                name: name, order: "\(found.profile)\n\(place)\n\(found.file)", profile: found.profile,
                namesNode: isMany || node.isPresent)
            // A node's lines may stand in any file of the profile.
            for id in key.file.isEmpty ? byProfile[key.profile] ?? [] : byFile[key] ?? [] {
                guard let source = sources[id] else { continue }
                log.sources.insert(id)
                log.first = min(log.first, source.first)
                log.last = max(log.last, source.last)
            }
            logs.append(log)
        }
        return number
    }

    /// The number of a log that is known.
    func known(_ source: Int64, _ node: SymbolID) -> Int32? {
        guard let found = sources[source] else { return nil }
        return numbers[Key(profile: found.profile, node: node, file: node.isPresent ? "" : found.file)]
            ?? numbers[Key(profile: found.profile, node: .absent, file: "")]
    }

    /// A file's name without what rotation and compression add: `relay.log` for `relay.log.2.gz` and `relay.log-20191226`.
    private static func stem(_ name: String) -> String {
        let cut = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
        var last = String(name[cut...])
        for ending in [".gz", ".zst", ".xz", ".bz2", ".lz4"] where last.hasSuffix(ending) {
            last.removeLast(ending.count)
        }
        while let end = last.last, end.isNumber || "-_.T:Z".contains(end) {
            last.removeLast()
        }
        return name[..<cut] + (last.isEmpty ? String(name[cut...]) : last)
    }
}
