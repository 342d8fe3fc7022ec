import LogRecords

/// Looks for a stretch of a log far behind the beginning of a file that no profile fits, so that it is named and not passed
/// over in silence.
struct LaterStretches {
    /// Where a log was found, and of which profile.
    private(set) var found: String?

    /// A stretch has as many bytes; what is behind the last one is not looked at, for a file can be very large.
    private static let stretchBytes = 1 << 20
    private static let mostStretches = 256

    private let recognizer: Recognizer
    private var stretch: [UInt8] = []
    private var first: UInt64 = 1
    private var count = 0

    init(_ library: ProfileLibrary) { recognizer = Recognizer(library) }

    mutating func look(at line: RawSpan, _ number: UInt64) {
        guard found == nil, count < Self.mostStretches else { return }
        if stretch.isEmpty { first = number }
        line.withUnsafeBytes { stretch.append(contentsOf: $0) }
        stretch.append(0x0a)
        if stretch.count >= Self.stretchBytes { end() }
    }

    /// Looks at what has been gathered.
    mutating func end() {
        defer { stretch.removeAll(keepingCapacity: true) }
        guard found == nil, !stretch.isEmpty else { return }
        count += 1
        // The first one has been looked at where the file was opened.
        guard first > 1, let profile = recognizer.recognizeAnywhere(stretch.span.bytes, isWhole: true) else { return }
        found =
            "but there are lines of \(profile.label) behind line \(first): cut off what stands before them and run again"
    }
}
