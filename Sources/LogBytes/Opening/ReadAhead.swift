import Dispatch
import Synchronization

/// Reads a source some chunks ahead of whoever takes its bytes, on a thread of its own, so that decompressing goes on
/// while lines are parsed.
///
/// A source that ends soon never gets a thread. Until ``stop()`` nobody else may read the source.
final class ReadAhead: ByteSource {
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

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Damage) -> Int {
        if let failure { throw failure }
        if isAtEnd { return 0 }
        if lane == nil, takenBytes >= chunkBytes * Self.firstChunks { lane = Lane(upstream, chunkBytes: chunkBytes) }
        do throws(Damage) {
            let count = if let lane { try lane.take(into: buffer) } else { try upstream.read(into: buffer) }
            takenBytes &+= count
            isAtEnd = count == 0
            return count
        } catch {
            failure = error
            throw error
        }
    }

    /// Of what has been read, which may be more than was handed out.
    func fileOffset(unread: Int) -> UInt64 {
        stop()
        return upstream.fileOffset(unread: unread)
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
    /// What each chunk holds; no bytes is the end.
    private var contents = [Result<Int, Damage>](repeating: .success(0), count: chunkCount)
    // They begin at 0, for Dispatch takes one that ends below its beginning for an error.
    private let free = DispatchSemaphore(value: 0)
    private let filled = DispatchSemaphore(value: 0)
    private let isStopped = Atomic(false)
    private let thread = DispatchGroup()
    private var chunk = 0
    private var used = 0
    private var isChunkHeld = false

    init(_ source: any ByteSource, chunkBytes: Int) {
        self.source = source
        self.chunkBytes = chunkBytes
        memory = .allocate(byteCount: chunkBytes * Self.chunkCount, alignment: 64)
        for _ in 0..<Self.chunkCount { free.signal() }
        DispatchQueue(label: "read ahead").async(group: thread) { [self] in fill() }
    }

    deinit { memory.deallocate() }

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

    /// The next bytes; 0 only at the end, after which it may not be called again, nor after a damage.
    func take(into buffer: UnsafeMutableRawBufferPointer) throws(Damage) -> Int {
        if !isChunkHeld {
            filled.wait()
            isChunkHeld = true
        }
        let held = try contents[chunk].get()
        let count = min(buffer.count, held - used)
        guard count > 0 else { return 0 }
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes(ofChunk: chunk)[used..<used + count]))
        used += count
        if used == held {
            (isChunkHeld, used, chunk) = (false, 0, (chunk + 1) % Self.chunkCount)
            free.signal()
        }
        return count
    }

    func stop() {
        isStopped.store(true, ordering: .releasing)
        free.signal()
        thread.wait()
    }
}
