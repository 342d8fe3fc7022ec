public import LogRecords

/// Which fill a frame id names: the frame's owner and camera, and the line that says so.
public struct FrameIndex: Sendable {
    /// One fill's word on a frame.
    public struct Entry: Sendable {
        public var origin: FrameOrigin
        public var fill: EventID
        /// When it was filled, microseconds.
        public var filledAt: Int64
        public var node: NameID
    }

    /// The first fill of each frame id: nearly every frame has one owner.
    private var first: [NameID: Entry] = [:]
    /// Further owners of a frame id.
    private var others: [NameID: [Entry]] = [:]

    public init() {}

    /// Adds a fill. Fills come in order of time; of several with one owner and camera the first stays.
    public mutating func add(_ fill: Fill, _ directory: Directory) {
        guard fill.frame.isPresent else { return }
        for origin in fill.origins(directory) {
            let entry = Entry(origin: origin, fill: fill.id, filledAt: fill.time.stamp, node: fill.node)
            guard let known = first[fill.frame] else {
                first[fill.frame] = entry
                continue
            }
            let isKnown = known.origin == origin || others[fill.frame]?.contains { $0.origin == origin } == true
            if !isKnown { others[fill.frame, default: []].append(entry) }
        }
    }

    /// All that fills say about a frame id.
    public func entries(_ frame: NameID) -> [Entry] {
        guard let entry = first[frame] else { return [] }
        return [entry] + (others[frame] ?? [])
    }
}

extension Fill {
    /// Whose frame was filled: the stated owner, else whoever owned the camera then. Several if the camera changed
    /// hands within the fill's interval; one of unknown owner if the directory does not know the camera.
    public func origins(_ directory: Directory) -> [FrameOrigin] {
        if owner.isPresent { return [FrameOrigin(owner: owner, camera: camera)] }
        let owners = directory.owners(of: camera, time.earliest, time.latest)
        return owners.isEmpty
            ? [FrameOrigin(owner: .absent, camera: camera)] : owners.map { FrameOrigin(owner: $0, camera: camera) }
    }
}
