import Testing

@testable import LogBytes

@Suite struct BlockTests {
    private let header = BlockHeader(type: "delivery", part: 17, rows: 3, first: 0x1f, last: .max)

    private func line(_ header: BlockHeader, _ body: [UInt8]) -> [UInt8] {
        var lines: [UInt8] = []
        BlockPacker().pack(header, body, into: &lines)
        return lines
    }

    /// What a reader makes of a line: the header and the body, or the words of its refusal.
    private func read(_ line: some Sequence<UInt8>) -> (header: BlockHeader?, body: [UInt8], problem: String) {
        var body: [UInt8] = []
        do {
            let header = try Array(line).withUnsafeBytes { bytes throws(BlockProblem) in
                try BlockUnpacker().unpack(bytes.bytes, into: &body)
            }
            return (header, body, "")
        } catch {
            return (nil, [], "\(error)")
        }
    }

    @Test(arguments: [0, 1, 2, 3, 4, 255, 4096, 100_000])
    func `A block of any length is one line, and comes out as it went in`(length: Int) {
        let body = (0..<length).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }
        let text = line(header, body)
        #expect(text.last == UInt8(ascii: "\n") && text.count { $0 == UInt8(ascii: "\n") } == 1)
        let (read, found, problem) = read(text.dropLast())
        #expect(read == header && found == body, "\(problem)")
    }

    @Test func `The header stands beside the body, in the places that sort and awk are told`() {
        let fields = String(decoding: line(header, [1, 2, 3]), as: UTF8.self).split(separator: "\t").map(String.init)
        #expect(
            Array(fields[..<6]) == [
                "strayframe-block-1", "delivery", "17", "3", "000000000000001f", "ffffffffffffffff",
            ])
        #expect(fields.count == 8 && fields[6].count == 8)
    }

    @Test func `Whatever byte of it is another one, and wherever it is cut, a block is refused`() {
        let whole = Array(line(header, (0..<320).map { UInt8($0 * $0 % 11) }).dropLast())
        let header = whole.lastIndex(of: UInt8(ascii: "\t")) ?? 0
        for place in whole.indices {
            for change: UInt8 in [1, 4, 0x20, 0x80] {
                var changed = whole
                changed[place] ^= change
                // A digit of sixteen is the same in either case.
                if change == 0x20, place < header, UInt8(ascii: "a")...UInt8(ascii: "f") ~= whole[place] { continue }
                #expect(read(changed).header == nil, "byte \(place) ^ \(change)")
            }
            #expect(read(whole[..<place]).header == nil, "cut at \(place)")
        }
        #expect(read(whole.dropLast(8)).problem.contains("checksum"))
    }

    @Test func `Another version is named, and so is what is no block`() {
        let text = String(decoding: line(header, [1]), as: UTF8.self)
        let later = text.replacing("strayframe-block-1", with: "strayframe-block-2")
        #expect(read(later.utf8).problem.contains("strayframe-block-2"))
        #expect(read(Array("{\"type\":\"delivery\"}".utf8)).problem.contains("is this the output of strayframe?"))
    }
}
