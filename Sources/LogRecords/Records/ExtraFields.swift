/// The fields that a profile maps beyond those that every log of deliveries has, such as a firmware or a site: one text
/// for the combination, `firmware=4.1␟site=eu`, with ASCII's unit separator (0x1f) between them. Few combinations stand on
/// many lines, so one name a delivery is enough.
public enum ExtraFields {
    static let separator: UInt8 = 0x1f
    /// How many a profile may map.
    static let most = 8

    /// The names and values of a combination.
    public static func split(_ text: String) -> [(name: String, value: String)] {
        text.split(separator: "\u{1f}").compactMap { field in
            guard let equals = field.firstIndex(of: "=") else { return nil }
            return (String(field[..<equals]), String(field[equals...].dropFirst()))
        }
    }
}
