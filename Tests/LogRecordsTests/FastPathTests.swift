import CBytes
import Chance
import Testing

@testable import LogRecords

/// The short ways that most lines take, each beside its plain twin, on lines that fit, that nearly fit and that do not.
@Suite struct FastPathTests {
    static let fields = ["ts", "requester", "key", "bytes", "rtt", "loss", "note"]

    /// Where each field lies and how it is written, and whether the line was read; nil: refused.
    struct Found: Equatable {
        var slices: [String]
    }

    static func describe(_ line: UnsafeRawBufferPointer, _ slices: FieldSlices) -> Found {
        Found(
            slices: fields.indices.map { field in
                guard let bytes = slices.bytes(field, in: line) else { return "-" }
                // A value without escapes may be written in any notation.
                let escape = bytes.contains(UInt8(ascii: "\\")) ? "\(slices.escape(field))" : "plain"
                if slices.values(in: line).isPlain(field) { #expect(RecordNames.isPlain(bytes)) }
                return "\(String(decoding: bytes, as: UTF8.self)) \(escape)"
            })
    }

    /// As the product reads the line: by a known shape if one fits.
    static func fast(_ line: [UInt8], _ scanner: inout LineScanner) -> Found? {
        line.withUnsafeBytes { bytes in
            let slices = FieldSlices(count: fields.count)
            guard (try? scanner.scan(bytes, into: slices)) == true else { return nil }
            return describe(bytes, slices)
        }
    }

    static func plain(_ line: [UInt8]) -> Found? {
        line.withUnsafeBytes { bytes in
            let slices = FieldSlices(count: fields.count)
            do { try JSONScanner(fields: fields).scan(bytes, into: slices) } catch { return nil }
            return describe(bytes, slices)
        }
    }

    static func line(_ random: inout some RandomNumberGenerator) -> [UInt8] {
        let texts = [
            "acct-00012", "", "a", "seven77", "eight888", "nine99999", "Büro 📷", #"with \"quotes\""#, #"snap\/1"#,
            "0123456789abcdef0123456789abcdef01234567", "\u{7f}", "x}y,z:", #"back\\"#,
        ]
        let numbers = ["0", "7", "-1", "72944", "0.1", "12.50", "1e3", "-0", "007", "1.", ".5", "12345678901234567890"]
        let others = ["null", "", "-", "true", "false", "{\"a\":1}", "[1,2]", "{\"key\":\"nested\"}"]
        var members = fields.map { field -> String in
            let value =
                switch Int.random(in: 0..<40, using: &random) {
                case 0: others.randomElement(using: &random) ?? ""
                case 1..<14: (numbers.prefix(6)).randomElement(using: &random) ?? ""
                case 14: numbers.randomElement(using: &random) ?? ""
                default: "\"\(texts.randomElement(using: &random) ?? "")\""
                }
            return "\"\(field)\":\(value)"
        }
        // Now and then another order, a member less, one twice, or one that nobody asked for.
        switch Int.random(in: 0..<12, using: &random) {
        case 0: members.swapAt(0, 1)
        case 1, 4, 5: members.remove(at: Int.random(in: 0..<members.count, using: &random))
        case 2: members.append(members[2])
        case 3: members.append("\"stranger\":\"x\"")
        default: break
        }
        let comma = Int.random(in: 0..<9, using: &random) == 0 ? ", " : ","
        var line = Array("{\(members.joined(separator: comma))}".utf8)
        if Int.random(in: 0..<4, using: &random) == 0 {
            // A byte changed, lost or added anywhere.
            let place = Int.random(in: 0..<line.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: line[place] = UInt8.random(in: 0...255, using: &random)
            case 1: line.remove(at: place)
            default: line.insert(UInt8.random(in: 0...255, using: &random), at: place)
            }
        }
        return line
    }

    @Test("a line read by a known shape has the fields that the scanner finds", arguments: 0..<8)
    func shapes(seed: UInt64) throws {
        var random = Chance(seed: seed)
        var scanner = LineScanner.json(JSONLines(JSONScanner(fields: Self.fields)))
        var refused = 0
        for _ in 0..<4000 {
            let line = Self.line(&random)
            let expected = Self.plain(line)
            if expected == nil { refused += 1 }
            #expect(Self.fast(line, &scanner) == expected, "\(String(decoding: line, as: UTF8.self))")
        }
        #expect((100..<2000).contains(refused), "the lines are neither all good nor all bad")
    }

    @Test("a shape that was learned is used, and does not outlive its order of members")
    func learned() {
        let shapes = JSONLayoutCache()
        let scanner = JSONScanner(fields: Self.fields)
        func matches(_ text: String) -> Bool {
            Array(text.utf8).withUnsafeBytes { shapes.match($0, into: FieldSlices(count: Self.fields.count)) }
        }
        let line = #"{"ts":"1","bytes":20}"#
        #expect(!matches(line))
        Array(line.utf8).withUnsafeBytes { bytes in
            try? scanner.scan(bytes, into: FieldSlices(count: Self.fields.count), noting: shapes)
        }
        #expect(matches(line))
        #expect(matches(#"{"ts":"another one","bytes":3.5}"#))
        #expect(!matches(#"{"bytes":20,"ts":"1"}"#))
        #expect(!matches(#"{"ts":"1","bytes":"20"}"#))
        #expect(!matches(#"{"ts":"1","bytes":20}}"#))
    }

    @Test("stamps read at fixed places are those that the general reader reads", arguments: 0..<4)
    func stamps(seed: UInt64) {
        var random = Chance(seed: seed)
        var days = DayReader()
        var read = 0
        for _ in 0..<4000 {
            func number(_ limit: Int, _ width: Int) -> String {
                let digits = String(Int.random(in: 0..<limit, using: &random))
                return String(repeating: "0", count: max(0, width - digits.count)) + digits
            }
            let year = ["1969", "1970", "2019", "2020", "2100"].randomElement(using: &random) ?? ""
            var text = "\(year)-\(number(14, 2))-\(number(33, 2))T\(number(25, 2)):\(number(61, 2)):\(number(62, 2))."
            text += Bool.random(using: &random) ? number(1_000_000, 6) : number(1000, 3)
            text += "Z"
            if Int.random(in: 0..<8, using: &random) == 0 {
                var bytes = Array(text.utf8)
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 32..<127, using: &random)
                text = String(decoding: bytes, as: UTF8.self)
            }
            let stamp = Array(text.utf8).withUnsafeBytes { days.stamp($0) }
            guard let stamp else { continue }
            read += 1
            #expect(stamp == Timestamp(text), "\(text)")
        }
        #expect(read > 1000)
    }

