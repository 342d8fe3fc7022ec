/// A text that equals another only if its bytes do. Swift's `==` takes an é for an e with an accent behind it (canonical
/// equivalence, The Unicode Standard, section 3.7); to a file system and to a log they are two names.
public struct ExactText: Hashable, Sendable {
    private let bytes: [UInt8]

    public init(_ text: String) { bytes = Array(text.utf8) }
}
