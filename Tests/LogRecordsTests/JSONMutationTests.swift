import Chance
import Foundation
import Testing

@testable import LogRecords

/// Thousands of damaged lines: what Foundation still reads, the scanner reads alike; what only the scanner reads is one
/// of the forms that it is meant to read beyond RFC 8259.
@Suite struct JSONMutationTests {
    private static let lines = [
        #"{"ts":1795475742.187,"rid":"2c60","requester":"1815187656","status":200,"rt":0.000,"key":"snap/552","inm":"\"5db9\""}"#,
        #"{"ts": "2026-11-23T23:15:37.889929Z", "key": "snap/5", "status": 304, "requester": "J\u00f6rg \ud83d\udcf7", "rt": -1.5E+2}"#,
        #"{"request":{"id":17,"headers":{"host":"a.example","x":null}},"ts":"t","tags":["a",{"ts":"b"},[],{}],"ok":true}"#,
        #"{"a":{"b":"nested","c":[1,2.5e-3,false]},"requester":"Müller","key":"","status":null,"a.c":"\\\/\n"}"#,
    ]

    /// Bytes that JSON gives a meaning to, so that mutations hit where it hurts.
    private static let alphabet =
        Array("{}[]\",:\\/ubnrtfx0123456789+-.eE \tnulltruefalseé".utf8) + [0x00, 0x1f, 0x7f, 0xc3, 0xff]

    private static func mutate(_ line: [UInt8], _ generator: inout Chance) -> [UInt8] {
        var line = line
        for _ in 0..<Int.random(in: 1...2, using: &generator) {
            guard !line.isEmpty else { break }
            let place = Int.random(in: 0..<line.count, using: &generator)
            let end = min(line.count, place + Int.random(in: 1...12, using: &generator))
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: line[place] = alphabet.randomElement(using: &generator) ?? 0
            case 1: line.insert(alphabet.randomElement(using: &generator) ?? 0, at: place)
            case 2: line.removeSubrange(place..<end)
            case 3: line.insert(contentsOf: line[place..<end], at: Int.random(in: 0...line.count, using: &generator))
            default: line.removeSubrange(place...)
            }
        }
        return line
    }

    /// The line without what the scanner reads beyond RFC 8259, or nil if there is nothing of that kind in it.
    private static func withoutLenience(_ line: [UInt8]) -> [UInt8]? {
        var text = String(decoding: line, as: UTF8.self)
        // An escape's own backslash is no beginning of the next, so pairs are taken off first.
        text = text.replacing("\\\\", with: "__")
        text = text.replacing(/\\x[0-9a-fA-F]{2}/, with: "__").replacing(
            /\\u[dD][89a-fA-F][0-9a-fA-F]{2}/, with: "______")
        // Nothing or a dash in place of a value.
        text = text.replacing(/:[ \t\r\n]*(-[ \t\r\n]*)?(?=[,}])/, with: ":null")
        return text.utf8.elementsEqual(line) ? nil : Array(text.utf8)
    }

    @Test("a mutated line is read as Foundation reads it, or refused as it does", arguments: [1, 2, 3, 4] as [UInt64])
    func mutations(seed: UInt64) throws {
        var generator = Chance(seed: seed)
        var accepted = 0
        for round in 0..<1500 {
            let line = Self.mutate(Array(Self.lines[round % Self.lines.count].utf8), &generator)
            let shown = String(decoding: line, as: UTF8.self)
            let found = JSONScannerTests.scan(line)
            guard let expected = JSONScannerTests.twin(line) else {
                guard found != nil else { continue }
                let plain = try #require(Self.withoutLenience(line), "read, though Foundation refuses it: \(shown)")
                #expect(JSONScannerTests.twin(plain) != nil, "read, though Foundation refuses it: \(shown)")
                continue
            }
            accepted += 1
            let values = try #require(found, "refused, though Foundation reads it: \(shown)")
            #expect(values.keys.sorted() == expected.keys.sorted(), "\(shown)")
            for (field, value) in expected where JSONScannerTests.isSame(values[field] ?? "", value) == false {
                Issue.record("\(field): \(values[field] ?? "nothing") instead of \(value) in \(shown)")
            }
        }
        #expect(accepted > 200, "the mutations must leave lines that can be read")
    }
}
