public import LogRecords

/// What is noted of the fills and deliveries while they are read for the correlation, for the cause to be studied
/// afterwards.
public struct CauseNotes: Sendable {
    var filled: FillRollouts
    var numbers = NumberSurvey()

    public init(_ rollouts: RolloutSchedule) { filled = FillRollouts(rollouts) }

    public mutating func add(_ fill: Fill) { filled.add(fill) }

    /// Takes note of a delivery that carried a frame.
    public mutating func add(_ delivery: Delivery) { numbers.add(delivery) }
}

/// Looks for the conditions that explain some exposures: it is shown them, counts all deliveries, and marks the exposures
/// among them.
public struct CauseStudy: Sendable {
    private var cube: Cube

    /// - Parameter eachExposure: hands over each exposure with the rollout at its fill, as the correlation found it.
    public init(
        _ notes: CauseNotes, _ directory: Directory, _ rollouts: RolloutSchedule, _ names: NameTable,
        eachExposure: ((Delivery, NameID) -> Void) throws -> Void
    ) rethrows {
        var layout = CubeLayout(
            DeliveryValues(directory: directory, rollouts: rollouts, filled: notes.filled, names: names))
        try eachExposure { layout.add($0, rolloutAtFill: $1) }
        cube = Cube(layout, numbers: notes.numbers)
    }

    /// Counts a delivery that carried a frame, exposure or not.
    public mutating func count(_ delivery: Delivery) { cube.count(delivery) }

    /// Marks a counted delivery as an exposure that was shown.
    public mutating func mark(_ exposure: Delivery, rolloutAtFill: NameID) {
        cube.mark(exposure, rolloutAtFill: rolloutAtFill)
    }

    /// The conditions, once everything is counted and marked.
    public func conditions(_ basis: Conditions.Basis) -> Conditions {
        var search = ConditionSearch(cube)
        let (ranked, exposuresByTerm) = search.run()
        return Conditions(
            basis: basis, ranked: ranked, exposures: cube.cells.reduce(0) { $0 + $1.exposures },
            deliveries: cube.cells.reduce(0) { $0 + $1.deliveries }, tried: search.tried,
            exposuresByTerm: exposuresByTerm)
    }
}
