import Interning

/// Takes the lines of one source out of an envelope. One for each source: some collectors cut a long line into pieces.
final class EnvelopeDecoder {
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
    /// Where the next one begins on the same line of the file; nil if there is none.
    private(set) var rest: Int?
    private let members: Envelope.Members?
    private let scanner: JSONScanner
    private let slices: FieldSlices
    private let names: [String]
    private var pieces = OpenPieces()
    private var journal = JournalBlock()
    private var frame = SyslogFrame()
    /// Whether a line can be asked for again, as one that stands for several messages must be.
    private let isOutermost: Bool
    /// Whether `line` is a message that can be said to have come again.
    private var isMessage = false
    /// The line of the file that stands for several messages, and how many of them are to come.
    private var repeated: (bytes: [UInt8], left: Int) = ([], 0)
    /// Whether the line taken out last is a message that came before.
    private(set) var isRepeat = false

    init(_ envelope: Envelope, isOutermost: Bool = true) {
        self.envelope = envelope
        self.isOutermost = isOutermost
        members = envelope.members
        let pieces = Envelope.pieces.by + Envelope.pieces.marks.map(\.member)
        let wanted = members.map { $0.line + $0.required.joined() + pieces } ?? []
        names = wanted.enumerated().filter { wanted.firstIndex(of: $1) == $0 }.map(\.element)
        scanner = JSONScanner(fields: names, keepsContainers: true)
        slices = FieldSlices(count: names.count)
    }

    /// The first lines of the file that lines which did not end began on.
    var unfinished: [Int64] {
        switch envelope {
        case .journalExport: [journal.unfinished].compactMap(\.self)
        case .syslogFrames: [frame.unfinished].compactMap(\.self)
        default: pieces.unfinished
        }
    }

    /// - Throws: `ScanFailure` for a line that is not in this envelope.
    func take(_ bytes: UnsafeRawBufferPointer, number: Int64) throws(ScanFailure) -> Result {
        rest = nil
        switch envelope {
        case .journalExport: return takeJournal(bytes, number)
        case .syslogFrames: return try takeFrame(bytes, number)
        case .cri: return try takeCRI(bytes, number)
        case .cloudWatch: line = Array(try Self.afterStamp(bytes))
        case .logsTail: line = Array(try LinePrefix.stream(try Self.afterStamp(bytes)))
        case .syslog, .syslogWithoutTag:
            // journalctl's own remarks, as `-- Boot 1a2b… --`.
            if envelope == .syslog, bytes.starts(with: "-- ".utf8) { return .part }
            if !goesOn(bytes) { try takeMessage(bytes) }
        case .fluentd: line = Array(try LinePrefix.fluentd(bytes))
        case .logcli: line = Array(try LinePrefix.labels(try Self.afterStamp(bytes)))
        case .compose: line = Array(try LinePrefix.compose(bytes))
        case .kubectl: line = Array(try LinePrefix.kubectl(bytes))
        default: return try takeMember(bytes, number)
        }
        return .line(first: number)
    }

    /// Whether the line inside ends where the outer one does.
    var endsWithLine: Bool { members == nil && envelope != .journalExport && envelope != .syslogFrames }

    /// Whether a line may be in this envelope: not sure, and cheap.
    func mayHold(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let members else {
            switch envelope {
            case .journalExport: return bytes.starts(with: "__CURSOR=".utf8)
            case .syslogFrames: return SyslogFrame.length(bytes) != nil
            default: return (try? EnvelopeDecoder(envelope).take(bytes, number: 1)) != nil
            }
        }
        return bytes.first == UInt8(ascii: "{")
            && members.required.allSatisfy { $0.contains { Bytes.contain(bytes, Array("\"\($0)\"".utf8)) } }
    }

    // MARK: JSON

    private func takeMember(_ bytes: UnsafeRawBufferPointer, _ number: Int64) throws(ScanFailure) -> Result {
        guard let members else { return .part }
        slices.clear()
        rest = try scanner.scanFirst(bytes, into: slices)
        guard members.required.allSatisfy({ $0.contains { has($0) } }),
            let field = members.line.indices.first(where: { slices.has($0) }),
            let value = slices.bytes(field, in: bytes)
        else { throw ScanFailure(reason: .noRecord, offset: 0) }
        var piece: [UInt8] = []
        if value.first == UInt8(ascii: "["), envelope == .journalJSON {
            piece = Self.bytes(ofArray: value)
        } else {
            slices.escape(field).decode(value, into: &piece)
            // The blank behind a syslog tag, which rsyslog takes for a part of the message.
            if piece.first == 0x20, piece.count > 1, piece[1] != 0x20 { piece.removeFirst() }
        }
        // Docker keeps a line's own end, and cuts what is longer than 16 KiB; the others drop it, and mark a piece.
        var isLast = envelope != .docker && !isMarkedPiece(bytes)
        if piece.last == 0x0a {
            piece.removeLast()
            if piece.last == 0x0d { piece.removeLast() }
            isLast = true
        }
        return join(piece, of: pieceKey(bytes), isLast, number)
    }

