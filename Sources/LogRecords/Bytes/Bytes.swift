internal import CBytes

/// Comparing and searching raw bytes, many at a time.
enum Bytes {
    /// Whether `name` stands in `bytes` at `offset`.
    ///
    /// - Precondition: `offset + name.count` lies inside `bytes`.
    static func areEqual(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ name: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress, let other = name.baseAddress else { return name.isEmpty }
        return areEqual(base + offset, other, name.count)
    }

    /// Whether so many bytes are the same at both places.
    @inline(__always)
    static func areEqual(_ some: UnsafeRawPointer, _ others: UnsafeRawPointer, _ count: Int) -> Bool {
        if count >= 8 {
            var index = 0
            while index + 8 < count {
                if differ(some, others, at: index, UInt64.self) { return false }
                index += 8
            }
            // The last word overlaps the one before it.
            return !differ(some, others, at: count - 8, UInt64.self)
        }
        if count >= 4 {
            return !differ(some, others, at: 0, UInt32.self) && !differ(some, others, at: count - 4, UInt32.self)
        }
        for index in 0..<count where differ(some, others, at: index, UInt8.self) { return false }
        return true
    }

    @inline(__always)
    private static func differ<Word: FixedWidthInteger>(
        _ some: UnsafeRawPointer, _ others: UnsafeRawPointer, at offset: Int, _ word: Word.Type
    ) -> Bool {
        some.loadUnaligned(fromByteOffset: offset, as: Word.self)
            != others.loadUnaligned(fromByteOffset: offset, as: Word.self)
    }

    static func areEqual(_ bytes: UnsafeRawBufferPointer, _ text: [UInt8]) -> Bool {
        bytes.count == text.count && text.withUnsafeBytes { areEqual(bytes, 0, $0) }
    }

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
