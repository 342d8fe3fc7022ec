/// Reads lines of the shapes that a profile names.
///
/// One class, so that a line costs no more than one count of references.
final class PatternLines {
    let patterns: LinePatterns
    /// Nearly all lines have it. `patterns` holds it, so that to look at it counts no reference.
    private let first: Unmanaged<LineTemplate>?
    private let others: ArraySlice<LineTemplate>
    /// See `LinePatterns.leastRecord`.
    private let leastRecord: Int
    /// For the line's marks.
    private let room = MarkRoom(kinds: 2)

    init(_ patterns: LinePatterns) {
        self.patterns = patterns
        first = patterns.shapes.first.map(Unmanaged.passUnretained)
        others = patterns.shapes.dropFirst()
        leastRecord = patterns.leastRecord
    }

    deinit { room.deallocate() }

    func scan(_ line: UnsafeRawBufferPointer, into slices: FieldSlices) throws(ScanFailure) {
        room.make(for: line.count)
        let marks = LineMarks(line, in: room.words)
        guard let first else { throw ScanFailure(reason: .patternMismatch, offset: 0) }
        let stop = first._withUnsafeGuaranteedRef { match($0, line, marks, patterns.escape, into: slices) }
        guard var reached = stop else { return }
        for other in others {
            guard let stop = match(other, line, marks, patterns.escape, into: slices) else { return }
            reached = max(reached, stop)
        }
        throw ScanFailure(reason: .patternMismatch, offset: reached)
    }

    /// - Returns: nil if the line has that shape, else the offset at which it stops fitting.
    @inline(__always)
    private func match(
        _ shape: LineTemplate, _ line: UnsafeRawBufferPointer, _ marks: LineMarks, _ escape: FieldSlices.Escape,
        into slices: FieldSlices
    ) -> Int? {
        var last = 0
        var stop = shape.match(line, marks, last: &last) { field, range in
            slices.set(
                field, start: range.lowerBound, end: range.upperBound, escape: escape, isPlain: marks.isPlain(range)
            )
        }
        if stop == nil, line.count - last >= leastRecord, shape.takesRest { stop = patterns.another(line, from: last) }
        if stop != nil { slices.clear() }
        return stop
    }
}
