/// Lines whose last piece has not come, by the stream or the number that their pieces share.
struct OpenPieces {
    private struct Piece {
        var bytes: [UInt8]
        /// The line of the file that it began on.
        var first: Int64
    }

    private var open: [[UInt8]: Piece] = [:]
    /// Those that were given up, because too many were open at once.
    private var lost: [Int64] = []

    /// What a collector cuts ends here: a server's line is no longer than the longest line allowed.
    private static let mostBytes = 1 << 24
    private static let mostOpen = 1024

    /// The first lines of the file that lines which did not end began on.
    var unfinished: [Int64] { (lost + open.values.map(\.first)).sorted() }

    /// Adds a piece to what came before it; returns the whole line, if it is the last.
    ///
    /// - Parameter isLast: whether the line ends with it.
    mutating func add(
        _ piece: [UInt8], of key: [UInt8], isLast: Bool, number: Int64
    ) -> (line: [UInt8], first: Int64)? {
        if isLast, open.isEmpty { return (piece, number) }
        var whole = open.removeValue(forKey: key) ?? Piece(bytes: [], first: number)
        whole.bytes += piece
        if isLast || whole.bytes.count >= Self.mostBytes { return (whole.bytes, whole.first) }
        if open.count >= Self.mostOpen, let oldest = open.min(by: { $0.value.first < $1.value.first }) {
            lost.append(oldest.value.first)
            open[oldest.key] = nil
        }
        open[key] = whole
        return nil
    }
}
