import Correlation
import LogRecords

extension Delivery {
    /// A digest of all that a line says, but where it stands; two that say the same were copied, whatever bytes they are written in.
    ///
    /// - Parameters:
    ///   - format: a number for the profile: what two formats say alike may be two servers'.
    ///   - request: what stands for the request's id; 0 if the line names none, or it is not asked.
    ///   - moved: by how much later it is taken to be written, microseconds.
    func contentDigest(format: Int64, request: UInt64 = 0, moved: Int64 = 0) -> UInt64 {
        var digest = ContentDigest()
        digest.add(format)
        digest.add(Int64(bitPattern: request))
        digest.add(time.stamp &+ moved)
        // How long it took, where the line says so.
        digest.add(time.latest - time.begunBy)
        digest.add(bytes)
        for (high, low) in [
            (node, requester), (camera, key), (frame, owner), (frameCamera, cacheWord), (client, network),
            (kind, extra),
        ] {
            digest.add(Int64(high.rawValue) << 32 | Int64(UInt32(bitPattern: low.rawValue)))
        }
        digest.add(Int64(rttMilliseconds) << 32 | Int64(UInt32(bitPattern: lossBasisPoints)))
        digest.add(Int64(status) << 32 | Int64(cacheStatus.rawValue) << 8)
        // Whether it may be a repeat follows from the lines before it.
        digest.add(Int64(flags.subtracting(.mayBeRepeat).rawValue))
        return digest.value
    }

    /// Whether its stamp tells it from other answers of a client: digits to the millisecond at least.
    var isStampFine: Bool { time.stamp % 1_000_000 != 0 || time.latest - time.stamp < 1000 }
}

/// Mixes numbers into one.
private struct ContentDigest {
    private(set) var value: UInt64 = 0x9e37_79b9_7f4a_7c15

    mutating func add(_ number: Int64) {
        value = ((value &* 5 &+ 0xe654_6b64) ^ UInt64(bitPattern: number)).mixed
    }
}
