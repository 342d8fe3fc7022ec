/// Passes decoded bytes on until there are too many of them for the bytes of the file read so far.
final class OutputLimit: ByteSource {
    private let upstream: any ByteSource
    private let found: FoundBytes
    private let limits: Limits
    private var passed: UInt64 = 0

    /// Watches over a source that decodes bytes of the file `found`.
    init(_ upstream: any ByteSource, of found: FoundBytes, limits: Limits) {
        self.upstream = upstream
        self.found = found
        self.limits = limits
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Damage) -> Int {
        let (ratioLimit, overflow) = found.position.multipliedReportingOverflow(by: limits.maxOutputBytesPerInputByte)
        let limit = overflow ? UInt64.max : max(ratioLimit, limits.freeOutputBytes)
        guard passed <= min(limit, limits.maxOutputBytes) else {
            let bound = passed > limit ? "\(limits.maxOutputBytesPerInputByte) to 1" : "\(limits.maxOutputBytes) in all"
            throw Damage(
                kind: .limit, offset: upstream.fileOffset(unread: 0),
                message: "\(passed) bytes decoded from \(found.position), over \(bound)")
        }
        let count = try upstream.read(into: buffer)
        passed += UInt64(count)
        return count
    }

    func fileOffset(unread: Int) -> UInt64 { upstream.fileOffset(unread: unread) }
}
