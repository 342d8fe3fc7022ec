/// A record of a CSV whose quoted value has line breaks: the lines that have come of it.
struct QuotedRecord {
    /// A stray quote is no reason to hold a table back.
    private static let mostLines = 200
    private static let mostBytes = 1 << 18

    /// The lines, with the line feeds between them.
    private(set) var text: [UInt8]
    /// Where each line of the file begins in `text`, and its number.
    private(set) var lines: [(start: Int, number: Int64)]
    private var quotes: Int

    init(_ line: UnsafeRawBufferPointer, number: Int64) {
        text = Array(line)
        lines = [(0, number)]
        quotes = Self.quotes(line)
    }

    mutating func add(_ line: UnsafeRawBufferPointer, number: Int64) {
        text.append(0x0a)
        lines.append((text.count, number))
        text.append(contentsOf: line)
        quotes += Self.quotes(line)
    }

    /// Whether the quotes may be closed: a quote inside a value is doubled, so in all there is an even number.
    var mayBeWhole: Bool { quotes % 2 == 0 }

    var isTooLong: Bool { lines.count > Self.mostLines || text.count > Self.mostBytes }

    /// The bytes of a line of the file.
    func bytes(_ index: Int) -> ArraySlice<UInt8> {
        text[lines[index].start..<(index + 1 < lines.count ? lines[index + 1].start - 1 : text.count)]
    }

    private static func quotes(_ line: UnsafeRawBufferPointer) -> Int { line.count { $0 == UInt8(ascii: "\"") } }
}
