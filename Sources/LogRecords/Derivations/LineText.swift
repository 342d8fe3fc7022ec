/// A line's bytes and, behind them, what was made of them. A place in it is a range of offsets, which stays good while
/// the text grows.
///
/// Invariant: the first `count` bytes of `room` are initialised.
final class LineText {
    private var room = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 8)
    private var count = 0

    deinit { room.deallocate() }

    /// All of it; valid until something is added.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: room[..<count]) }

    /// A part of it; valid until something is added.
    subscript(place: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: room[place]) }

    /// Forgets everything and takes a line.
    func begin(_ line: UnsafeRawBufferPointer) {
        count = 0
        append(line)
    }

    @discardableResult
    func append(_ more: UnsafeRawBufferPointer) -> Range<Int> {
        append(atMost: more.count) { room in
            room.copyMemory(from: more)
            return more.count
        }
    }

    /// Adds what `write` makes of a part of the text: no more bytes than `most`.
    ///
    /// - Parameter write: gets the part and room for `most` bytes; returns how many it used.
    func append(
        atMost most: Int, of place: Range<Int>,
        _ write: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) -> Int
    ) -> Range<Int> {
        reserve(most)
        return append(atMost: most) { write(self[place], $0) }
    }

    private func append(atMost most: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int) -> Range<Int> {
        reserve(most)
        let start = count
        let used = write(UnsafeMutableRawBufferPointer(rebasing: room[start..<(start + most)]))
        precondition(used >= 0 && used <= most, "more was written than there was room for")
        count += used
        return start..<count
    }

    private func reserve(_ more: Int) {
        guard count + more > room.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: (count + more) * 2, alignment: 8)
        larger.copyMemory(from: bytes)
        room.deallocate()
        room = larger
    }
}