    /// journald writes a message that is not UTF-8 as an array of its bytes (systemd.io, Journal Export Formats).
    private static func bytes(ofArray text: UnsafeRawBufferPointer) -> [UInt8] {
        text.dropFirst().split { $0 &- 48 >= 10 }.compactMap { UInt8(String(decoding: $0, as: UTF8.self)) }
    }

    private func join(_ piece: [UInt8], of key: [UInt8], _ isLast: Bool, _ number: Int64) -> Result {
        guard let whole = pieces.add(piece, of: key, isLast: isLast, number: number) else { return .part }
        line = whole.line
        return .line(first: whole.first)
    }

    private func has(_ name: String) -> Bool { names.firstIndex(of: name).map { slices.has($0) } ?? false }

    private func value(_ name: String, _ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        names.firstIndex(of: name).flatMap { slices.bytes($0, in: bytes) }
    }

    private func isMarkedPiece(_ bytes: UnsafeRawBufferPointer) -> Bool {
        Envelope.pieces.marks.contains { mark in value(mark.member, bytes)?.elementsEqual(mark.value.utf8) == true }
    }

    private func pieceKey(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        Envelope.pieces.by.lazy.compactMap { self.value($0, bytes) }.first.map(Array.init) ?? []
    }

    // MARK: Text

    /// `2016-10-06T00:17:09.669794202Z stdout P part`: `F` ends a line, `P` does not.
    private func takeCRI(_ bytes: UnsafeRawBufferPointer, _ number: Int64) throws(ScanFailure) -> Result {
        let rest = try Self.afterStamp(bytes)
        let parts = rest.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].elementsEqual("stdout".utf8) || parts[0].elementsEqual("stderr".utf8),
            let tag = parts[1].split(separator: UInt8(ascii: ":")).first
        else { throw ScanFailure(reason: .patternMismatch, offset: 0) }
        return join(Array(parts[2]), of: Array(parts[0]), !tag.elementsEqual("P".utf8), number)
    }

    /// What follows an RFC 3339 stamp and one blank.
    private static func afterStamp(_ bytes: UnsafeRawBufferPointer) throws(ScanFailure) -> Slice<UnsafeRawBufferPointer>
    {
        guard bytes.count > 10, bytes[4] == UInt8(ascii: "-"), let blank = bytes.firstIndex(of: 0x20),
            Timestamp(bytes: UnsafeRawBufferPointer(rebasing: bytes[..<blank])) != nil
        else { throw ScanFailure(reason: .patternMismatch, offset: 0) }
        return bytes[(blank + 1)...]
    }

    private func takeFrame(_ bytes: UnsafeRawBufferPointer, _ number: Int64) throws(ScanFailure) -> Result {
        guard let message = try frame.take(bytes, number: number) else { return .part }
        rest = message.rest
        let text = message.text.withUnsafeBytes { text in
            ((try? SyslogHeader.message(text)) ?? (try? SyslogHeader.untaggedMessage(text))).map(Array.init)
        }
        guard let text else { throw ScanFailure(reason: .patternMismatch, offset: 0) }
        line = text
        return .line(first: message.first)
    }

    // MARK: Syslog

    /// Whether a line is lent again for a further message that it stands for.
    private func goesOn(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard repeated.left > 0 else { return false }
        guard Bytes.areEqual(bytes, repeated.bytes) else {
            repeated.left = 0
            return false
        }
        repeated.left -= 1
        rest = repeated.left > 0 ? 0 : nil
        return true
    }

    private func takeMessage(_ bytes: UnsafeRawBufferPointer) throws(ScanFailure) {
        isRepeat = false
        let message: SyslogHeader.Part
        do throws(ScanFailure) {
            message =
                envelope == .syslog ? try SyslogHeader.message(bytes) : try SyslogHeader.untaggedMessage(bytes)
        } catch {
            // BSD's syslogd names no process then.
            guard envelope == .syslog, let untagged = try? SyslogHeader.untaggedMessage(bytes),
                let said = RepeatedMessage(untagged)
            else {
                isMessage = false
                throw error
            }
            return try take(said, bytes)
        }
        if let said = RepeatedMessage(message) { return try take(said, bytes) }
        line.removeAll(keepingCapacity: true)
        line.append(contentsOf: message)
        isMessage = true
    }

    private func take(_ said: RepeatedMessage, _ bytes: UnsafeRawBufferPointer) throws(ScanFailure) {
        guard isOutermost else { throw ScanFailure(reason: .repeatInside, offset: 0) }
        guard said.count <= RepeatedMessage.most else { throw ScanFailure(reason: .manyRepeats, offset: 0) }
        switch said.text {
        case .whole(let text): line = Array(text)
        case .beginning(let text) where isMessage && line.starts(with: text): break
        case nil where isMessage: break
        default: throw ScanFailure(reason: .unknownRepeat, offset: 0)
        }
        guard said.count > 0 else { throw ScanFailure(reason: .unknownRepeat, offset: 0) }
        (isMessage, isRepeat) = (true, true)
        repeated = (Array(bytes), said.count - 1)
        rest = repeated.left > 0 ? 0 : nil
    }

    // MARK: Journal

    private func takeJournal(_ bytes: UnsafeRawBufferPointer, _ number: Int64) -> Result {
        guard let message = journal.take(bytes, line: number) else { return .part }
        line = message.text
        return .line(first: message.line)
    }
}
