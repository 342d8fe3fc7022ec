import LogRecords

/// Deliveries and exposures counted by what they have in common: one cell for each combination of attribute values.
///
/// Only values that enough exposures have are told apart, all others are one; so a cube of any number of deliveries has
/// some thousands of cells, and all that is asked of it afterwards costs nothing of the case's size. This is how
/// MacroBase (Bailis et al., SIGMOD 2017) and its DIFF operator (Abuzaid et al., PVLDB 12(4), 2018) prune:
/// what is rare among the outliers explains nothing, so it need not be counted among the rest.
struct Cube: Sendable {
    /// One attribute of the cube, and the terms that it can appear in.
    struct Axis: Sendable {
        var attribute: Attribute
        /// The codes that each term allows, as bits. Code 0: any other value, or none.
        var terms: [(term: Term, codes: UInt32)]
    }
    struct Cell: Sendable {
        /// Each axis's code, five bits an axis.
        var codes: UInt128
        var deliveries = 0
        var exposures = 0

        func code(_ axis: Int) -> Int { Int(codes >> UInt128(5 * axis) & 31) }
    }

    private(set) var axes: [Axis] = []
    private(set) var cells: [Cell] = []
    private var places: [UInt128: Int32] = [:]
    private var lastPlace: Int32 = -1
    /// How many exposures a conjunction needs to be looked at.
    let support: Int

    private var values: DeliveryValues
    private let groups: DeliveryGroups
    /// By group, then by the part of the round trip, then by that of the loss: deliveries that are in no cell yet.
    private var counted: [Int]
    private var roundTripCuts: [Int32] = []
    private var lossCuts: [Int32] = []
    /// By axis: the values with codes of their own, from code 1 on; of a number, where it is cut.
    private var known: [[Int32]] = []
    /// By axis of an extra field: the code of each combination of such fields.
    private var codesOfExtras: [Int: [Int32: Int]] = [:]

    /// An empty cube for the exposures that a layout has seen; `count` all deliveries, `mark` those exposures, and
    /// `gather`.
    ///
    /// - Parameter numbers: of all deliveries, as the groups are.
    init(_ layout: CubeLayout, groups: DeliveryGroups, numbers: NumberSurvey) {
        values = layout.values
        self.groups = groups
        counted = [Int](repeating: 0, count: groups.all.count * Self.parts * Self.parts)
        support = layout.support
        for attribute in Attribute.allCases {
            let part =
                attribute.isNumber
                ? Self.cut(attribute, numbers.cuts(attribute, exposed: layout.numbers))
                : Self.group(attribute, layout)
            guard attribute != .extra, let part else { continue }
            axes.append(part.axis)
            known.append(part.values)
            if attribute == .roundTrip { roundTripCuts = part.values }
            if attribute == .loss { lossCuts = part.values }
        }
        addExtras(layout)
    }

    /// An axis for each field that a profile maps beyond the others.
    private mutating func addExtras(_ layout: CubeLayout) {
        let lane = Attribute.extra.rawValue
        let combinations = Set(groups.all.map { $0[lane] }).subtracting([0])
        let fields = Dictionary(
            uniqueKeysWithValues: combinations.map { ($0, ExtraFields.split(layout.values.text(.extra, $0))) })
        var counts: [String: [String: Int]] = [:]
        for (combination, count) in layout.counts[.extra] ?? [:] {
            for field in fields[combination] ?? [] {
                counts[field.name, default: [:]][field.value, default: 0] += count
            }
        }
        for (name, byValue) in counts.sorted(by: { $0.key < $1.key }) where axes.count < Self.mostAxes {
            let frequent = byValue.filter { $0.value >= support }.keys.sorted()
            guard !frequent.isEmpty else { continue }
            let codes = fields.compactMapValues { all in
                all.first { $0.name == name }.flatMap { frequent.firstIndex(of: $0.value) }.map { $0 + 1 }
            }
            codesOfExtras[axes.count] = codes
            let terms = frequent.enumerated().map { index, value in
                (term: Term(.extra, .equal, "\(name)=\(value)"), codes: UInt32(1) << UInt32(index + 1))
            }
            axes.append(Axis(attribute: .extra, terms: terms))
            known.append([])
        }
    }

    /// As many as fit into a cell's codes.
    private static let mostAxes = 128 / 5

    private typealias Part = (axis: Axis, values: [Int32])

    private static func cut(_ attribute: Attribute, _ cuts: [Int32]) -> Part? {
        guard !cuts.isEmpty else { return nil }
        let all = UInt32(1) << UInt32(cuts.count + 2) - 2
        let terms = cuts.enumerated().flatMap { index, cut in
            let below = UInt32(1) << UInt32(index + 2) - 2
            let text = attribute == .loss ? percent(cut) : String(cut)
            return [
                (term: Term(attribute, .below, text), codes: below),
                (term: Term(attribute, .atLeast, text), codes: all & ~below),
            ]
        }
        return (Axis(attribute: attribute, terms: terms), cuts)
    }

