import LogRecords

/// A file of any bytes: the profiles that look at it, the envelopes that are taken off, the lines that come of it.
enum Recognition {
    private static let library: ProfileLibrary = {
        guard let library = try? ProfileLibrary() else { fatalError("a shipped profile is wrong") }
        return library
    }()

    static func read(_ input: [UInt8]) {
        guard let profile = library.recognize(input.span.bytes) else {
            _ = library.resemblance(input.span.bytes).map { "\($0)" }
            return
        }
        Lines.parse(input, profile)
    }
}
