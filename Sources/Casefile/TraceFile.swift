internal import Dispatch

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Rows of one width, written once and read from the beginning as often as need be.
///
/// They stay in memory while they are few; beyond that they lie in a file without a name, which is gone when this is, or
/// when the process ends in whatever way. Not shared by threads.
public final class TraceFile<Row: BitwiseCopyable> {
    public private(set) var count = 0
    /// Rows behind those in the file.
    private var tail: [Row] = []
    private var inFile = 0
    private var descriptor: Int32 = -1
    private let folder: String
    /// Rows that are written, or read, at once.
    private let blockRows = max(1, (1 << 20) / MemoryLayout<Row>.stride)
    /// Rows that are kept before any file is made: small cases need none.
    private let rowsInMemory = max(1, (4 << 20) / MemoryLayout<Row>.stride)

    /// - Parameter folder: where the file is made if one is needed.
    public init(folder: String) { self.folder = folder }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Adds rows behind the last.
    public func append(_ rows: [Row]) throws(TraceError) {
        tail.append(contentsOf: rows)
        count += rows.count
        if tail.count >= (descriptor < 0 ? rowsInMemory : blockRows) { try write() }
    }

    /// Adds a row behind the last.
    public func append(_ row: Row) throws(TraceError) {
        tail.append(row)
        count += 1
        if tail.count >= (descriptor < 0 ? rowsInMemory : blockRows) { try write() }
    }

    /// The rows from one on, as many as are read at once; none behind the last.
    func rows(from start: Int) throws -> [Row] {
        if start >= inFile { return Array(tail[(start - inFile)...]) }
        let wanted = min(blockRows, inFile - start)
        return try [Row](unsafeUninitializedCapacity: wanted) { buffer, filled in
            try read(UnsafeMutableRawBufferPointer(buffer), from: start)
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

    // MARK: The file

    private func write() throws(TraceError) {
        if descriptor < 0 { descriptor = try Self.unnamedFile(in: folder) }
        let error: TraceError? = tail.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let place = inFile * MemoryLayout<Row>.stride + (bytes.count - rest.count)
                let written = pwrite(descriptor, part.baseAddress, part.count, off_t(place))
                if written < 0, errno == EINTR { continue }
                if written < 0 { return TraceError(folder: folder, errno: errno) }
                rest = rest.dropFirst(written)
            }
            return nil
        }
        if let error { throw error }
        inFile += tail.count
        tail.removeAll(keepingCapacity: true)
    }

    private func read(_ buffer: UnsafeMutableRawBufferPointer, from row: Int) throws(TraceError) {
        var filled = 0
        while filled < buffer.count {
            let place = row * MemoryLayout<Row>.stride + filled
            let got = pread(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled, off_t(place))
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw TraceError(folder: folder, errno: got < 0 ? errno : EIO) }
            filled += got
        }
    }

    private static func unnamedFile(in folder: String) throws(TraceError) -> Int32 {
        var path = Array("\(folder)/.strayframe-trace-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw TraceError(folder: folder, errno: errno) }
        unlink(path)
        return descriptor
    }
}

/// The rows that follow, being read on another thread.
private final class NextBlock<Row: BitwiseCopyable>: @unchecked Sendable {
    // Checked by hand: until `wait()` returns `rows` belongs to that thread, and the file is not written to.
    private let file: TraceFile<Row>
    private var rows: Result<[Row], any Error> = .success([])
    private let reading = DispatchGroup()

    init(_ file: TraceFile<Row>, from start: Int) {
        self.file = file
        DispatchQueue.global().async(group: reading) { [self] in rows = Result { try self.file.rows(from: start) } }
    }

    func wait() { reading.wait() }

    func get() throws -> [Row] {
        wait()
        return try rows.get()
    }
}

/// The scratch file of a run cannot be made, written or read.
public struct TraceError: Error, Sendable, CustomStringConvertible {
    var folder: String
    var errno: Int32

    public var description: String {
        "\(folder): cannot keep the run's scratch file beside the case: \(String(cString: strerror(errno))); make room there or put the case elsewhere"
    }
}
