/// Comparing raw bytes, many at a time.
@usableFromInline package enum Bytes {
    /// Whether `name` stands in `bytes` at `offset`.
    ///
    /// - Precondition: `offset + name.count` lies inside `bytes`.
    @inlinable package static func areEqual(
        _ bytes: UnsafeRawBufferPointer, _ offset: Int, _ name: UnsafeRawBufferPointer
    ) -> Bool {
        guard let base = bytes.baseAddress, let other = name.baseAddress else { return name.isEmpty }
        return areEqual(base + offset, other, name.count)
    }

    /// Whether so many bytes are the same at both places.
    @inlinable @inline(__always)
    package static func areEqual(_ some: UnsafeRawPointer, _ others: UnsafeRawPointer, _ count: Int) -> Bool {
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

    @inlinable @inline(__always)
    static func differ<Word: FixedWidthInteger>(
        _ some: UnsafeRawPointer, _ others: UnsafeRawPointer, at offset: Int, _ word: Word.Type
    ) -> Bool {
        some.loadUnaligned(fromByteOffset: offset, as: Word.self)
            != others.loadUnaligned(fromByteOffset: offset, as: Word.self)
    }

    @inlinable package static func areEqual(_ bytes: UnsafeRawBufferPointer, _ text: [UInt8]) -> Bool {
        bytes.count == text.count && text.withUnsafeBytes { areEqual(bytes, 0, $0) }
    }
}
