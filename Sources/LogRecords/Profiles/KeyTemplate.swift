/// The shape of a cache key: what varies from camera to camera or frame to frame is written `{n}`.
///
/// `snap/slot-07/latest` becomes `snap/slot-{n}/latest`. Abstracted are UUIDs (RFC 9562 section 4), runs of letters and
/// digits that are hexadecimal, eight or longer, with a digit among them (hashes, tokens), and every other run of
/// digits.
public enum KeyTemplate {
    private static let mark = Array("{n}".utf8)

    public static func of(_ key: String) -> String {
        var key = key
        return key.withUTF8 { bytes in
            var template: [UInt8] = []
            var place = 0
            while place < bytes.count {
                guard isWord(bytes[place]) else {
                    template.append(bytes[place])
                    place += 1
                    continue
                }
                var end = place
                while end < bytes.count, isWord(bytes[end]) { end += 1 }
                if let after = endOfUUID(bytes, place, end) {
                    template += mark
                    place = after
                    continue
                }
                let run = bytes[place..<end]
                if run.count >= 8, run.allSatisfy(isHex), run.contains(where: isDigit) {
                    template += mark
                } else {
                    append(run, to: &template)
                }
                place = end
            }
            return String(decoding: template, as: UTF8.self)
        }
    }

    private static func append(_ run: Slice<UnsafeBufferPointer<UInt8>>, to template: inout [UInt8]) {
        var wasDigit = false
        for byte in run {
            if !isDigit(byte) { template.append(byte) } else if !wasDigit { template += mark }
            wasDigit = isDigit(byte)
        }
    }

    /// Where a UUID that begins with the run `start..<end` ends, or nil.
    private static func endOfUUID(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int? {
        guard end - start == 8, bytes.count >= start + 36 else { return nil }
        for place in start..<(start + 36) {
            let isHyphen = [8, 13, 18, 23].contains(place - start)
            guard isHyphen ? bytes[place] == UInt8(ascii: "-") : isHex(bytes[place]) else { return nil }
        }
        let after = start + 36
        return after == bytes.count || !isWord(bytes[after]) ? after : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func isHex(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "f")
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
    }
}
