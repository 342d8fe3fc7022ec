/// A length of time in days, hours, minutes and seconds, as nginx-rtmp-module writes a session's: `1d 2h 3m 4s`, each
/// part only from the largest one on that is not zero (its ngx_rtmp_log_module.c).
enum ReadableDuration {
    private static let units: [(mark: UInt8, seconds: Int64)] = [
        (UInt8(ascii: "d"), 86_400), (UInt8(ascii: "h"), 3600), (UInt8(ascii: "m"), 60), (UInt8(ascii: "s"), 1),
    ]

    /// Seconds; nil if the text is none, or its parts are not in that order.
    static func seconds(_ text: UnsafeRawBufferPointer) -> Int64? {
        guard text.count <= 40 else { return nil }
        var sum: Int64 = 0
        var rest = units[...]
        for part in text.split(separator: 0x20) {
            guard let mark = part.last, let place = rest.firstIndex(where: { $0.mark == mark }), part.count > 1,
                let number = Int64(String(decoding: part.dropLast(), as: UTF8.self)), (0...9_999_999).contains(number)
            else { return nil }
            sum += number * units[place].seconds
            rest = units[(place + 1)...]
        }
        return text.isEmpty ? nil : sum
    }
}
