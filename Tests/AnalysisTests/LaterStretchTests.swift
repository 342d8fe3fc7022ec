import LogRecords
import Testing

@testable import Analysis

/// A log so far behind other lines that it is not read.
@Suite struct LaterStretchTests {
    private static let access =
        #"127.0.0.1 - acct-7 [25/Nov/2026:02:02:41 +0000] "GET /v1/cameras/5525/snapshot HTTP/1.1" 200 34 "-" "MiHome/5.6" "HIT""#

    @Test("it is named, with the line that it stands behind")
    func named() throws {
        var stretches = LaterStretches(try ProfileLibrary())
        let note = Array(String(repeating: "note ", count: 200).utf8)
        for number in 1...3000 { stretches.look(at: note.span.bytes, UInt64(number)) }
        for number in 3001...3003 { stretches.look(at: Array(Self.access.utf8).span.bytes, UInt64(number)) }
        stretches.end()
        #expect(stretches.found?.contains("nginx-combined") == true)
    }

    @Test("other lines give nothing")
    func nothing() throws {
        var stretches = LaterStretches(try ProfileLibrary())
        let note = Array(String(repeating: "note ", count: 200).utf8)
        for number in 1...3000 { stretches.look(at: note.span.bytes, UInt64(number)) }
        stretches.end()
        #expect(stretches.found == nil)
    }
}
