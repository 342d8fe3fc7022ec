import LogRecords

/// What each attribute's value of a delivery is: a number that stands for it, 0 if the line does not say.
struct DeliveryValues: Sendable {
    /// By the attribute's number; 0 for those that are numbers themselves.
    typealias Values = SIMD16<Int32>

    private(set) var directory: Directory
    let rollouts: RolloutSchedule
    var filled: FillRollouts
    private let names: StringInterner
    private var templates: [String] = []
    private var templateNumbers: [String: Int32] = [:]
    private var templateOfKey = NameNumbers()
    private(set) var samples = KeySamples()
    /// By node: the rollout in force in each stretch, once it was asked for.
    private var inForce = FewNamesMap<[SymbolID?]>()

    init(_ directory: Directory, _ rollouts: RolloutSchedule, _ names: StringInterner) {
        self.directory = directory
        self.rollouts = rollouts
        self.filled = FillRollouts(rollouts)
        self.names = names
    }

    /// Brings what is known of some keys and cameras into the processor's cache (see `NameMap.warm`).
    mutating func warm(keys: [SymbolID], cameras: [SymbolID]) {
        directory.warm(cameras)
        templateOfKey.warm(keys)
        filled.warm(keys)
    }

    /// What deliveries of one circumstance can differ in.
    struct Varying: Hashable {
        var model: SymbolID
        var rolloutAtFill: SymbolID
        var rolloutAtDelivery: SymbolID
        var template: Int32
        var hour: Int32
    }

    /// - Parameters:
    ///   - model: of the camera.
    ///   - rolloutAtFill: what the correlation found; nil if it found nothing.
    mutating func varying(of delivery: Delivery, model: SymbolID, rolloutAtFill: SymbolID?) -> Varying {
        Varying(
            model: model,
            rolloutAtFill: rolloutAtFill ?? guessedRolloutAtFill(delivery),
            rolloutAtDelivery: rollout(on: delivery.node, at: delivery.time.stamp),
            template: template(of: delivery.key),
            hour: Self.hour(delivery.time.stamp))
    }

    /// - Parameter rolloutAtFill: what the correlation found; nil if it found nothing.
    mutating func values(of delivery: Delivery, rolloutAtFill: SymbolID?) -> Values {
        Self.values(
            of: delivery,
            varying(of: delivery, model: directory.model(of: delivery.camera), rolloutAtFill: rolloutAtFill))
    }

    static func values(of delivery: Delivery, _ varying: Varying) -> Values {
        var values = Values()
        values[Attribute.client.rawValue] = delivery.client.rawValue
        values[Attribute.network.rawValue] = delivery.network.rawValue
        values[Attribute.model.rawValue] = varying.model.rawValue
        values[Attribute.node.rawValue] = delivery.node.rawValue
        values[Attribute.cache.rawValue] = Int32(delivery.cacheStatus.rawValue)
        values[Attribute.rolloutAtFill.rawValue] = varying.rolloutAtFill.rawValue
        values[Attribute.rolloutAtDelivery.rawValue] = varying.rolloutAtDelivery.rawValue
        values[Attribute.kind.rawValue] = delivery.kind.rawValue
        values[Attribute.extra.rawValue] = delivery.extra.rawValue
        values[Attribute.key.rawValue] = varying.template
        values[Attribute.hour.rawValue] = varying.hour + 1
        return values
    }

    func text(_ name: SymbolID) -> String { names.text(name) }

    func text(_ attribute: Attribute, _ value: Int32) -> String {
        switch attribute {
        case .cache: CacheStatus(rawValue: UInt8(truncatingIfNeeded: value))?.label ?? ""
        case .key: templates[Int(value) - 1]
        case .hour: (value <= 10 ? "0" : "") + String(value - 1)
        default: names.text(SymbolID(rawValue: value))
        }
    }

    mutating func rollout(on node: SymbolID, at moment: Int64) -> SymbolID {
        let stretch = Int(filled.stretch(moment))
        let place = inForce.place(of: node, orAdd: [SymbolID?](repeating: nil, count: filled.stretches))
        if let known = inForce.values[place][stretch] { return known }
        let rollout = rollouts.inForce(on: node, at: moment)
        inForce.values[place][stretch] = rollout
        return rollout
    }

    private mutating func guessedRolloutAtFill(_ delivery: Delivery) -> SymbolID {
        let moment =
            delivery.cacheStatus.asksOrigin
            ? delivery.time.stamp : filled.lastFill(delivery.node, delivery.key, by: delivery.time.stamp)
        return moment.map { rollout(on: delivery.node, at: $0) } ?? .absent
    }

    static func hour(_ stamp: Int64) -> Int32 {
        let day: Int64 = 86_400_000_000
        let ofDay = (stamp % day + day) % day
        return Int32(ofDay / 3_600_000_000)
    }

    /// The number of a key's template, from 0 on; nil if the key was not met.
    func knownTemplate(of key: SymbolID) -> Int? {
        let known = key.isPresent ? templateOfKey[key] : 0
        return known > 0 ? Int(known) - 1 : nil
    }

    private mutating func template(of key: SymbolID) -> Int32 {
        guard key.isPresent else { return 0 }
        let known = templateOfKey[key]
        if known > 0 { return known }
        let keyText = names.text(key)
        let text = KeyTemplate.of(keyText)
        let number: Int32
        if let known = templateNumbers[text] {
            number = known
        } else {
            templates.append(text)
            number = Int32(templates.count)
            templateNumbers[text] = number
        }
        templateOfKey[key] = number
        samples.add(key, keyText, template: Int(number) - 1)
        return number
    }
}

extension CacheStatus {
    /// The word in reports.
    var label: String { "\(self)" }
}
