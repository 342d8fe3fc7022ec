internal import Foundation
public import Interning
import LogRecords

/// What cache keys hold of the request, per node, rollout and template, and what those under which frames strayed lack.
public struct KeyChanges: Sendable {
    /// A node's keys of one template under one rollout.
    public struct Row: Sendable {
        public var use: TemplateUse
        /// The template with what its parts follow from: `snap/{camera}/latest`.
        public var shape: String
        /// What a key tells of the request.
        public var holds: [String]
        /// How many keys of the template there are in all.
        public var keys: Int
        public var exposures = 0
        /// Keys of exposures, and the cameras whose frames came.
        public var exposedKeys = 0
        public var cameras = 0
    }
    /// An attribute that could be added to the keys of the exposures.
    public struct Remedy: Sendable {
        public var attribute: String
        /// Exposures whose frame would have had another key than the request.
        public var separated: Int
        public var exposures: Int
        /// Of the deliveries under those keys, as logged; nil if too few verdicts are known or there are too many.
        public var hitRate: Double?
        /// With the attribute, replayed.
        public var hitRateWith: Double?
    }

    public private(set) var rows: [Row] = []
    /// What separates most exposures first; of equal ones the camera, for a key without it gives an account of two cameras the
    /// wrong one.
    public private(set) var remedies: [Remedy] = []
    /// What left the key, a sentence; nil if no exposure has a key.
    public private(set) var sentence: String?

    /// The rows that are kept.
    static let most = 1000

    /// - Parameters:
    ///   - templates: of all deliveries.
    ///   - keys: how many keys a template has.
    ///   - uses: deliveries under some keys of each template, and all under keys of exposures unless those are too many.
    ///   - strays: the exposures.
    ///   - filled: what was filled under keys of the exposures' templates, if any log tells fills.
    ///   - order: the names of rollouts in order of time.
    public init(
        _ templates: [TemplateUse], keys: (TemplateUse) -> Int, uses: [KeyUse], isReplayable: Bool,
        strays: [StrayUse], filled: [FilledKey], order: [SymbolID], _ names: StringInterner
    ) {
        var templateOf: [SymbolID: String] = [:]
        func template(_ key: SymbolID) -> String {
            if let known = templateOf[key] { return known }
            let template = KeyTemplate.of(names.text(key))
            templateOf[key] = template
            return template
        }
        // A right that ended, or a camera that was sold, is no matter of the key.
        let toStrangers = strays.filter(\.isToStranger)
        let keyed = (toStrangers.isEmpty ? strays : toStrangers).filter(\.use.key.isPresent)
        let shapes = Dictionary(grouping: uses, by: { template($0.key) }).map {
            ($0, KeyShape($1, template: $0, names))
        }
        let shapeOf = Dictionary(uniqueKeysWithValues: shapes)
        struct Place: Hashable {
            var node: SymbolID
            var rollout: SymbolID
            var template: String
        }
        let byPlace = Dictionary(grouping: keyed) {
            Place(node: $0.use.node, rollout: $0.rollout, template: template($0.use.key))
        }
        for use in templates {
            let shape = shapeOf[use.template]
            var row = Row(use: use, shape: shape?.text ?? use.template, holds: shape?.holds ?? [], keys: keys(use))
            let here = byPlace[Place(node: use.node, rollout: use.rollout, template: use.template)] ?? []
            row.exposures = here.count
            row.exposedKeys = Set(here.map(\.use.key)).count
            row.cameras = Set(here.map(\.frameCamera)).subtracting([.absent]).count
            rows.append(row)
        }
        sort(order, names)
        remedies = Self.remedies(keyed, uses.filter { use in isReplayable && templateIsExposed(template(use.key)) })
        sentence = story(keyed, filled, order, template, names)
        if rows.count > Self.most { rows.removeLast(rows.count - Self.most) }
    }

    private func templateIsExposed(_ template: String) -> Bool {
        rows.contains { $0.exposures > 0 && $0.use.template == template }
    }

