import Foundation
import Testing

@testable import LogRecords

/// The JSON scanner beside Foundation's parser, which builds every value.
@Suite struct JSONScannerTests {
    static let fields = ["ts", "requester", "key", "status", "rt", "inm", "request.headers.host", "request.id", "a.b"]

    /// The wanted values as text; nil if the scanner refuses the line.
    static func scan(_ line: [UInt8]) -> [String: String]? {
        let scanner = JSONScanner(fields: fields)
        let slices = FieldSlices(count: fields.count)
        return line.withUnsafeBytes { bytes in
            do { try scanner.scan(bytes, into: slices) } catch { return nil }
            var found: [String: String] = [:]
            for (number, field) in fields.enumerated() {
                guard let value = slices.bytes(number, in: bytes) else { continue }
                var plain: [UInt8] = []
                slices.escape(number).decode(value, into: &plain)
                found[field] = String(decoding: plain, as: UTF8.self)
            }
            return found
        }
    }

    /// The same from Foundation: strings as they are, numbers as `NSNumber`; nil if it is no object.
    static func twin(_ line: [UInt8]) -> [String: Any]? {
        guard let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any] else { return nil }
        var found: [String: Any] = [:]
        for field in fields {
            var value: Any? = object[field]
            if value == nil, field.contains(".") {
                value = object
                for name in field.split(separator: ".") { value = (value as? [String: Any])?[String(name)] }
            }
            if let list = value as? [Any] {
                let values = list.filter { !($0 is NSNull) }
                let areReadable = values.allSatisfy { $0 is String || $0 is NSNumber }
                value = !areReadable || values.isEmpty ? nil : values.count == 1 ? values[0] : values as Any
            }
            if value is String || value is NSNumber || value is [Any] { found[field] = value }
        }
        return found
    }

    static func isSame(_ text: String, _ value: Any) -> Bool {
        // A header field that came several times is a list, unless it said the same each time.
        if let list = value as? [Any] {
            if isSame(text, list[0]), list.allSatisfy({ ($0 as? NSObject) == (list[0] as? NSObject) }) { return true }
            let pieces = text.components(separatedBy: ", ")
            return pieces.count == list.count && zip(pieces, list).allSatisfy { isSame($0, $1) }
        }
        if let string = value as? String { return string.utf8.elementsEqual(text.utf8) }
        guard let number = value as? NSNumber else { return false }
        if text == "true" || text == "false" { return number.boolValue == (text == "true") }
        // Foundation rounds a decimal of many digits twice.
        return Double(text).map { abs($0 - number.doubleValue) <= abs($0) * 1e-15 } ?? false
    }

    @Test(
        "what Foundation reads the scanner reads alike",
        arguments: [
            #"{}"#, #" { } "#, #"{"ts":"x"}"#, "{\t\"ts\" :\t\"x\" , \"key\":\"y\"\r}", #"{"ts":""}"#,
            #"{"requester":"\"\\\/\b\f\n\r\t"}"#, #"{"requester":"J\u00f6rg \u20ac"}"#, #"{"key":"\ud83d\udcf7 cam"}"#,
            #"{"requester":"Jörg 📷"}"#, #"{"\u0074s":"escaped name"}"#, #"{"k\u0065y":"1","key":"2"}"#,
            #"{"status":200,"rt":0.017}"#, #"{"status":-0,"rt":-1.5e-3}"#, #"{"status":1E+2,"rt":0e0}"#,
            #"{"status":12345678901234567890}"#, #"{"status":true,"key":false,"ts":null}"#,
            #"{"request":{"headers":{"host":"a.example","x":[1,{"host":"no"}]},"id":7}}"#,
            #"{"request":"none","a":{"b":1}}"#, #"{"request":{"headers":[{"host":"no"}]}}"#,
            #"{"request.id":"dotted"}"#,
            #"{"x":[[],[{}],{"ts":"inner"},"ts",1,true,null],"ts":"outer"}"#, #"{"x":{"ts":"inner"}}"#,
            #"{"key":"first","key":"last"}"#, #"{"key":"first","key":null}"#, #"{"key":"first","key":{"x":1}}"#,
            #"{"key":"first","key":["x"]}"#, #"{"key":["x","y"],"ts":[7,8],"inm":["\"a\""]}"#,
            #"{"key":[],"ts":[null,"x"]}"#, #"{"key":["x","x"],"ts":["x",null,"\u0079"],"inm":["\"a\"","\"b\""]}"#,
            #"{"key":[{"x":1},"y"],"ts":[["x"]],"a":{"b":["nested"]}}"#, #"{"key":{"x":1},"key":"last"}"#,
            #"{"":"empty name","ts":"x"}"#,
        ])
    func alike(_ line: String) throws {
        let expected = try #require(Self.twin(Array(line.utf8)))
        let found = try #require(Self.scan(Array(line.utf8)))
        #expect(found.keys.sorted() == expected.keys.sorted())
        for (field, value) in expected { #expect(Self.isSame(found[field] ?? "", value), "\(field)") }
    }

    @Test(
        "what is no JSON object is refused",
        arguments: [
            "", " ", "x", "[]", "null", "\"ts\"", "{", "}", #"{"ts"}"#, #"{"ts":"#, #"{"ts":"x"#, #"{"ts":"x\"#,
            #"{"ts":"x\""#,
            #"{"ts":"x"}}"#, #"{"ts":"x"}{}"#, #"{"ts":"x"} tail"#, #"{"ts":"x",,}"#, #"{,}"#, #"{,"ts":"x"}"#,
            #"{"ts":"x""key":"y"}"#,
            #"{ts:"x"}"#, #"{'ts':'x'}"#, #"{"a":1-2}"#, #"{"a":01}"#, #"{"a":1.}"#, #"{"a":.5}"#, #"{"a":+1}"#,
            #"{"a":-"#, #"{"a":--}"#, #"{"a":- 1}"#, #"{"a":-]}"#, #"{"a":[-]}"#, #"{"a":[1,-]}"#, #"{"a":-,"#,
            #"{"a":,,}"#,
            #"{"a":1e}"#, #"{"a":1e5e5}"#, #"{"a":0x10}"#, #"{"a":1 2}"#, #"{"a":nul}"#, #"{"a":nulll}"#,
            #"{"a":True}"#,
            #"{"a":NaN}"#, #"{"a":word}"#, #"{"a":[,]}"#, #"{"a":[1 2]}"#, #"{"a":[}"#, #"{"a":"\q"}"#,
            #"{"a":"\u12g4"}"#,
            #"{"a":"\u12"}"#, #"{"a":"\"#, "{\"a\":\"\u{1}\"}", "{\"a\":\"tab\there\"}", "{\"a\":\"\\\u{1}\"}",
            "{\"a\":1}\u{0}",
            "{\u{a0}}",
        ])
    func refused(_ line: String) {
        #expect(Self.twin(Array(line.utf8)) == nil)
        #expect(Self.scan(Array(line.utf8)) == nil)
    }

    @Test("nesting as deep as no log has is refused, and not by running out of stack")
    func depth() {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: #"{"x":["#, count: depth) + String(repeating: "]}", count: depth)).utf8)
        }
        #expect(Self.scan(nested(30)) != nil)
        #expect(Self.scan(nested(40)) == nil)
        #expect(Self.scan(nested(100_000)) == nil)
    }

    @Test("the offset of a refusal is where the JSON ends")
    func offset() throws {
        let parsed = try Parsed(#"{"ts":"2019-12-26T10:00:00Z","op":FILL}"#, shipped: "native-cache")
        #expect(parsed.outcomes == [.rejected(.malformedJSON, offset: 34)])
    }

    @Test(
        "a value that a server left out of its own JSON, or for which it wrote a dash without quotes, is absent",
        arguments: [
            #"{"ts":"x","rt":,"key":"k"}"#, #"{"rt":,"ts":"x","key":"k"}"#, #"{"ts":"x","key":"k","rt":}"#,
            #"{"ts":"x","rt":-,"key":"k"}"#, #"{"ts":"x","key":"k","rt":-}"#,
            #"{"ts":"x","rt": - ,"key":"k","a":{"b": }}"#,
            #"{"rt":1,"ts":"x","key":"k","rt":-}"#,
        ])
    func unset(_ line: String) {
        #expect(Self.scan(Array(line.utf8)) == ["ts": "x", "key": "k"])
    }

    /// Servers write these though RFC 8259 forbids them; refusing them would lose the delivery with the odd header.
    @Test("bytes that are not UTF-8, half a surrogate pair, nginx's hex escapes and a last comma are read all the same")
    func lenience() {
        #expect(Self.scan(Array(#"{"ts":"x","a":[1,],}"#.utf8)) == ["ts": "x"])
        #expect(Self.scan(Array(#"{"ts":"x","inm":"\x22K\xC3\xBCche\x22"}"#.utf8)) == ["ts": "x", "inm": "\"Küche\""])
        #expect(Self.scan(Array(#"{"ts":"x","inm":"\ud83d"}"#.utf8)) == ["ts": "x", "inm": "\u{fffd}"])
        #expect(
            Self.scan(Array(#"{"ts":"x","inm":""#.utf8) + [0xff] + Array(#""}"#.utf8)) == [
                "ts": "x", "inm": "\u{fffd}",
            ])
    }
}
