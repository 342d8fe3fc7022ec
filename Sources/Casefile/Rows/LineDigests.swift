public import GRDB
public import LogRecords

/// A digest of each line of a part of a source, which tells where the same lines may stand in two sources.
///
/// A case keeps four bytes a line (table `line_digest`): a log that grows, is rotated, compressed or copied while it is
/// written leaves the same lines in several files, also in files that are gone when the next one is read.
public struct LineDigests: Sendable {
    /// The number of the first line.
    public private(set) var first: Int64 = 1
    /// Of each line its digest, and in the lowest bit whether a delivery, a fill or a purge stands there.
    public private(set) var words: [UInt32] = []

    public init() {}

    /// Adds the line that follows.
    ///
    /// - Parameter digest: of its bytes; 31 bits.
    @inline(__always)
    public mutating func append(_ digest: UInt32) { words.append(digest << 1) }

    /// Notes that a delivery, a fill or a purge stands on a line; one that is not of this part is passed over.
    @inline(__always)
    public mutating func note(_ event: EventID) {
        let index = event.line - first
        if index >= 0, index < words.count { words[Int(index)] |= 1 }
    }

    /// What is kept of a line; 0 of one that is not of this part.
    public func word(of event: EventID) -> UInt32 {
        let index = event.line - first
        return index >= 0 && index < words.count ? words[Int(index)] : 0
    }

    /// Takes back what `note` has noted of the last line.
    public mutating func forgetLast() {
        if let last = words.indices.last { words[last] &= ~1 }
    }

    /// Goes on with the lines after these.
    public mutating func removeAll() {
        first += Int64(words.count)
        words.removeAll(keepingCapacity: true)
    }

    public func insert(source: Int64, _ db: Database) throws {
        if words.isEmpty { return }
        let insert = try RowStatement("INSERT INTO line_digest VALUES (?, ?)", db)
        let id = EventID(source: source, line: first).rawValue
        try words.withUnsafeBytes { try insert.execute(id, bytes: $0) }
    }

    /// Calls `body` with the lines of all sources, or of one, part by part, in order.
    public static func each(
        _ db: Database, of source: Int64? = nil, _ body: (Int64, UnsafeBufferPointer<UInt32>) throws -> Void
    ) throws {
        let condition = source.map(EventID.range).map { "WHERE id BETWEEN \($0.lowerBound) AND \($0.upperBound)" }
        let statement = try db.makeStatement(sql: "SELECT id, words FROM line_digest \(condition ?? "") ORDER BY id")
        let row = EventRow(statement)
        while try row.step() {
            try row.withWords(1) { try body(row.id.source, $0) }
        }
    }
}
