/// Takes the lines of one source out of an envelope. One for each source: some collectors cut a long line into pieces.
final class Unwrapper {
    /// What a line of the file gave.
    enum Result {
        /// A whole line: it is in `line`, and began on that line of the file.
        case line(first: Int64)
        /// A part of one that goes on, or of the envelope alone.
        case part
    }

    let envelope: Envelope
    /// The line taken out last.
    private(set) var line: [UInt8] = []
    private var first: Int64 = 0
    private var isOpen = false
    private let members: Envelope.Members?
    private let scanner: JSONScanner
    private let slices: FieldSlices
    private let names: [String]
    private var journal = JournalBlock()

    /// What a collector cuts and puts into pieces ends here: a server's line is no longer than the longest line allowed.
    private static let mostBytes = 1 << 24

    init(_ envelope: Envelope) {
        self.envelope = envelope
        members = envelope.members
        let wanted = members.map { $0.line + $0.required.joined() } ?? []
        names = wanted.enumerated().filter { wanted.firstIndex(of: $1) == $0 }.map(\.element)
        scanner = JSONScanner(fields: names, keepsObjects: true)
        slices = FieldSlices(count: names.count)
    }

    /// The first line of the file that a line which did not end began on.
    var unfinished: Int64? { envelope == .journalExport ? journal.unfinished : isOpen ? first : nil }

    /// - Throws: `ScanFailure` for a line that is not in this envelope.
    func take(_ bytes: UnsafeRawBufferPointer, number: Int64) throws(ScanFailure) -> Result {
        if envelope == .journalExport { return takeJournal(bytes, number) }
        if !isOpen {
            line.removeAll(keepingCapacity: true)
            first = number
        }
        let isWhole: Bool
        switch envelope {
        case .cri: isWhole = try takeCRI(bytes)
        case .cloudWatch:
            let text = try Self.afterStamp(bytes)
            line.append(contentsOf: text)
            isWhole = true
        case .syslog:
            line.append(contentsOf: try SyslogHeader.message(bytes))
            isWhole = true
        default: isWhole = try takeMember(bytes)
        }
        isOpen = !isWhole && line.count < Self.mostBytes
        return isOpen ? .part : .line(first: first)
    }

    // MARK: JSON

    private func takeMember(_ bytes: UnsafeRawBufferPointer) throws(ScanFailure) -> Bool {
        guard let members else { return true }
        slices.clear()
        try scanner.scan(bytes, into: slices)
        guard members.required.allSatisfy({ $0.contains { has($0) } }),
            let field = members.line.indices.first(where: { slices.has($0) }),
            let value = slices.bytes(field, in: bytes)
        else { throw ScanFailure(reason: .noRecord, offset: 0) }
        slices.escape(field).decode(value, into: &line)
        guard line.last == 0x0a else {
            // Docker keeps a line's own end, and cuts what is longer than 16 KiB; the others drop it.
            return envelope != .docker
        }
        line.removeLast()
        if line.last == 0x0d { line.removeLast() }
        return true
    }

    private func has(_ name: String) -> Bool { names.firstIndex(of: name).map { slices.has($0) } ?? false }

    // MARK: Text

    /// `2016-10-06T00:17:09.669794202Z stdout P part`: `F` ends a line, `P` does not.
    private func takeCRI(_ bytes: UnsafeRawBufferPointer) throws(ScanFailure) -> Bool {
        let rest = try Self.afterStamp(bytes)
        let parts = rest.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].elementsEqual("stdout".utf8) || parts[0].elementsEqual("stderr".utf8),
            let tag = parts[1].split(separator: UInt8(ascii: ":")).first
        else { throw ScanFailure(reason: .patternMismatch, offset: 0) }
        line.append(contentsOf: parts[2])
        return !tag.elementsEqual("P".utf8)
    }

    /// What follows an RFC 3339 stamp and one blank.
    private static func afterStamp(_ bytes: UnsafeRawBufferPointer) throws(ScanFailure) -> Slice<UnsafeRawBufferPointer>
    {
        guard let blank = bytes.firstIndex(of: 0x20), bytes.count > 10, bytes[4] == UInt8(ascii: "-"),
            Timestamp(bytes: UnsafeRawBufferPointer(rebasing: bytes[..<blank])) != nil
        else { throw ScanFailure(reason: .patternMismatch, offset: 0) }
        return bytes[(blank + 1)...]
    }

    // MARK: Journal

    private func takeJournal(_ bytes: UnsafeRawBufferPointer, _ number: Int64) -> Result {
        guard let message = journal.take(bytes, line: number) else { return .part }
        (line, first) = (message.text, message.line)
        return .line(first: first)
    }
}
