import Interning
import LogRecords

/// Which attributes of a request the keys of a template follow from, told from some of them: `snap/cam-0042/latest` that
/// always comes with a request for `cam-0042` is `snap/{camera}/latest` and holds the camera.
struct KeyShape: Sendable {
    /// `snap/{camera}/latest`
    let text: String
    /// The attributes of which a key tells the value, in order.
    let holds: [String]
    /// What stands in the key and is made of an attribute without telling it: `slot`.
    let derived: [String]

    /// In this order an attribute is looked for: a camera and its owner may have one number.
    private static let attributes: [(name: String, value: @Sendable (KeyUse) -> SymbolID)] = [
        ("camera", { $0.camera }), ("account", { $0.requester }), ("client", { $0.client }), ("kind", { $0.kind }),
        ("network", { $0.network }), ("model", { $0.model }), ("node", { $0.node }),
    ]
    /// The part of the uses that must agree: logs have odd lines.
    private static let most = 0.95
    /// Fewer uses tell nothing.
    private static let fewest = 2

    /// - Parameter uses: of keys of one template.
    init(_ uses: [KeyUse], template: String, _ names: StringInterner) {
        let texts = uses.prefix(2000).map { use in
            let key = names.text(use.key)
            return (key: key, bytes: Array(key.utf8), values: Self.values(use, names))
        }
        guard texts.count >= Self.fewest else {
            (text, holds, derived) = (template, [], [])
            return
        }
        var held: [String] = []
        for name in Self.attributes.map(\.name) + Set(texts.flatMap(\.values.keys)).sorted() where !held.contains(name)
        {
            let matching = texts.count { item in
                item.values[name].map { Self.range(of: $0.utf8, in: item.bytes) != nil } ?? false
            }
            // A value that all requests have tells nothing apart.
            let distinct = Set(texts.compactMap { $0.values[name] }).count
            if Double(matching) >= Self.most * Double(texts.count), distinct > 1 { held.append(name) }
        }
        // What is told twice, as a camera's number that is its owner's too, is the first one's.
        var shapes: [String: Int] = [:]
        var used: Set<String> = []
        for item in texts {
            let (shape, names) = Self.shape(
                item.bytes, held.compactMap { name in item.values[name].map { (name, $0) } })
            shapes[shape, default: 0] += 1
            used.formUnion(names)
        }
        let frequent = shapes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? template
        let (named, derived) = Self.named(frequent, texts.map { ($0.key, $0.values["camera"]) })
        text = named
        holds = held.filter(used.contains)
        self.derived = derived
    }

    private static func values(_ use: KeyUse, _ names: StringInterner) -> [String: String] {
        var values: [String: String] = [:]
        for (name, value) in attributes where value(use).isPresent { values[name] = names.text(value(use)) }
        for field in ExtraFields.split(names.text(use.extra)) where values[field.name] == nil {
            values[field.name] = field.value
        }
        return values.filter { !$0.value.isEmpty }
    }

    /// Where a value stands in a key, both UTF-8, between what is no letter and no digit. A byte of another script's character
    /// is taken for a letter's.
    static func range(of value: some Collection<UInt8>, in key: [UInt8]) -> Range<Int>? {
        func isWord(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), 0x80...:
                true
            default: false
            }
        }
        let length = value.count
        guard let first = value.first, length <= key.count else { return nil }
        for start in 0...(key.count - length) where key[start] == first {
            let end = start + length
            if start > 0, isWord(key[start - 1]) { continue }
            if end < key.count, isWord(key[end]) { continue }
            if key[start..<end].elementsEqual(value) { return start..<end }
        }
        return nil
    }

    /// The key with each value's name in its place, and the names that stand there.
    private static func shape(_ key: [UInt8], _ values: [(name: String, text: String)]) -> (String, [String]) {
        func template(_ bytes: ArraySlice<UInt8>) -> String { KeyTemplate.of(String(decoding: bytes, as: UTF8.self)) }
        var places: [(range: Range<Int>, name: String)] = []
        for (name, text) in values {
            guard let range = range(of: text.utf8, in: key), !places.contains(where: { $0.range.overlaps(range) })
            else {
                continue
            }
            places.append((range, name))
        }
        places.sort { $0.range.lowerBound < $1.range.lowerBound }
        var (shape, from) = ("", 0)
        for (range, name) in places {
            shape += template(key[from..<range.lowerBound]) + "{\(name)}"
            from = range.upperBound
        }
        return (shape + template(key[from...]), places.map(\.name))
    }

    /// The shape with words for its numbers: `slot-{n}` is `{slot}`, and digits that are a camera's last ones say so.
    private static func named(_ shape: String, _ uses: [(key: String, camera: String?)]) -> (String, [String]) {
        guard shape.contains("{n}") else { return (shape, []) }
        if let digits = lastDigits(uses) {
            let word = "last \(digits) of camera"
            return (shape.replacing("{n}", with: "{\(word)}", maxReplacements: 1), [word])
        }
        var (named, words): (String, [String]) = (shape, [])
        for match in shape.matches(of: /([A-Za-z]{2,})[-_=:]?\{n\}/) {
            let word = String(match.1)
            if words.contains(word) { continue }
            words.append(word)
            named = named.replacing(match.0, with: "{\(word)}", maxReplacements: 1)
        }
        return (named, words.isEmpty ? ["n"] : words)
    }

    /// How many of the camera's last characters the key's last number is, if it is that in nearly all uses.
    private static func lastDigits(_ uses: [(key: String, camera: String?)]) -> Int? {
        var counts: [Int: Int] = [:]
        for (key, camera) in uses {
            guard let camera, let run = key.split(whereSeparator: { !$0.isNumber }).last else { continue }
            if run.count < camera.count, camera.hasSuffix(run) { counts[run.count, default: 0] += 1 }
        }
        guard let best = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
            Double(best.value) >= most * Double(uses.count)
        else { return nil }
        return best.key
    }
}
