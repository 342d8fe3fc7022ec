internal import CBytes
import Interning

/// Searching raw bytes, many at a time.
extension Bytes {
    /// The first place of `byte` from `start` on; nil if there is none.
    @inline(__always)
    static func index(of byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress else { return nil }
        let place = place_of_byte(base.assumingMemoryBound(to: UInt8.self), start, bytes.count, byte)
        return place < bytes.count ? place : nil
    }

    /// Whether `part`, which is not empty, stands anywhere in them.
    static func contain(_ bytes: UnsafeRawBufferPointer, _ part: [UInt8]) -> Bool {
        part.withUnsafeBytes { part in
            var start = 0
            while let found = index(of: part[0], in: bytes, from: start), found + part.count <= bytes.count {
                if areEqual(bytes, found, part) { return true }
                start = found + 1
            }
            return false
        }
    }

    /// Whether all are printable ASCII without quotes and backslashes.
    @inline(__always)
    static func arePlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        return are_plain(base.assumingMemoryBound(to: UInt8.self), bytes.count) != 0
    }
}
