import Dispatch
import Synchronization

/// Reads a source some chunks ahead of whoever takes its bytes, on a thread of its own, so that decompressing goes on
/// while lines are parsed.
///
/// A source that ends soon never gets a thread. Until ``stop()`` nobody else may read the source.
final class ReadAhead {
    /// How many chunks are read without a thread.
    private static let firstChunks = 8

    private let upstream: any ByteSource
    private let chunkBytes: Int
    private var takenBytes = 0
    private var lane: Lane?
    private var failure: Damage?
    private var isAtEnd = false

    /// - Parameter chunkBytes: How much is handed over at a time; some chunks are held at once.
    init(_ upstream: any ByteSource, chunkBytes: Int) {
        self.upstream = upstream
        self.chunkBytes = chunkBytes
    }

    deinit { stop() }

    /// The next bytes, valid until the next call or `stop()`; none only at the end.
    ///
    /// The bytes before a damage come first; then every call throws it.
    ///
    /// - Parameter room: memory that they may be put into; it is not empty.
    func next(in room: UnsafeMutableRawBufferPointer) throws(Damage) -> UnsafeRawBufferPointer {
        if let failure { throw failure }
        if isAtEnd { return UnsafeRawBufferPointer(start: nil, count: 0) }
        if lane == nil, takenBytes >= chunkBytes * Self.firstChunks { lane = Lane(upstream, chunkBytes: chunkBytes) }
        do throws(Damage) {
            let bytes =
                if let lane { try lane.next() } else {
                    UnsafeRawBufferPointer(rebasing: room[..<(try upstream.read(into: room))])
                }
            takenBytes &+= bytes.count
            isAtEnd = bytes.isEmpty
            return bytes
        } catch {
            failure = error
            throw error
        }
    }

    /// Ends the thread, and with it what can be read here: the source's next bytes come from the source.
    func stop() {
        lane?.stop()
        lane = nil
        isAtEnd = true
    }
}

/// A ring of chunks between the thread that fills them and the one that takes their bytes.
///
/// Checked by hand: a chunk belongs to the filling thread from `free`'s signal to `filled`'s, and to the other one from
/// there to the next; the source belongs to the filling thread until `stop()` returns.
private final class Lane: @unchecked Sendable {
    private static let chunkCount = 4

    private let source: any ByteSource
    private let chunkBytes: Int
    private let memory: UnsafeMutableRawBufferPointer
    /// What each chunk holds; no bytes is the end. Not an array, which is one value, for both threads have one of them each.
    private let contents: UnsafeMutablePointer<Result<Int, Damage>>
    // They begin at 0, for Dispatch takes one that ends below its beginning for an error.
    private let free = DispatchSemaphore(value: 0)
    private let filled = DispatchSemaphore(value: 0)
    private let isStopped = Atomic(false)
    private let thread = DispatchGroup()
    /// The one that is lent, or is next.
    private var chunk = 0
    private var isLent = false

    init(_ source: any ByteSource, chunkBytes: Int) {
        self.source = source
        self.chunkBytes = chunkBytes
        memory = .allocate(byteCount: chunkBytes * Self.chunkCount, alignment: 64)
        contents = .allocate(capacity: Self.chunkCount)
        contents.initialize(repeating: .success(0), count: Self.chunkCount)
        for _ in 0..<Self.chunkCount { free.signal() }
        DispatchQueue(label: "read ahead").async(group: thread) { [self] in fill() }
    }

    deinit {
        memory.deallocate()
        contents.deinitialize(count: Self.chunkCount)
        contents.deallocate()
    }

    private func bytes(ofChunk index: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: memory[index * chunkBytes..<(index + 1) * chunkBytes])
    }

    private func fill() {
        var index = 0
        while true {
            free.wait()
            if isStopped.load(ordering: .acquiring) { return }
            let content: Result<Int, Damage>
            do throws(Damage) {
                content = .success(try source.read(into: bytes(ofChunk: index)))
            } catch {
                content = .failure(error)
            }
            contents[index] = content
            filled.signal()
            guard case .success(1...) = content else { return }
            index = (index + 1) % Self.chunkCount
        }
    }

    /// The next chunk, whose bytes are lent until the next call or `stop()`; none only at the end, after which it may not be
    /// called again, nor after a damage.
    func next() throws(Damage) -> UnsafeRawBufferPointer {
        if isLent {
            chunk = (chunk + 1) % Self.chunkCount
            free.signal()
        }
        filled.wait()
        isLent = true
        return UnsafeRawBufferPointer(rebasing: bytes(ofChunk: chunk)[..<(try contents[chunk].get())])
    }

    func stop() {
        isStopped.store(true, ordering: .releasing)
        free.signal()
        thread.wait()
    }
}
