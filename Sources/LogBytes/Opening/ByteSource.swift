/// A stage of the way from the file to its lines: bytes, once, in order.
///
/// Not shared between threads.
protocol ByteSource: AnyObject {
    /// Puts the next bytes into the buffer and returns how many; 0 only at the end.
    ///
    /// Fewer than fit may come at any time. The bytes before a damage come first; then every call throws it.
    ///
    /// - Precondition: The buffer is not empty.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Damage) -> Int

    /// The byte of the file as found that corresponds to a place in this stage's output.
    ///
    /// - Parameter unread: How many of the bytes already handed out lie beyond that place.
    func fileOffset(unread: Int) -> UInt64
}
