internal import Foundation
import LogRecords

/// What in free texts of a case names somebody, in whatever case and percent-encoding it is written (RFC 3986 section 2.1), and
/// the shapes of cache keys, whose words may be tokens.
///
/// It is made in three steps, for a case has far more names than texts: the texts say what might be a name, each name of the
/// case says whether it is one of these, and then texts are masked.
struct SecretWords {
    /// Names are looked for in stretches of up to so many words.
    private static let mostWords = 8
    /// Shorter numbers are counts far more often than somebody's name.
    private static let fewestDigits = 5

    /// What might be a name, folded.
    private var candidates: Set<String> = []
    /// What is one, folded, and as the case has it.
    private var names: [String: String] = [:]
    /// What might be a key's shape, for each place where one stands: up to each place where it might end.
    private var shapes: [[String]] = []
    private var known: Set<String> = []
    /// The longest first, so that none is taken for a part of another.
    private var ordered: [String] = []

    // MARK: The texts

    /// Takes note of a text that will be masked.
    mutating func look(at text: String) {
        Self.eachStretch(of: text) { candidates.insert($0) }
        // A condition's term names a key's shape; where it ends is for the keys to tell, for they hold anything.
        for term in text.ranges(of: "key=") {
            let rest = text[term.upperBound...]
            let ends = (rest.ranges(of: " AND ") + rest.ranges(of: "; ")).map(\.lowerBound).sorted() + [rest.endIndex]
            shapes.append(ends.map { String(rest[..<$0]) })
        }
    }

    /// Takes note of a key's shape.
    mutating func add(shape: String) { known.insert(shape) }

    // MARK: The names

    /// Takes note of the name of an account, a camera or a frame.
    mutating func add(name: String) {
        let folded = Self.folded(name)
        guard candidates.contains(folded), !Self.isShortNumber(folded) else { return }
        names[folded] = min(names[folded] ?? name, name)
    }

    /// Takes note of a cache key.
    mutating func add(key: String) {
        add(name: key)
        if shapes.isEmpty { return }
        let shape = KeyTemplate.of(key)
        if shapes.contains(where: { $0.contains(shape) }) { known.insert(shape) }
    }

    /// Takes what no key has for a shape up to where it first might end; called once all keys are known.
    mutating func settle() {
        for ends in shapes where !ends.contains(where: known.contains) { known.insert(ends[0]) }
        ordered = known.subtracting([""]).sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
        candidates = []
    }

    // MARK: Masking

    /// Whether a text names somebody.
    func isNaming(_ text: String) -> Bool {
        var isNaming = false
        Self.eachStretch(of: text) { isNaming = isNaming || names[$0] != nil }
        return isNaming
    }

    /// A text with pseudonyms in place of names.
    ///
    /// - Parameter mayHoldShapes: whether it may also speak of keys.
    func masked(_ text: String, _ key: PseudonymKey, mayHoldShapes: Bool) -> String {
        var text = text
        for shape in mayHoldShapes ? ordered : [] {
            text = Self.replacing(shape, in: text, with: Self.masked(shape: shape, key))
        }
        let words = Self.words(of: text)
        var masked = ""
        var place = text.startIndex
        var index = 0
        while index < words.count {
            guard let (last, name) = name(at: index, words, text) else {
                index += 1
                continue
            }
            masked += text[place..<words[index].lowerBound] + key.pseudonym(of: name)
            place = words[last].upperBound
            index = last + 1
        }
        return masked + text[place...]
    }

    /// A key's shape, each of its words with a pseudonym; what stands for numbers stays.
    static func masked(shape: String, _ key: PseudonymKey) -> String {
        var masked = ""
        var rest = shape[...]
        while let first = rest.first {
            if rest.hasPrefix("{n}") {
                masked += "{n}"
                rest = rest.dropFirst(3)
                continue
            }
            guard isOfWord(first) else {
                masked.append(first)
                rest = rest.dropFirst()
                continue
            }
            let word = rest.prefix { isOfWord($0) }
            masked += word.allSatisfy { $0 == "%" } ? String(word) : key.pseudonym(of: String(word))
            rest = rest[word.endIndex...]
        }
        return masked
    }

    /// The longest name that begins with a word, and its last word.
    private func name(at first: Int, _ words: [Range<String.Index>], _ text: String) -> (last: Int, name: String)? {
        for last in (first..<min(first + Self.mostWords, words.count)).reversed() {
            let stretch = String(text[words[first].lowerBound..<words[last].upperBound])
            if let name = names[Self.folded(stretch)] { return (last, name) }
        }
        // A name may be a part of what is percent-encoded as a whole.
        let word = String(text[words[first]])
        guard word.contains("%"), case let decoded = Self.folded(word), decoded != word, isNaming(decoded) else {
            return nil
        }
        return (first, word)
    }

    /// Puts another text in place of one that stands by itself.
    private static func replacing(_ part: String, in text: String, with other: String) -> String {
        var replaced = ""
        var place = text.startIndex
        for range in text.ranges(of: part) where range.lowerBound >= place {
            let before = range.lowerBound == text.startIndex ? nil : text[text.index(before: range.lowerBound)]
            let after = range.upperBound == text.endIndex ? nil : text[range.upperBound]
            guard before.map(isOfWord) != true, after.map(isOfWord) != true else { continue }
            replaced += text[place..<range.lowerBound] + other
            place = range.upperBound
        }
        return replaced + text[place...]
    }

    // MARK: Words

    private static func eachStretch(of text: String, _ body: (String) -> Void) {
        body(folded(text))
        let words = words(of: text)
        for first in words.indices {
            for last in first..<min(first + mostWords, words.count) {
                body(folded(String(text[words[first].lowerBound..<words[last].upperBound])))
            }
            let word = String(text[words[first]])
            if word.contains("%"), case let decoded = folded(word), decoded != word { eachStretch(of: decoded, body) }
        }
    }

    private static func words(of text: String) -> [Range<String.Index>] {
        var words: [Range<String.Index>] = []
        var start: String.Index?
        for index in text.indices {
            if isOfWord(text[index]) {
                start = start ?? index
            } else if let first = start {
                words.append(first..<index)
                start = nil
            }
        }
        if let start { words.append(start..<text.endIndex) }
        return words
    }

    private static func isOfWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "%"
    }

    private static func isShortNumber(_ text: String) -> Bool {
        text.utf8.count < fewestDigits && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// A name in lower case, with nothing percent-encoded, be it so several times over.
    static func folded(_ name: String) -> String {
        var name = name
        for _ in 0..<3 {
            guard name.utf8.contains(UInt8(ascii: "%")) else { break }
            let decoded = decoded(name)
            if decoded == name { break }
            name = decoded
        }
        return name.lowercased()
    }

    private static func decoded(_ text: String) -> String {
        func value(_ digit: UInt8) -> UInt8? {
            Character(Unicode.Scalar(digit)).hexDigitValue.map { UInt8($0) }
        }
        let bytes = Array(text.utf8)
        var decoded: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = value(bytes[index + 1]),
                let low = value(bytes[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}
