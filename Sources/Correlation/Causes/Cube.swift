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
        var count = CaseCount()

        func code(_ axis: Int) -> Int { Int(codes >> UInt128(5 * axis) & 31) }
    }

    private(set) var axes: [Axis] = []
    private(set) var cells: [Cell] = []
    private var places: [UInt128: Int32] = [:]
    private var lastPlace: Int32 = -1
    /// How many receiving accounts a conjunction needs to be looked at, in parts of `ReceiverWeights.whole`.
    let support: Int64

    private(set) var values: DeliveryValues
    private let groups: DeliveryGroups
    /// By group, then by the part of the round trip, then by that of the loss: deliveries that are in no cell yet.
    private var counted: [Int]
    /// How many accounts a delivery of each path comes to (`AccountPaths.accountsByDelivery`).
    private let accounts: [AccountPaths.Path: Int64]
    private var roundTripCuts: [Int32] = []
    private var lossCuts: [Int32] = []
    /// By axis: the values with codes of their own, from code 1 on; of a number, where it is cut.
    private var known: [[Int32]] = []
    /// By axis of an extra field: the code of each combination of such fields.
    private var codesOfExtras: [Int: [Int32: Int]] = [:]

    /// An empty cube for the exposures that a layout has seen; `count` all deliveries, `mark` those exposures, and
    /// `gather`.
    ///
    /// - Parameters:
    ///   - numbers: of all deliveries, as the groups are.
    ///   - accounts: how many accounts a delivery of each path comes to.
    init(
        _ layout: CubeLayout, groups: DeliveryGroups, numbers: NumberSurvey, accounts: [AccountPaths.Path: Int64]
    ) {
        values = layout.values
        self.accounts = accounts
        self.groups = groups
        counted = [Int](repeating: 0, count: groups.all.count * Self.parts * Self.parts)
        support = layout.support
        for attribute in Attribute.allCases {
            let part =
                attribute.isNumber
                ? Self.cut(
                    attribute, numbers.cuts(attribute, exposed: layout.numbers, weighed: layout.weighedNumbers))
                : Self.group(attribute, layout)
            guard attribute != .extra, var part else { continue }
            if attribute == .hour { part.axis.terms.removeAll { !layout.recurs($0.term) } }
            guard !part.axis.terms.isEmpty else { continue }
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
        var counts: [String: [String: Int64]] = [:]
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
        func text(_ cut: Int32) -> String { attribute == .loss ? percent(cut) : String(cut) }
        func below(_ index: Int) -> UInt32 { UInt32(1) << UInt32(index + 2) - 2 }
        var terms = cuts.enumerated().flatMap { index, cut in
            [
                (term: Term(attribute, .below, text(cut)), codes: below(index)),
                (term: Term(attribute, .atLeast, text(cut)), codes: all & ~below(index)),
            ]
        }
        for low in cuts.indices {
            for high in cuts.indices where high > low {
                let term = Term(attribute, .between, Term.band(text(cuts[low]), text(cuts[high])))
                terms.append((term, below(high) & ~below(low)))
            }
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
            let reach = accounts[AccountPaths.Path(values)] ?? 0
            for roundTrip in 0..<Self.parts {
                for loss in 0..<Self.parts {
                    let place = (group * Self.parts + roundTrip) * Self.parts + loss
                    guard counted[place] > 0 else { continue }
                    cells[self.place(codes(of: values, roundTrip, loss))].count += CaseCount(
                        deliveries: counted[place], reach: Int64(counted[place]) &* reach)
                    counted[place] = 0
                }
            }
        }
    }

    /// Adds the run of neighbouring hours that explains the exposures best, once everything is counted and marked: a fault
    /// that keeps hours keeps to no single one.
    mutating func joinHours() {
        guard let axis = axes.firstIndex(where: { $0.attribute == .hour }) else { return }
        let hours = axes[axis].terms.compactMap { item in Int(item.term.value).map { (hour: $0, codes: item.codes) } }
        var all = CaseCount()
        var byCode = [CaseCount](repeating: CaseCount(), count: 32)
        for cell in cells {
            all += cell.count
            byCode[cell.code(axis)] += cell.count
        }
        var best: (gain: Double, text: String, codes: UInt32)?
        for first in hours {
            var (codes, last, count) = (first.codes, first.hour, byCode[first.codes.trailingZeroBitCount])
            for _ in 1..<hours.count {
                guard let next = hours.first(where: { $0.hour == (last + 1) % 24 && $0.codes & codes == 0 }) else {
                    break
                }
                (codes, last) = (codes | next.codes, next.hour)
                count += byCode[next.codes.trailingZeroBitCount]
                let contrast = Contrast(count, of: all)
                if contrast.isRaised, contrast.gain > best?.gain ?? 0 {
                    best = (contrast.gain, "\(Self.hour(first.hour))-\(Self.hour(last))", codes)
                }
            }
        }
        if let best { axes[axis].terms.append((Term(.hour, .equal, best.text), best.codes)) }
    }

    private static func hour(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }

    /// Marks one of the counted deliveries as an exposure.
    ///
    /// - Parameter weight: what it is of its receiving account.
    /// - Returns: the number of its cell.
    mutating func mark(_ delivery: Delivery, rolloutAtFill: SymbolID, weight: Int64) -> Int {
        let reach = accounts[AccountPaths.Path(values.values(of: delivery, rolloutAtFill: .absent))] ?? 0
        // It was counted with a guess at the rollout; here it is known.
        let guessed = place(codes(of: delivery, rolloutAtFill: nil))
        cells[guessed].count += CaseCount(deliveries: -1, reach: 0 &- reach)
        let place = place(codes(of: delivery, rolloutAtFill: rolloutAtFill))
        cells[place].count += CaseCount(deliveries: 1, exposures: 1, weight: weight, reach: reach)
        return place
    }

    /// How many templates of a node under a rollout are told of.
    private static let mostTemplates = 10_000

    /// What was counted and not yet gathered, by node, rollout and the template of the key.
    ///
    /// - Parameter terms: what a request must meet to lie on the path; what is no matter of the path is left out.
    func templates(_ terms: [Term]) -> [TemplateUse] {
        struct Place: Hashable {
            var node, rollout, template: Int32
        }
        let path = terms.filter { $0.comparison == .equal && Self.pathAttributes.contains($0.attribute) }
        var uses: [Place: TemplateUse] = [:]
        for (group, all) in groups.all.enumerated() {
            let template = all[Attribute.key.rawValue]
            guard template > 0 else { continue }
            let from = group * Self.parts * Self.parts
            let deliveries = counted[from..<(from + Self.parts * Self.parts)].reduce(0, +)
            guard deliveries > 0 else { continue }
            let (node, rollout) = (all[Attribute.node.rawValue], all[Attribute.rolloutAtDelivery.rawValue])
            let isOnPath = path.allSatisfy { term in
                let value = all[term.attribute.rawValue]
                guard value != 0 else { return false }
                if term.attribute != .extra { return values.text(term.attribute, value) == term.value }
                return ExtraFields.split(values.text(.extra, value)).contains { "\($0.name)=\($0.value)" == term.value }
            }
            uses[
                Place(node: node, rollout: rollout, template: template),
                default: TemplateUse(
                    node: SymbolID(rawValue: node), rollout: SymbolID(rawValue: rollout), number: Int(template) - 1,
                    template: values.text(.key, template))
            ].add(deliveries, isOnPath: isOnPath)
        }
        let sorted = uses.values.sorted { ($0.deliveries, $1.template) > ($1.deliveries, $0.template) }
        return Array(sorted.prefix(Self.mostTemplates))
    }

    /// The deliveries that meet some terms, by the rollout in force: what was counted and not yet gathered.
    ///
    /// - Parameter gathered: the same cube, gathered; its axes know all terms.
    func deliveriesByRollout(_ terms: [Term], in gathered: Cube) -> [SymbolID: Int] {
        let demands = gathered.demands(terms)
        var counts: [SymbolID: Int] = [:]
        for (group, all) in groups.all.enumerated() {
            for roundTrip in 0..<Self.parts {
                for loss in 0..<Self.parts {
                    let count = counted[(group * Self.parts + roundTrip) * Self.parts + loss]
                    guard count > 0 else { continue }
                    let cell = Cell(codes: gathered.codes(of: all, roundTrip, loss))
                    guard demands.allSatisfy({ $0.codes >> UInt32(cell.code($0.axis)) & 1 == 1 }) else { continue }
                    counts[SymbolID(rawValue: all[Attribute.rolloutAtDelivery.rawValue]), default: 0] += count
                }
            }
        }
        return counts
    }

    private func demands(_ terms: [Term]) -> [(axis: Int, codes: UInt32)] {
        terms.compactMap { term in
            for (axis, item) in axes.enumerated() {
                if let found = item.terms.first(where: { $0.term == term }) { return (axis, found.codes) }
            }
            return nil
        }
    }

    /// The cube without the deliveries of some cells.
    func without(_ extent: CellSet) -> Cube {
        var rest = self
        for cell in extent.members { rest.cells[cell].count = CaseCount() }
        return rest
    }

    /// Whether some terms hold for the deliveries of a cell.
    func holds(_ terms: [Term], forCell cell: Int) -> Bool {
        demands(terms).allSatisfy { $0.codes >> UInt32(cells[cell].code($0.axis)) & 1 == 1 }
    }

    private static let pathAttributes: Set<Attribute> = [.client, .network, .model, .node, .kind, .extra]

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

    private mutating func codes(of delivery: Delivery, rolloutAtFill: SymbolID?) -> UInt128 {
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
    /// By value: the weight of the exposures that have it.
    fileprivate var counts: [Attribute: [Int32: Int64]] = [:]
    fileprivate var numbers = NumberSurvey()
    /// The same exposures, each counted by its weight.
    fileprivate var weighedNumbers = NumberSurvey()
    /// By hour, then by day.
    private var days: [Int32: [Int64: Int64]] = [:]
    private var weight: Int64 = 0

    init(_ values: DeliveryValues) { self.values = values }

    /// How many receiving accounts a term needs to be looked at, in parts: less than a twentieth of them is no cause of the
    /// exposures, and a value of its own for each such part would make the cube large. So no attribute has more than
    /// twenty values. One account says nothing of what it has in common with others.
    var support: Int64 { max(2 * ReceiverWeights.whole, weight / 20) - Self.rounding }
    /// What the parts of accounts may lack of the whole.
    private static let rounding: Int64 = 1 << 24

    mutating func add(_ delivery: Delivery, rolloutAtFill: SymbolID, weight: Int64) {
        self.weight += weight
        numbers.add(delivery)
        weighedNumbers.add(delivery, count: Int(weight))
        let all = values.values(of: delivery, rolloutAtFill: rolloutAtFill)
        for attribute in Attribute.allCases where !attribute.isNumber {
            let value = all[attribute.rawValue]
            if value != 0 { counts[attribute, default: [:]][value, default: 0] += weight }
        }
        let day = Int64((Double(delivery.time.stamp) / 86_400_000_000).rounded(.down))
        days[all[Attribute.hour.rawValue], default: [:]][day, default: 0] += weight
    }

    /// Whether an hour's exposures come on several days: what happened once says nothing of an hour. The second day must
    /// have a tenth of the first one's, so that a few that happen anywhere do not count as a return.
    fileprivate func recurs(_ hour: Term) -> Bool {
        guard let number = Int32(hour.value), let byDay = days[number + 1]?.values.sorted(by: >), byDay.count > 1 else {
            return false
        }
        return byDay[1] >= ReceiverWeights.whole && byDay[1] >= byDay[0] / 10
    }
}