    @Test("names found again are numbered as the table numbers them, however many fall into one place")
    func names() {
        let (table, frames) = (StringInterner(), StringInterner(.seldom))
        frames.keepUnique()
        let cache = ThreadInternCache(table, frames: frames, setBits: 3)
        var random = Chance(seed: 5)
        for _ in 0..<40_000 {
            let name = Self.name(&random)
            let isFrame = Bool.random(using: &random)
            let found = Array(name.utf8).withUnsafeBytes { cache.intern($0, isFrame: isFrame) }
            #expect(found == (isFrame ? frames : table).intern(name))
            #expect((isFrame ? frames : table).text(found) == name)
        }
    }

    /// Few letters, so that names differ in their length or in one byte; some take one unit, some two, some none.
    private static func name(_ random: inout some RandomNumberGenerator) -> String {
        var letters = [UInt8](repeating: UInt8(ascii: "a"), count: Int.random(in: 0..<64, using: &random))
        if let place = letters.indices.randomElement(using: &random), Bool.random(using: &random) {
            letters[place] += 1
        }
        return String(decoding: letters, as: UTF8.self)
    }

    @Test("tickets stand for their names, wherever a bundle of look-ups ends", arguments: 0..<4)
    func tickets(seed: UInt64) {
        let (table, frames) = (StringInterner(), StringInterner(.seldom))
        let cache = ThreadInternCache(table, frames: frames, setBits: 4)
        var random = Chance(seed: seed)
        for _ in 0..<40 {
            var asked: [(name: String, isFrame: Bool, ticket: SymbolID)] = []
            while !cache.isNearlyFull {
                let (name, isFrame) = (Self.name(&random), Bool.random(using: &random))
                let ticket = Array(name.utf8).withUnsafeBytes { cache.request($0, isFrame: isFrame) }
                asked.append((name, isFrame, ticket))
            }
            cache.resolve { number in
                for one in asked { #expect((one.isFrame ? frames : table).text(number(one.ticket)) == one.name) }
            }
        }
    }

    @Test("the rest of a long name is not taken for a short one, whatever its bytes")
    func disguise() {
        let table = StringInterner()
        // All names fall into one place.
        let cache = ThreadInternCache(table, setBits: 0)
        // As a short name lies there: its first bytes, none, none, and its length.
        let long =
            [UInt8](repeating: 0x78, count: 24) + Array("abc".utf8) + [0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
            + [3, 0, 0, 0, 1, 0, 0, 0]
        let first = long.withUnsafeBytes { cache.intern($0) }
        let second = Array("abc".utf8).withUnsafeBytes { cache.intern($0) }
        #expect(table.text(second) == "abc")
        #expect(first != second)
        #expect(long.withUnsafeBytes { cache.intern($0) } == first)
    }

    @Test("quotes are marked where they stand, and nothing beyond the line is looked at")
    func quotes() {
        var random = Chance(seed: 11)
        for count in Array(1..<200) + [255, 256, 257, 1000] {
            let letters = Array("\"a ]".utf8)
            let line = (0..<count).map { _ in letters[Int.random(in: 0..<4, using: &random)] }
            let odds: [(byte: UInt8?, expected: Int)] = [
                (nil, 0), (UInt8(ascii: "\\"), Int(LINE_HAS_ESCAPES)), (0x1f, Int(LINE_HAS_ESCAPES)),
                (0, Int(LINE_HAS_ESCAPES)), (0x80, Int(LINE_HAS_FOREIGN)), (0xff, Int(LINE_HAS_FOREIGN)), (0x7f, 0),
            ]
            for (odd, expected) in odds {
                var line = line
                if let odd { line[Int.random(in: 0..<count, using: &random)] = odd }
                // What stands behind the line must not count.
                let room = line + [UInt8](repeating: UInt8(ascii: "\""), count: 64)
                var marks = [UInt64](repeating: 0, count: (count + 63) / 64)
                let found = mark_quotes(room, count, &marks)
                #expect(Int(found) == expected)
                for place in 0..<(64 * marks.count) {
                    let isMarked = marks[place / 64] >> UInt64(place % 64) & 1 == 1
                    #expect(isMarked == (place < count && line[place] == UInt8(ascii: "\"")))
                }
            }
        }
    }
}
