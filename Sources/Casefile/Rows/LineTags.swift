public import GRDB
public import LogRecords

/// The tags of a batch of deliveries (see `LineTag`), each beside the digest of its line (see `LineDigests`), as table
/// `line_tag` holds them.
///
/// A case has sixteen bytes for each, in one row a batch: the place of its line behind the row's first, times eight, plus its
/// kind; its line's word; its digest.
public struct LineTags: Sendable {
    private static let entryBytes = 16
    /// How far behind the first a line can stand.
    private static let reach: Int64 = 1 << (32 - kindBits)
    /// How many bits a kind takes.
    private static let kindBits: Int64 = 3
    private static let kindMask: UInt32 = 1 << kindBits - 1

    private(set) var first: Int64 = 0
    private(set) var words: [UInt32] = []

    public init() {}

    public var isEmpty: Bool { words.isEmpty }

    /// - Parameters:
    ///   - tags: of one source's deliveries.
    ///   - digests: of the lines among which they are.
    public init(_ tags: [LineTag], _ digests: LineDigests) {
        if tags.isEmpty { return }
        let ordered = tags.inOrder { $0.delivery.line << Self.kindBits | Int64($0.kind.rawValue) }
        guard let start = ordered.first?.delivery else { return }
        first = start.rawValue
        words = [UInt32](unsafeUninitializedCapacity: 4 * ordered.count) { buffer, filled in
            for tag in ordered {
                let place = tag.delivery.rawValue - start.rawValue
                // No batch is as long.
                guard place < Self.reach else { continue }
                buffer[filled] = UInt32(truncatingIfNeeded: place) << UInt32(Self.kindBits) | tag.kind.rawValue
                buffer[filled + 1] = digests.word(of: tag.delivery)
                buffer[filled + 2] = UInt32(truncatingIfNeeded: tag.digest)
                buffer[filled + 3] = UInt32(truncatingIfNeeded: tag.digest >> 32)
                filled += 4
            }
        }
    }

    public func insert(_ db: Database) throws {
        if words.isEmpty { return }
        let insert = try RowStatement("INSERT INTO line_tag VALUES (?, ?)", db)
        try words.withUnsafeBytes { try insert.execute(first, bytes: $0) }
    }

    /// Whether the case has any.
    public static func exist(_ db: Database) throws -> Bool {
        try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM line_tag)") ?? false
    }

    /// Whether the case has any of some kinds: asked of the first row of each source, for a profile's lines are alike.
    public static func exist(_ db: Database, of kinds: Set<LineTag.Kind>) throws -> Bool {
        let wanted = Set(kinds.map(\.rawValue))
        let statement = try db.makeStatement(
            sql: "SELECT min(id), tags FROM line_tag GROUP BY id >> \(EventID.lineBits)")
        let row = EventRow(statement)
        while try row.step() {
            var isThere = false
            row.withWords(1) { words in
                isThere = stride(from: 0, to: words.count - 3, by: 4).contains { wanted.contains(words[$0] & kindMask) }
            }
            if isThere { return true }
        }
        return false
    }

    /// The sources that have some, by rising number.
    public static func sources(_ db: Database) throws -> [Int64] {
        try Int64.fetchAll(db, sql: "SELECT DISTINCT id >> \(EventID.lineBits) FROM line_tag ORDER BY 1")
    }

    /// About how many there are.
    public static func count(_ db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "SELECT coalesce(sum(length(tags)), 0) / \(entryBytes) FROM line_tag") ?? 0
    }

    /// Calls `body` with each tag of a kind, and its line's word, of all sources or of one, in order of reading.
    public static func each(
        _ kind: LineTag.Kind, _ db: Database, of source: Int64? = nil, _ body: (LineTag, _ word: UInt32) throws -> Void
    ) throws {
        let condition = source.map(EventID.range).map { "WHERE id BETWEEN \($0.lowerBound) AND \($0.upperBound)" }
        let statement = try db.makeStatement(sql: "SELECT id, tags FROM line_tag \(condition ?? "") ORDER BY id")
        let row = EventRow(statement)
        while try row.step() {
            let first = row.id.rawValue
            try row.withWords(1) { words in
                for place in stride(from: 0, to: words.count - 3, by: 4) where words[place] & kindMask == kind.rawValue
                {
                    let digest = UInt64(words[place + 3]) << 32 | UInt64(words[place + 2])
                    let delivery = EventID(rawValue: first &+ Int64(words[place] >> UInt32(kindBits)))
                    try body(LineTag(delivery, kind, digest: digest), words[place + 1])
                }
            }
        }
    }

    /// The digests of one kind on the deliveries of a source, by line.
    public struct Column: Sendable {
        private var entries: [(line: Int64, digest: UInt64)] = []
        /// Where the line looked up last stands: lines are mostly asked for in order.
        private var next = 0

        public init(_ kind: LineTag.Kind, of source: Int64, _ db: Database) throws {
            var isInOrder = true
            try LineTags.each(kind, db, of: source) { tag, _ in
                if let last = entries.last, last.line >= tag.delivery.line { isInOrder = false }
                entries.append((tag.delivery.line, tag.digest))
            }
            if !isInOrder { entries.sort { $0.line < $1.line } }
        }

        public var isEmpty: Bool { entries.isEmpty }

        /// The digest on a line; 0 if it has none.
        public mutating func digest(ofLine line: Int64) -> UInt64 {
            while next < entries.count, entries[next].line < line { next += 1 }
            if next > 0, entries[next - 1].line >= line {
                var (low, high) = (0, next)
                while low < high {
                    let middle = (low + high) / 2
                    if entries[middle].line < line { low = middle + 1 } else { high = middle }
                }
                next = low
            }
            return next < entries.count && entries[next].line == line ? entries[next].digest : 0
        }
    }
}
