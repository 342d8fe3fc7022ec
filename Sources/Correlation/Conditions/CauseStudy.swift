public import LogRecords

/// What is noted of the fills and deliveries while they are read for the correlation, for the cause to be studied
/// afterwards.
public struct CauseNotes: Sendable {
    var values: DeliveryValues
    var numbers = NumberSurvey()
    private(set) var groups = DeliveryGroups()

    /// - Parameter names: tell what keys look like.
    public init(_ directory: Directory, _ rollouts: RolloutSchedule, _ names: NameTable) {
        values = DeliveryValues(directory, rollouts, names)
    }

    public mutating func add(_ fill: Fill) { values.filled.add(fill) }

    /// Brings what is known of some keys and cameras into the processor's cache (see `NameMap.warm`).
    public mutating func warm(keys: [NameID], cameras: [NameID]) { values.warm(keys: keys, cameras: cameras) }

    /// The group that a delivery belongs to; all fills must have been noted.
    ///
    /// - Parameters:
    ///   - camera: what the directory tells of the one that was asked for.
    ///   - circumstance: a number that deliveries have in common which differ in nothing but account, camera, key, time and
    ///     measures.
    public mutating func group(of delivery: Delivery, _ camera: Directory.Listing, circumstance: Int32) -> Int32 {
        groups.number(
            of: delivery, circumstance: circumstance,
            values.varying(of: delivery, model: camera.model, rolloutAtFill: nil))
    }

    /// What the directory tells of a camera.
    public func listing(of camera: NameID) -> Directory.Listing { values.directory.listing(of: camera) }

    /// Takes note of a delivery that carried a frame.
    ///
    /// - Returns: what `CauseStudy.count` wants to know of it.
    public mutating func add(_ delivery: Delivery, group: Int32) -> DeliveryTraits {
        numbers.add(delivery)
        return DeliveryTraits(
            group: group, roundTrip: delivery.rttMilliseconds, loss: delivery.lossBasisPoints)
    }

    /// The fills of a key on which guesses at the rollout at a fill rest; noted again elsewhere they give the same.
    public func firstFills(of key: NameID) -> [(node: NameID, at: Int64)] { values.filled.firstFills(of: key) }

    /// The rollout at the fill that is guessed for the deliveries of a group.
    public func rolloutAtFill(ofGroup group: Int32) -> NameID {
        NameID(rawValue: groups.all[Int(group)][Attribute.rolloutAtFill.rawValue])
    }

    /// Takes note of deliveries that carried a frame and were counted elsewhere.
    ///
    /// - Parameters:
    ///   - delivery: one of them, for its attributes.
    ///   - rolloutAtFill: as it was guessed there.
    public mutating func add(_ delivery: Delivery, rolloutAtFill: NameID, count: Int) -> CountedTraits {
        numbers.add(delivery, count: count)
        let group = groups.number(values.values(of: delivery, rolloutAtFill: rolloutAtFill))
        return CountedTraits(
            traits: DeliveryTraits(
                group: group, roundTrip: delivery.rttMilliseconds, loss: delivery.lossBasisPoints), count: count)
    }

    /// Where the deliveries of a group come from.
    public func path(ofGroup group: Int32) -> AccountPaths.Path { AccountPaths.Path(groups.all[Int(group)]) }
}

/// Looks for the conditions that explain some exposures: it is shown them, counts all deliveries, and marks the exposures
/// among them.
public struct CauseStudy: Sendable {
    private var cube: Cube

    /// - Parameter eachExposure: hands over each exposure with the rollout at its fill, as the correlation found it.
    public init(_ notes: CauseNotes, eachExposure: ((Delivery, NameID) -> Void) throws -> Void) rethrows {
        var layout = CubeLayout(notes.values)
        try eachExposure { layout.add($0, rolloutAtFill: $1) }
        cube = Cube(layout, groups: notes.groups, numbers: notes.numbers)
    }

    /// Counts deliveries that carried a frame, exposures or not.
    public mutating func count(_ all: [DeliveryTraits]) { for traits in all { cube.count(traits) } }

    /// Counts deliveries that were counted elsewhere.
    public mutating func count(_ all: [CountedTraits]) {
        for one in all { cube.count(one.traits, one.count) }
    }

    /// Marks a counted delivery as an exposure that was shown.
    public mutating func mark(_ exposure: Delivery, rolloutAtFill: NameID) {
        cube.mark(exposure, rolloutAtFill: rolloutAtFill)
    }

    /// The conditions, once everything is counted and marked.
    public func conditions(_ basis: Conditions.Basis) -> Conditions {
        var cube = cube
        cube.gather()
        var search = ConditionSearch(cube)
        let (ranked, exposuresByTerm) = search.run()
        return Conditions(
            basis: basis, ranked: ranked, exposures: cube.cells.reduce(0) { $0 + $1.exposures },
            deliveries: cube.cells.reduce(0) { $0 + $1.deliveries }, tried: search.tried,
            exposuresByTerm: exposuresByTerm)
    }
}
