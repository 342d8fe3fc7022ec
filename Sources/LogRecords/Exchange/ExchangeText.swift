/// Writes lines of a job, one flat JSON object after the other, into memory; whoever owns it writes the bytes out.
public struct ExchangeText {
    public private(set) var bytes: [UInt8] = []
    let names: NameTable
    private var isFirst = true

    /// - Parameter names: tells the texts of names.
    public init(_ names: NameTable) { self.names = names }

    /// Forgets what was written, once it is out.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Writes a line of that type; `body` adds its members.
    public mutating func line(_ type: ExchangeType, _ body: (inout ExchangeText) throws -> Void) rethrows {
        begin()
        add(.type, type.rawValue)
        try body(&self)
        end()
    }

    /// Writes a line that lies in a group, at its place there.
    public mutating func ordered(
        group: String, order: String, _ type: ExchangeType, _ body: (inout ExchangeText) -> Void
    ) {
        begin()
        add(.group, group)
        add(.order, order)
        add(.type, type.rawValue)
        body(&self)
        end()
    }

    /// Begins a line without a type: whoever calls adds it.
    mutating func begin() {
        bytes.append(UInt8(ascii: "{"))
        isFirst = true
    }

    mutating func end() { bytes.append(contentsOf: [UInt8(ascii: "}"), UInt8(ascii: "\n")]) }

    /// Adds a text, unless there is none.
    public mutating func add(_ field: ExchangeField, _ text: String?) {
        guard var text else { return }
        key(field)
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { Self.escape($0, into: &bytes) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Adds a name, unless it is absent.
    public mutating func add(_ field: ExchangeField, _ name: NameID) {
        if name.isPresent { add(field, names.text(name)) }
    }

    /// Adds a number, unless there is none.
    public mutating func add(_ field: ExchangeField, _ number: (some BinaryInteger)?) {
        guard let number else { return }
        key(field)
        bytes.append(contentsOf: String(number).utf8)
    }

    /// Adds a number, unless it is the one that stands for "the line does not say".
    mutating func add(_ field: ExchangeField, _ number: some BinaryInteger, ifNot absent: Int64) {
        if Int64(number) != absent { add(field, number) }
    }

    private mutating func key(_ field: ExchangeField) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: field.text.utf8)
        bytes.append(contentsOf: [UInt8(ascii: "\""), UInt8(ascii: ":")])
    }

    /// RFC 8259 section 7: quotes, backslashes and control characters.
    private static func escape(_ text: UnsafeBufferPointer<UInt8>, into bytes: inout [UInt8]) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0..<0x20:
                let hex = String(byte, radix: 16)
                bytes.append(contentsOf: "\\u00\(hex.count < 2 ? "0" : "")\(hex)".utf8)
            default: bytes.append(byte)
            }
        }
    }
}
