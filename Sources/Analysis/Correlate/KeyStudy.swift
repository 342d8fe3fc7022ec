import Casefile
import Correlation
import LogRecords

/// Asks what keys hold of requests: chooses a few keys of each template and those of exposures, and reads their deliveries.
struct KeyStudy {
    let reader: EventReader
    let directory: Directory
    let window: TimeWindow

    /// How many templates without an exposure are looked at, those of most deliveries.
    private static let mostTemplates = 100
    /// How many keys of exposures are looked at in full, and how many deliveries.
    private static let (mostKeys, mostUses) = (512, 400_000)

    func changes(
        _ templates: [TemplateUse], _ notes: CauseNotes, _ exposures: SpillFile<ExposureRow>, order: [SymbolID],
        _ names: StringInterner
    ) throws -> KeyChanges {
        var strays: [StrayUse] = []
        try exposures.eachBlock { block in
            for exposure in block {
                let use = KeyUse(exposure.delivery, model: directory.model(of: exposure.delivery.camera))
                strays.append(
                    StrayUse(
                        use, rollout: exposure.rolloutAtDelivery, frameCamera: exposure.frameCamera,
                        frameModel: directory.model(of: exposure.frameCamera),
                        isToStranger: exposure.isToStranger))
            }
        }
        var wanted = SymbolSet()
        for use in templates.prefix(Self.mostTemplates) { for key in notes.keys(of: use).some { wanted.insert(key) } }
        let exposed = Set(strays.map(\.use.key)).subtracting([.absent])
        var exposedTemplates: Set<String> = []
        for key in exposed { exposedTemplates.insert(KeyTemplate.of(names.text(key))) }
        for use in templates where exposedTemplates.contains(use.template) {
            for key in notes.keys(of: use).some { wanted.insert(key) }
        }
        var isReplayable = exposed.count <= Self.mostKeys
        if isReplayable { for key in exposed { wanted.insert(key) } }
        var uses: [KeyUse] = []
        if wanted.count > 0 {
            try reader.eachDelivery(under: wanted) { delivery in
                guard window.contains(delivery.time.stamp) else { return }
                if uses.count < Self.mostUses {
                    uses.append(KeyUse(delivery, model: directory.model(of: delivery.camera)))
                } else {
                    isReplayable = false
                }
            }
        }
        // Whatever was filled under such keys, whether it reached anybody or not.
        var filled: Set<FilledKey> = []
        let numbers = Set(templates.filter { exposedTemplates.contains($0.template) }.map(\.number))
        if let most = numbers.max() {
            let isExposed = (0...most).map(numbers.contains)
            try reader.eachFill { fill in
                guard fill.camera.isPresent, fill.kind != .revalidated, let number = notes.template(of: fill.key),
                    number <= most, isExposed[number]
                else { return }
                filled.insert(FilledKey(node: fill.node, key: fill.key, camera: fill.camera))
            }
        }
        return KeyChanges(
            templates, keys: { notes.keys(of: $0).count }, uses: uses, isReplayable: isReplayable, strays: strays,
            filled: Array(filled), order: order, names)
    }
}
