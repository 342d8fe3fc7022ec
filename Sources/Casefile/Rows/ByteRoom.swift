extension [UInt8] {
    /// Adds bytes that are written to their place at once, so that they are copied once.
    ///
    /// - Parameters:
    ///   - most: how many there are at most.
    ///   - fill: writes them to memory that has room for as many; returns how many they are.
    @inline(__always)
    mutating func append(atMost most: Int, _ fill: (UnsafeMutableRawPointer) -> Int) {
        append(addingCapacity: most) { span in
            span.withUnsafeMutableBufferPointer { room, count in
                guard let base = room.baseAddress else { return }
                let added = fill(UnsafeMutableRawPointer(base + count))
                precondition(added <= most, "more bytes than there is room for")
                count += added
            }
        }
    }
}
