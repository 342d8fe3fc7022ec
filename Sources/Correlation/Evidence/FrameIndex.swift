public import LogRecords

/// Which fill a frame id names: the frame's owner and camera, and the line that says so.
public struct FrameIndex: Sendable {
    /// One fill's word on a frame.
    public struct Entry: Sendable, BitwiseCopyable {
        public var origin: FrameOrigin
        public var fill: EventID
        /// When it was filled, microseconds.
        public var filledAt: Int64
        public var node: SymbolID
        /// Orders fills of one moment.
        public var tieBreak: Int64

        public init(origin: FrameOrigin, fill: EventID, filledAt: Int64, node: SymbolID, tieBreak: Int64) {
            self.origin = origin
            self.fill = fill
            self.filledAt = filledAt
            self.node = node
            self.tieBreak = tieBreak
        }

        func isEarlier(than other: Entry) -> Bool { (filledAt, tieBreak) < (other.filledAt, other.tieBreak) }
    }

    /// The first fill of each frame id: nearly every frame has one owner.
    private var first = NameMap<Entry>()
    /// Further owners of a frame id.
    private var others: [SymbolID: [Entry]] = [:]

    /// Whether lines and fills name frames alike, so that a frame which no fill names is another than those that fills do.
    public var areLinesAlike = false

    public init() {}

    var isEmpty: Bool { first.count == 0 }

    /// Adds a fill, in any order: of several with one owner and camera the earliest stays, and of equally early ones
    /// the first by `tieBreak`, or the first added.
    ///
    /// - Parameter margin: what the fill's clock and the tables' may differ by.
    public mutating func add(
        _ fill: Fill, _ directory: Directory, tieBreak: Int64 = 0, margin: Int64 = Clocks.defaultSkew
    ) {
        guard fill.frame.isPresent else { return }
        for origin in fill.origins(directory, margin: margin) {
            add(
                Entry(origin: origin, fill: fill.id, filledAt: fill.time.stamp, node: fill.node, tieBreak: tieBreak),
                of: fill.frame)
        }
    }

    /// Adds what one fill says of a frame id.
    public mutating func add(_ entry: Entry, of frame: SymbolID) {
        guard let place = first.place(of: frame) else {
            first.append(frame, entry)
            return
        }
        var all = [first.values[place]] + (others[frame] ?? [])
        if let same = all.firstIndex(where: { $0.origin == entry.origin }) {
            if entry.isEarlier(than: all[same]) { all[same] = entry }
        } else {
            all.append(entry)
        }
        if all.count > 1 { all.sort { $0.isEarlier(than: $1) } }
        first.update(place) { $0 = all[0] }
        if all.count > 1 { others[frame] = Array(all.dropFirst()) }
    }

    /// Whether any fill says something about a frame id.
    func holds(_ frame: SymbolID) -> Bool { frame.isPresent && first.place(of: frame) != nil }

    /// All that fills say about a frame id.
    public func entries(_ frame: SymbolID) -> [Entry] {
        guard let entry = first[frame] else { return [] }
        return [entry] + (others[frame] ?? [])
    }
}

extension Fill {
    /// Whose frame was filled: the stated owner, else whoever owned the camera then. Several if the camera changed
    /// hands within the fill's interval; one of unknown owner if the directory does not know the camera.
    ///
    /// - Parameter margin: what the fill's clock and the tables' may differ by.
    public func origins(_ directory: Directory, margin: Int64) -> [FrameOrigin] {
        if owner.isPresent { return [FrameOrigin(owner: owner, camera: camera)] }
        let owners = directory.owners(of: camera, time.earliest - margin, time.latest + margin)
        return owners.isEmpty
            ? [FrameOrigin(owner: .absent, camera: camera)] : owners.map { FrameOrigin(owner: $0, camera: camera) }
    }

    /// The one of the origins; nil if there are several.
    func soleOrigin(_ directory: Directory) -> FrameOrigin? {
        if owner.isPresent { return FrameOrigin(owner: owner, camera: camera) }
        var sole = FrameOrigin(owner: .absent, camera: camera)
        var isListed = false
        for place in directory.places(of: camera) {
            guard let owner = directory.owner(at: place, time.earliest, time.latest) else { continue }
            if isListed, sole.owner != owner { return nil }
            sole.owner = owner
            isListed = true
        }
        return sole
    }
}
