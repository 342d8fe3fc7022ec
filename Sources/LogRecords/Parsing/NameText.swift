/// How the bytes of a value become a name's text.
extension RecordNames {
    /// Whether the bytes are the name as they stand: no escapes, no quotes of a tag, ASCII.
    static func isPlain(_ bytes: UnsafeRawBufferPointer) -> Bool { Bytes.arePlain(bytes) }

    static func unquoteTag(_ bytes: inout [UInt8]) {
        if bytes.starts(with: "W/".utf8) { bytes.removeFirst(2) }
        while bytes.count >= 2, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") {
            bytes.removeFirst()
            bytes.removeLast()
        }
    }

    /// Bytes that are no UTF-8 text become `\xHH`, so that different names stay different and every name is text.
    static func makeText(_ bytes: inout [UInt8]) {
        let isText = !bytes.contains(0) && String(validating: bytes, as: UTF8.self) != nil
        guard !isText else { return }
        bytes = bytes.flatMap { byte -> [UInt8] in
            guard byte == 0 || byte >= 0x80 else { return [byte] }
            let hex = String(byte, radix: 16)
            return Array("\\x\(hex.count < 2 ? "0" : "")\(hex)".utf8)
        }
    }
}