    /// Hundredths of a percent as percent.
    private static func percent(_ value: Int32) -> String {
        let rest = value % 100
        if rest == 0 { return "\(value / 100)" }
        return rest % 10 == 0 ? "\(value / 100).\(rest / 10)" : "\(value / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    private static func group(_ attribute: Attribute, _ layout: CubeLayout) -> Part? {
        // Ordered by text: the numbers behind names depend on the order in which files were read.
        let frequent = (layout.counts[attribute] ?? [:]).filter { $0.value >= layout.support }
            .map { ($0.key, layout.values.text(attribute, $0.key)) }.sorted { $0.1 < $1.1 }
        guard !frequent.isEmpty else { return nil }
        let terms = frequent.enumerated().map { index, value in
            (term: Term(attribute, .equal, value.1), codes: UInt32(1) << UInt32(index + 1))
        }
        return (Axis(attribute: attribute, terms: terms), frequent.map(\.0))
    }

    /// A number's parts: it is not known, or lies before, between or behind up to three cuts.
    private static let parts = NumberSurvey.mostCuts + 2

    /// Counts a delivery that carried a frame, in any order.
    @inline(__always)
    mutating func count(_ traits: DeliveryTraits, _ times: Int = 1) {
        let place =
            (Int(traits.group) * Self.parts + Self.part(traits.roundTrip, roundTripCuts)) * Self.parts
            + Self.part(traits.loss, lossCuts)
        counted[place] += times
    }

    @inline(__always)
    private static func part(_ number: Int32, _ cuts: [Int32]) -> Int {
        if number < 0 || cuts.isEmpty { return 0 }
        var part = 1
        for cut in cuts where number >= cut { part += 1 }
        return part
    }

    /// Brings what was counted into the cells.
    mutating func gather() {
        for (group, values) in groups.all.enumerated() {
            for roundTrip in 0..<Self.parts {
                for loss in 0..<Self.parts {
                    let place = (group * Self.parts + roundTrip) * Self.parts + loss
                    guard counted[place] > 0 else { continue }
                    cells[self.place(codes(of: values, roundTrip, loss))].deliveries += counted[place]
                    counted[place] = 0
                }
            }
        }
    }

    /// Marks one of the counted deliveries as an exposure.
    mutating func mark(_ delivery: Delivery, rolloutAtFill: NameID) {
        // It was counted with a guess at the rollout; here it is known.
        let guessed = place(codes(of: delivery, rolloutAtFill: nil))
        cells[guessed].deliveries -= 1
        let place = place(codes(of: delivery, rolloutAtFill: rolloutAtFill))
        cells[place].deliveries += 1
        cells[place].exposures += 1
    }

    private mutating func place(_ codes: UInt128) -> Int {
        if lastPlace >= 0, cells[Int(lastPlace)].codes == codes { return Int(lastPlace) }
        if let place = places[codes] {
            lastPlace = place
            return Int(place)
        }
        lastPlace = Int32(cells.count)
        places[codes] = lastPlace
        cells.append(Cell(codes: codes))
        return Int(lastPlace)
    }

    private mutating func codes(of delivery: Delivery, rolloutAtFill: NameID?) -> UInt128 {
        codes(
            of: values.values(of: delivery, rolloutAtFill: rolloutAtFill),
            Self.part(delivery.number(.roundTrip) ?? -1, roundTripCuts),
            Self.part(delivery.number(.loss) ?? -1, lossCuts))
    }

    private func codes(of values: DeliveryValues.Values, _ roundTrip: Int, _ loss: Int) -> UInt128 {
        var codes: UInt128 = 0
        for axis in axes.indices {
            let attribute = axes[axis].attribute
            let value = values[attribute.rawValue]
            let code =
                switch attribute {
                case .roundTrip: roundTrip
                case .loss: loss
                case .extra: codesOfExtras[axis]?[value] ?? 0
                default: value == 0 ? 0 : 1 + (known[axis].firstIndex(of: value) ?? -1)
                }
            codes |= UInt128(code) << UInt128(5 * axis)
        }
        return codes
    }
}

/// Learns from the exposures which attribute values a cube has to tell apart.
struct CubeLayout: Sendable {
    fileprivate var values: DeliveryValues
    fileprivate var counts: [Attribute: [Int32: Int]] = [:]
    fileprivate var numbers = NumberSurvey()
    private(set) var exposures = 0

    init(_ values: DeliveryValues) { self.values = values }

    /// How many exposures a term needs to be looked at: less than a twentieth of them is no cause of them, and a value
    /// of its own for each such part would make the cube large. So no attribute has more than twenty values.
    var support: Int { max(2, (exposures + 19) / 20) }

    mutating func add(_ delivery: Delivery, rolloutAtFill: NameID) {
        exposures += 1
        numbers.add(delivery)
        let all = values.values(of: delivery, rolloutAtFill: rolloutAtFill)
        for attribute in Attribute.allCases where !attribute.isNumber {
            let value = all[attribute.rawValue]
            if value != 0 { counts[attribute, default: [:]][value, default: 0] += 1 }
        }
    }
}