    /// Exposed ones first, then by rollout, node and number of deliveries.
    private mutating func sort(_ order: [SymbolID], _ names: StringInterner) {
        let place = Dictionary(order.enumerated().map { ($1, $0 + 1) }, uniquingKeysWith: { first, _ in first })
        func rank(_ row: Row) -> (Int, Int, String, Int, String) {
            (
                row.exposures > 0 ? 0 : 1, place[row.use.rollout] ?? 0, names.text(row.use.node), -row.use.deliveries,
                row.use.template
            )
        }
        rows = rows.map { (rank($0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    // MARK: What would separate them

    private static func remedies(_ strays: [StrayUse], _ uses: [KeyUse]) -> [Remedy] {
        guard !strays.isEmpty else { return [] }
        let exposedKeys = Set(strays.map(\.use.key))
        let replay = KeyReplay(uses.filter { exposedKeys.contains($0.key) })
        let candidates: [(String, (StrayUse) -> Bool, (KeyUse) -> SymbolID)] = [
            (
                "model", { $0.frameModel.isPresent && $0.frameModel != $0.use.model && $0.use.model.isPresent },
                { $0.model }
            ),
            // A stranger asks for another camera, whether the line names it or not.
            (
                "camera",
                {
                    $0.frameCamera.isPresent
                        && ($0.use.camera.isPresent ? $0.frameCamera != $0.use.camera : $0.isToStranger)
                }, { $0.camera }
            ),
            ("account", { $0.isToStranger && $0.frameCamera != $0.use.camera }, { $0.requester }),
        ]
        let all = candidates.map { name, separates, value in
            // What few lines name cannot be replayed.
            let isNamed = uses.count { value($0).isPresent } * 20 >= uses.count * 19
            return Remedy(
                attribute: name, separated: strays.count(where: separates), exposures: strays.count,
                hitRate: replay?.hitRate, hitRateWith: isNamed ? replay?.hitRate(with: value) : nil)
        }
        let order = ["camera", "account", "model"]
        return all.sorted { a, b in
            if a.separated != b.separated { return a.separated > b.separated }
            return (order.firstIndex(of: a.attribute) ?? 0) < (order.firstIndex(of: b.attribute) ?? 0)
        }
    }

    // MARK: In words

    private func story(
        _ strays: [StrayUse], _ filled: [FilledKey], _ order: [SymbolID], _ template: (SymbolID) -> String,
        _ names: StringInterner
    ) -> String? {
        let exposed = rows.filter { $0.exposures > 0 }
        let byTemplate = Dictionary(grouping: exposed, by: \.use.template).mapValues {
            $0.reduce(0) { $0 + $1.exposures }
        }
        guard let worst = byTemplate.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key,
            let row = exposed.first(where: { $0.use.template == worst })
        else { return nil }
        let here = strays.filter { template($0.use.key) == worst }
        var held = filled.filter { template($0.key) == worst }
        if held.isEmpty {
            held = here.map { FilledKey(node: $0.use.node, key: $0.use.key, camera: $0.frameCamera) }
        }
        let entries = Set(held.map { FilledKey(node: $0.node, key: $0.key, camera: .absent) }).count
        let values = Set(held.map(\.key)).count
        let cameras = Set(held.map(\.camera)).subtracting([.absent]).count
        let before = previous(worst)
        let lost = (before?.holds ?? []).filter { !row.holds.contains($0) }
        let told = row.holds.isEmpty ? "nothing of the request" : "the \(Self.list(row.holds))"
        var words: String
        if let before, let began = beginning(worst, order), !goesOn(before.use.template, beside: worst, under: began) {
            words =
                "Until rollout \(names.text(began)) the key held the \(Self.list(before.holds.isEmpty ? ["request"] : before.holds))"
                + " (\(before.shape)); since then, on the path of the cause, it is \(row.shape)"
        } else if let before {
            words =
                "On other requests the key holds the \(Self.list(before.holds.isEmpty ? ["request"] : before.holds))"
                + " (\(before.shape)); where frames strayed it is \(row.shape)"
        } else {
            words = "The key is \(row.shape)"
        }
        words += lost.isEmpty ? " and tells \(told)" : " and no longer tells the \(Self.list(lost))"
        words +=
            ": it takes \(Self.count(values, "value")), and \(Self.count(entries, "key")) held frames of \(Self.count(cameras, "camera"))."
        if let best = remedies.first, best.separated > 0 {
            let share =
                best.separated == best.exposures
                ? "every exposure\(strays.allSatisfy(\.isToStranger) ? " to strangers" : "")"
                : "\(best.separated) of \(best.exposures) exposures"
            if row.holds.contains(best.attribute) {
                // A shield's key, say, which the lines of the edges do not name.
                return words
                    + " Since it tells the \(best.attribute), something else mixed them, such as a cache above:"
                    + " the \(best.attribute) in its key would separate \(share)."
            }
            words += " Adding the \(best.attribute) would separate \(share)"
            if let now = best.hitRate, let then = best.hitRateWith {
                words += String(
                    format: ", at a hit rate of %.3g %% under these keys instead of %.3g %%", 100 * then, 100 * now)
            }
            words += "."
        }
        return words
    }

    /// The template that requests on the path had otherwise: of those without an exposure the one most like it, and of equal
    /// ones that with most requests.
    private func previous(_ worst: String) -> Row? {
        func words(_ template: String) -> Set<Substring> {
            Set(template.replacing("{n}", with: " ").split { !$0.isLetter })
        }
        let wanted = words(worst)
        func likeness(_ template: String) -> Int { words(template).intersection(wanted).count }
        let sound = rows.filter { $0.use.template != worst && $0.exposures == 0 }
        let onPath = Dictionary(grouping: sound, by: \.use.template).mapValues { all in
            (onPath: all.reduce(0) { $0 + $1.use.onPath }, all: all.reduce(0) { $0 + $1.use.deliveries })
        }
        func rank(_ one: (key: String, value: (onPath: Int, all: Int))) -> (Int, Int, Int, Int) {
            (one.value.onPath > 0 ? 1 : 0, likeness(one.key), one.value.onPath, one.value.all)
        }
        guard
            let best = onPath.max(by: { rank($0) != rank($1) ? rank($0) < rank($1) : $0.key > $1.key }),
            best.value.all > 0
        else { return nil }
        return sound.first { $0.use.template == best.key }
    }

    /// The rollout under which a template appeared, if it did with one: on no node was it there before.
    private func beginning(_ template: String, _ order: [SymbolID]) -> SymbolID? {
        let under = Set(rows.filter { $0.use.template == template && $0.use.deliveries > 0 }.map(\.use.rollout))
        let known = Set(rows.map(\.use.rollout))
        guard let first = order.first(where: under.contains), !under.contains(.absent) else { return nil }
        // There must have been a time before.
        let earlier = order.prefix { $0 != first }.filter(known.contains)
        return earlier.isEmpty && !known.contains(.absent) ? nil : first
    }

    /// Whether requests on the path went on having one template for long under the rollout under which another appeared: then it
    /// appeared later, and not with the rollout.
    private func goesOn(_ template: String, beside other: String, under rollout: SymbolID) -> Bool {
        func onPath(_ template: String) -> Int {
            rows.filter { $0.use.template == template && $0.use.rollout == rollout }.reduce(0) { $0 + $1.use.onPath }
        }
        return onPath(template) > max(Self.stragglers, onPath(other) / 4)
    }

    /// So many requests of a path may have been under way when a rollout began, or been stamped by another clock. A path may also hold
    /// some that are not of the cause.
    private static let stragglers = 2

    private static func list(_ words: [String]) -> String {
        guard let last = words.last else { return "" }
        return words.count == 1 ? last : words.dropLast().joined(separator: ", ") + " and " + last
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
