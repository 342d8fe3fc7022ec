/// The offset of one clock through time, from the intervals that single requests allow.
struct ClockFit {
    var knots: [ClockOffset.Knot] = []
    /// The largest error of a correction by these knots, microseconds.
    var bound: Int64 = 0
    var used = 0
    var rejected = 0
    var basis = ClockOffset.Basis.proved

    /// A stretch of time with the offset that its requests allow.
    private struct Window {
        var from: Int64
        var until: Int64
        var allowed: ClosedRange<Int64>
        var count: Int

        var centre: Int64 { from + (until - from) / 2 }
        var middle: Int64 { allowed.lowerBound + (allowed.upperBound - allowed.lowerBound) / 2 }
    }

    /// A request or two may be taken for another's: fewer tie nothing.
    private static let fewest = 3
    private static let mostWindows: Int64 = 1024
    private static let shortestWindow: Int64 = 60_000_000
    /// Whether some requests may be without a fill of their own (a cache of a higher tier answered), so that most of them
    /// must agree and not all.
    private var isOfSome = false

    /// - Returns: nil if the requests do not tie the clock: too few, or they contradict each other.
    init?(_ samples: [ClockSample]) {
        let ordered = samples.sorted {
            ($0.at, $0.intervals.first?.lowerBound ?? 0) < ($1.at, $1.intervals.first?.lowerBound ?? 0)
        }
        guard ordered.count >= Self.fewest, let first = ordered.first, let last = ordered.last else { return nil }
        let span = last.at - first.at
        guard let near = CoarseOffset(ordered) else { return nil }
        // Where several offsets would do, the smallest is the likeliest.
        if near.isOneOfSeveral { basis = .likely }
        isOfSome = near.count < ordered.count

        let length = max(Self.shortestWindow, span / Self.mostWindows)
        var windows: [Window] = []
        var start = ordered.startIndex
        while start < ordered.endIndex {
            let from = ordered[start].at
            let end = ordered[start...].firstIndex { $0.at >= from + length } ?? ordered.endIndex
            let fitting = ordered[start..<end].compactMap { sample in
                let intervals = sample.intervals.filter { $0.overlaps(near.region(at: sample.at)) }
                return intervals.isEmpty ? nil : ClockSample(at: sample.at, intervals: intervals)
            }
            rejected += end - start - fitting.count
            windows += agreeing(fitting[...])
            start = end
        }
        windows = withoutStrays(windows)
        used = windows.reduce(0) { $0 + $1.count }
        guard used >= Self.fewest, isOfSome || rejected * 4 <= used else { return nil }
        if rejected > 0 { basis = .likely }
        lay(Self.narrowed(windows))
    }

    /// Windows within which all samples agree: a stretch in which they do not, because the clock was set or a fill was
    /// taken for another request's, is halved.
    private mutating func agreeing(_ samples: ArraySlice<ClockSample>) -> [Window] {
        guard let first = samples.first, let last = samples.last else { return [] }
        let slack = Int64(Double(last.at - first.at) * ClockConstraints.drift) + 1
        guard let best = ClockSample.mostAllowed(samples.map(\.intervals), widenedBy: slack) else { return [] }
        let isMost = isOfSome && best.count >= Self.fewest && best.count * 3 >= samples.count * 2
        if isMost { rejected += samples.count - best.count }
        if isMost || best.count == samples.count {
            let allowed = best.regions[0].lowerBound...best.regions[best.regions.count - 1].upperBound
            return [Window(from: first.at, until: last.at, allowed: allowed, count: best.count)]
        }
        let middle = samples.startIndex + samples.count / 2
        return agreeing(samples[..<middle]) + agreeing(samples[middle...])
    }

    /// Leaves out the small windows that contradict both of their neighbours.
    private mutating func withoutStrays(_ windows: [Window]) -> [Window] {
        var kept: [Window] = []
        for (index, window) in windows.enumerated() {
            let neighbours = [kept.last, index + 1 < windows.count ? windows[index + 1] : nil].compactMap { $0 }
            let isStray =
                window.count < Self.fewest && !neighbours.isEmpty
                && neighbours.allSatisfy { !$0.allowed.overlaps(window.allowed) }
            if isStray { rejected += window.count } else { kept.append(window) }
        }
        return kept
    }

    /// Narrows each window by what its neighbours allow after drifting as fast as a clock may; a window that its
    /// neighbour contradicts, because the clock was set between them, keeps its own.
    private static func narrowed(_ windows: [Window]) -> [Window] {
        var windows = windows
        func narrow(_ index: Int, by other: Int) {
            let gap = max(
                0, max(windows[index].until, windows[other].until) - min(windows[index].from, windows[other].from))
            let drift = Int64(Double(gap) * ClockConstraints.drift) + 1
            let low = max(windows[index].allowed.lowerBound, windows[other].allowed.lowerBound - drift)
            let high = min(windows[index].allowed.upperBound, windows[other].allowed.upperBound + drift)
            if low <= high { windows[index].allowed = low...high }
        }
        for index in windows.indices.dropFirst() { narrow(index, by: index - 1) }
        for index in windows.indices.dropLast().reversed() { narrow(index, by: index + 1) }
        return windows
    }

    /// One offset for all the time if that is nearly as good, else a line from window to window: in both cases two
    /// times of one clock keep their order.
    private mutating func lay(_ windows: [Window]) {
        let lowest = windows.indices.map { windows[$0].allowed.lowerBound - Self.drift(around: $0, windows) }.min() ?? 0
        let highest =
            windows.indices.map { windows[$0].allowed.upperBound + Self.drift(around: $0, windows) }.max() ?? 0
        let steps = zip(windows, windows.dropFirst()).map { (before, after) in
            (change: abs(after.middle - before.middle), gap: after.centre - before.centre)
        }
        if highest - lowest <= Clocks.defaultSkew || steps.contains(where: { $0.change * 2 >= $0.gap }) {
            knots = [knot(lowest, highest)]
            return
        }
        knots = windows.map { .init(at: $0.centre, offset: $0.middle) }
        // Between two windows the line is off by half of what the offset changes there, beside what the clock drifts.
        let halves = windows.map { $0.allowed.upperBound - $0.middle }
        let between = steps.enumerated().map { index, step in
            max(halves[index], halves[index + 1]) + step.change / 2 + Int64(Double(step.gap) * ClockConstraints.drift)
        }
        bound = (halves + between).max() ?? 0
        if bound > Clocks.defaultSkew { basis = .likely }
    }

    /// How far a clock may drift from a window until halfway to its neighbours.
    private static func drift(around index: Int, _ windows: [Window]) -> Int64 {
        let gaps = [index - 1, index + 1].filter { windows.indices.contains($0) }.map {
            abs(windows[$0].centre - windows[index].centre)
        }
        return Int64(Double(gaps.max() ?? 0) / 2 * ClockConstraints.drift)
    }

    /// What is known less well than the assumption for any two clocks gives way to it, if the two agree.
    private mutating func knot(_ lowest: Int64, _ highest: Int64) -> ClockOffset.Knot {
        var (lowest, highest) = (lowest, highest)
        let assumed = Clocks.defaultSkew
        if highest - lowest > 2 * assumed, lowest <= assumed, highest >= -assumed {
            basis = .likely
            (lowest, highest) = (max(lowest, -assumed), min(highest, assumed))
        }
        let middle = lowest + (highest - lowest) / 2
        bound = highest - middle
        return .init(at: 0, offset: middle)
    }
}
