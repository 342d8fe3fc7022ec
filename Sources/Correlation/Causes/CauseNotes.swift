public import LogRecords

/// What is noted of the fills and deliveries while they are read for the correlation, for the cause to be studied
/// afterwards.
public struct CauseNotes: Sendable {
    var values: DeliveryValues
    var numbers = NumberSurvey()
    private(set) var groups = DeliveryGroups()

    /// - Parameter names: tell what keys look like.
    public init(_ directory: Directory, _ rollouts: RolloutSchedule, _ names: StringInterner) {
        values = DeliveryValues(directory, rollouts, names)
    }

    public mutating func add(_ fill: Fill) { values.filled.add(fill) }

    /// Brings what is known of some keys and cameras into the processor's cache (see `NameMap.warm`).
    public mutating func warm(keys: [SymbolID], cameras: [SymbolID]) { values.warm(keys: keys, cameras: cameras) }

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

    /// The number of a key's template; nil if no delivery names the key.
    public func template(of key: SymbolID) -> Int? { values.knownTemplate(of: key) }

    /// How many keys of a template there are, and some of them.
    public func keys(of use: TemplateUse) -> (count: Int, some: [SymbolID]) {
        values.samples.keys(ofTemplate: use.number)
    }

    /// What the directory tells of a camera.
    public func listing(of camera: SymbolID) -> Directory.Listing { values.directory.listing(of: camera) }

    /// Takes note of a delivery that carried a frame.
    ///
    /// - Returns: what `CauseStudy.count` wants to know of it.
    ///
    /// - Parameter slot: of its time.
    public mutating func add(_ delivery: Delivery, group: Int32, slot: Int32) -> DeliveryTraits {
        numbers.add(delivery)
        return DeliveryTraits(
            group: group, roundTrip: delivery.rttMilliseconds, loss: delivery.lossBasisPoints, slot: slot)
    }

    /// The fills of a key on which guesses at the rollout at a fill rest; noted again elsewhere they give the same.
    public func firstFills(of key: SymbolID) -> [(node: SymbolID, at: Int64)] { values.filled.firstFills(of: key) }

    /// The rollout at the fill that is guessed for the deliveries of a group.
    public func rolloutAtFill(ofGroup group: Int32) -> SymbolID {
        SymbolID(rawValue: groups.all[Int(group)][Attribute.rolloutAtFill.rawValue])
    }

    /// Takes note of deliveries that carried a frame and were counted elsewhere.
    ///
    /// - Parameters:
    ///   - delivery: one of them, for its attributes.
    ///   - rolloutAtFill: as it was guessed there.
    public mutating func add(_ delivery: Delivery, rolloutAtFill: SymbolID, count: Int) -> CountedTraits {
        numbers.add(delivery, count: count)
        let group = groups.number(values.values(of: delivery, rolloutAtFill: rolloutAtFill))
        return CountedTraits(
            traits: DeliveryTraits(
                group: group, roundTrip: delivery.rttMilliseconds, loss: delivery.lossBasisPoints, slot: -1),
            count: count)
    }

    /// Where the deliveries of a group come from.
    public func path(ofGroup group: Int32) -> AccountPaths.Path { AccountPaths.Path(groups.all[Int(group)]) }
}
