/// An entry of systemd's Journal Export Format: a field a line, `NAME=value`, or, where the value is no plain text, the
/// name alone, eight bytes for the value's length and the value; an empty line ends the entry.
/// Source: systemd.io, Journal Export Formats.
struct JournalBlock {
    private var message: [UInt8]?
    /// Where the message stands.
    private var messageLine: Int64 = 0
    /// A binary value that is being read: its field's name, and what has come of length and value.
    private var binary: (isMessage: Bool, bytes: [UInt8])?

    /// The line of a message whose entry has not ended.
    var unfinished: Int64? { message == nil ? nil : messageLine }

    /// Takes a line of the file, without its end; returns the message of the entry that it ends.
    mutating func take(_ bytes: UnsafeRawBufferPointer, line: Int64) -> (text: [UInt8], line: Int64)? {
        if binary != nil {
            takeBinary(bytes)
            return nil
        }
        if bytes.isEmpty {
            defer { message = nil }
            return message.map { ($0, messageLine) }
        }
        let isMessage = bytes.starts(with: "MESSAGE".utf8) && (bytes.count == 7 || bytes[7] == UInt8(ascii: "="))
        if isMessage { messageLine = line }
        if let equals = bytes.firstIndex(of: UInt8(ascii: "=")) {
            if isMessage { message = Array(bytes[(equals + 1)...]) }
        } else {
            binary = (isMessage, [])
        }
        return nil
    }

    private mutating func takeBinary(_ bytes: UnsafeRawBufferPointer) {
        guard var open = binary else { return }
        open.bytes.append(contentsOf: bytes)
        // The file's line ended here, and its end is a byte of the value, or the end of the value's line.
        let length = open.bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        if open.bytes.count >= 8, UInt64(open.bytes.count - 8) >= length {
            if open.isMessage { message = Array(open.bytes.dropFirst(8).prefix(Int(length))) }
            binary = nil
        } else {
            open.bytes.append(0x0a)
            binary = open
        }
    }
}
