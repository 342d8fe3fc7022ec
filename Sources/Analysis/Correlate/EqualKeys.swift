extension RandomAccessCollection {
    /// Calls `body` with each stretch of elements that have the same key.
    ///
    /// - Precondition: the elements of one key stand together.
    @inline(__always)
    func eachStretch<Key: Equatable>(by key: (Element) -> Key, _ body: (SubSequence) throws -> Void) rethrows {
        var start = startIndex
        while start < endIndex {
            let own = key(self[start])
            let end = self[start...].firstIndex { key($0) != own } ?? endIndex
            try body(self[start..<end])
            start = end
        }
    }
}
