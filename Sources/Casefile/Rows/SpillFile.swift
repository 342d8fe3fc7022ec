internal import Dispatch
public import LogRecords

/// Rows of one width, written once and read from the beginning as often as need be.
///
/// They stay in memory while they are few; beyond that they lie in a scratch file. Not shared by threads.
public final class SpillFile<Row: BitwiseCopyable> {
    public private(set) var count = 0
    /// Rows behind those in the file.
    private var tail: [Row] = []
    private var inFile = 0
    private let file: TempFile
    /// Rows that are written, or read, at once.
    private let blockRows = max(1, (1 << 20) / MemoryLayout<Row>.stride)
    /// Rows that are kept before any file is made: small cases need none.
    private let rowsInMemory = max(1, (4 << 20) / MemoryLayout<Row>.stride)

    /// - Parameter folder: where the file is made if one is needed.
    public init(folder: String) { file = TempFile(folder: folder) }

    /// Adds rows behind the last.
    public func append(_ rows: [Row]) throws(ScratchError) {
        tail.append(contentsOf: rows)
        count += rows.count
        if tail.count >= (inFile == 0 ? rowsInMemory : blockRows) { try write() }
    }

    /// Adds a row behind the last.
    public func append(_ row: Row) throws(ScratchError) {
        tail.append(row)
        count += 1
        if tail.count >= (inFile == 0 ? rowsInMemory : blockRows) { try write() }
    }

    /// The rows from one on, as many as are read at once; none behind the last.
    func rows(from start: Int) throws -> [Row] {
        if start >= inFile { return Array(tail[(start - inFile)...]) }
        let wanted = min(blockRows, inFile - start)
        return try [Row](unsafeUninitializedCapacity: wanted) { buffer, filled in
            try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: start * MemoryLayout<Row>.stride)
            filled = wanted
        }
    }

    /// Calls `body` with all rows, block by block, in order; it may not add any. While it has one the next is read.
    public func eachBlock(_ body: ([Row]) throws -> Void) throws {
        var block = try rows(from: 0)
        var done = 0
        while !block.isEmpty {
            done += block.count
            let next = NextBlock(self, from: done)
            defer { next.wait() }
            try body(block)
            block = try next.get()
        }
    }

    private func write() throws(ScratchError) {
        let error: ScratchError? = tail.withUnsafeBytes { bytes in
            do throws(ScratchError) { _ = try file.append(bytes) } catch { return error }
            return nil
        }
        if let error { throw error }
        inFile += tail.count
        tail.removeAll(keepingCapacity: true)
    }
}

/// The rows that follow, being read on another thread.
private final class NextBlock<Row: BitwiseCopyable>: @unchecked Sendable {
    // Checked by hand: until `wait()` returns `rows` belongs to that thread, and the file is not written to.
    private let file: SpillFile<Row>
    private var rows: Result<[Row], any Error> = .success([])
    private let reading = DispatchGroup()

    init(_ file: SpillFile<Row>, from start: Int) {
        self.file = file
        DispatchQueue.global().async(group: reading) { [self] in rows = Result { try self.file.rows(from: start) } }
    }

    func wait() { reading.wait() }

    func get() throws -> [Row] {
        wait()
        return try rows.get()
    }
}
