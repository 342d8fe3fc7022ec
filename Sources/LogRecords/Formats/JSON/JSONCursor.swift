/// A place in a line of JSON.
struct JSONCursor {
    let line: UnsafeRawBufferPointer
    var offset = 0

    init(line: UnsafeRawBufferPointer) { self.line = line }

    /// The byte ahead; 0 at the end.
    var next: UInt8 { offset < line.count ? line[offset] : 0 }

    func failure() -> ScanFailure { ScanFailure(reason: .malformedJSON, offset: offset) }

    mutating func skipBlanks() {
        while offset < line.count {
            // A line holds no line feed, but what is decoded of one may.
            switch line[offset] {
            case 0x20, 0x09, 0x0d, 0x0a: offset += 1
            default: return
            }
        }
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    mutating func expect(_ character: Unicode.Scalar) throws(ScanFailure) {
        guard skip(character) else { throw failure() }
    }

    /// A string's inside, and whether it holds escapes.
    mutating func string() throws(ScanFailure) -> (range: Range<Int>, isEscaped: Bool) {
        try expect("\"")
        let start = offset
        var isEscaped = false
        while offset < line.count {
            let byte = line[offset]
            if byte == UInt8(ascii: "\"") {
                offset += 1
                return (start..<(offset - 1), isEscaped)
            }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                try skipEscape()
            } else if byte < 0x20 {
                throw failure()
            } else {
                offset += 1
            }
        }
        throw failure()
    }

    private mutating func skipEscape() throws(ScanFailure) {
        offset += 1
        switch next {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 1
        case UInt8(ascii: "u"): try skipHexDigits(4)
        case UInt8(ascii: "x"): try skipHexDigits(2)
        default: throw failure()
        }
    }

    /// Goes over the letter that announces them, and over the digits.
    private mutating func skipHexDigits(_ count: Int) throws(ScanFailure) {
        for _ in 0..<count {
            offset += 1
            guard hexValue(next) != nil else { throw failure() }
        }
        offset += 1
    }

    /// Goes over a dash in place of a member's value.
    ///
    /// - Returns: false if it is a number's sign, or anything else follows that ends no member.
    mutating func skipDash() -> Bool {
        var end = self
        guard end.skip("-") else { return false }
        end.skipBlanks()
        guard end.next == UInt8(ascii: ",") || end.next == UInt8(ascii: "}") else { return false }
        offset = end.offset
        return true
    }

    /// A number, `true`, `false` or `null`.
    mutating func bareValue() throws(ScanFailure) -> Range<Int> {
        let start = offset
        switch next {
        case UInt8(ascii: "n"): try expect(word: "null")
        case UInt8(ascii: "t"): try expect(word: "true")
        case UInt8(ascii: "f"): try expect(word: "false")
        default: try skipNumber()
        }
        return start..<offset
    }

    private mutating func expect(word: String) throws(ScanFailure) {
        for byte in word.utf8 {
            guard next == byte else { throw failure() }
            offset += 1
        }
    }

    /// RFC 8259 section 6.
    private mutating func skipNumber() throws(ScanFailure) {
        _ = skip("-")
        if !skip("0") { try skipDigits() }
        if skip(".") { try skipDigits() }
        if skip("e") || skip("E") {
            if !skip("+") { _ = skip("-") }
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(ScanFailure) {
        let start = offset
        while next &- 48 < 10 { offset += 1 }
        guard offset > start else { throw failure() }
    }
}
