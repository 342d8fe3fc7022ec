import LogBytes
import LogRecords

extension LogMember {
    /// How many bytes are looked at where the first ones fit no profile.
    private static let furtherBytes = 1 << 20

    /// The profile that fits what comes next: its first lines, or else a stretch of what there is room for.
    mutating func profile(by recognizer: FormatSniffer) -> Profile? {
        profileAtOnce(by: recognizer) ?? profileFurther(by: recognizer)
    }

    /// The profile that fits the first lines of what comes next.
    mutating func profileAtOnce(by recognizer: FormatSniffer) -> Profile? {
        peek { recognizer.recognize($0, isWhole: $0.byteCount < Self.maxPeekBytes) }
    }

    /// The profile that fits a stretch of what comes next.
    mutating func profileFurther(by recognizer: FormatSniffer) -> Profile? {
        peek(upTo: Self.furtherBytes) { bytes in
            bytes.byteCount == 0
                ? nil : recognizer.recognizeAnywhere(bytes, isWhole: bytes.byteCount < Self.furtherBytes)
        }
    }
}
