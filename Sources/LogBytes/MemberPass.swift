/// One pass over the members of a file; remembers what became of each.
struct MemberPass {
    let unwrapping: Unwrapping
    let lineBuffer: LineBuffer

    private(set) var members: [MemberOutcome] = []
    private(set) var skipped: [SkippedEntry] = []
    private(set) var damage: Damage?
    /// Of all containers in the file.
    private var entries = 0

    init(unwrapping: Unwrapping, lineBuffer: LineBuffer) {
        self.unwrapping = unwrapping
        self.lineBuffer = lineBuffer
    }

    /// Lends the file itself, or the members of the container that appeared in it.
    mutating func read(_ core: Unwrapping.Core, _ body: (inout LogMember) throws -> Void) rethrows {
        guard let container = core.container else {
            return try lend(core.bytes, name: nil, packing: Packing(file: core.layers), body)
        }
        let packing = Packing(file: core.layers, container: container)
        let bytes = ContainerEnd(container, core.bytes)
        var reader: ContainerReader?
        if container == .sevenZip, core.layers.isEmpty, let again = unwrapping.found.openAgain() {
            // Hashed first, so that the limits know how much there is.
            _ = bytes.drain(through: lineBuffer.bytes)
            reader = ContainerReader(sevenZip: again)
        } else {
            do throws(Damage) { reader = try self.reader(of: container, bytes) } catch { damage = error }
        }
        while let reader, let entry = nextEntry(of: reader) {
            switch entry {
            case .file(let name, let bytes):
                try readEntry(bytes, name: name, packing: packing, body)
            case .unreadable(let name, let damage):
                refuse(name: name, packing: packing, damage)
            case .skipped(let entry):
                skipped.append(entry)
            }
        }
        // Only its end tells whether the compression around the container is whole.
        let rest = bytes.drain(through: lineBuffer.bytes) ?? bytes.trailingData
        if let rest, damage == nil, !members.contains(where: { $0.damage == rest }) { damage = rest }
    }

    /// A reader of a container that is compressed again or inside another.
    private func reader(of container: Container, _ bytes: any ByteSource) throws(Damage) -> ContainerReader {
        if container == .sevenZip {
            return ContainerReader(sevenZip: try Spool.descriptor(of: bytes, through: lineBuffer.bytes))
        }
        return ContainerReader(container, from: bytes, chunkBytes: unwrapping.chunkBytes)
    }

    private mutating func nextEntry(of reader: ContainerReader) -> ContainerReader.Entry? {
        var end: Damage?
        let entry = next(of: reader, &end)
        // Damage that cut the last member short meets the container again.
        if let end, members.last?.damage != end { damage = end }
        return entry
    }

    private mutating func next(of reader: ContainerReader, _ end: inout Damage?) -> ContainerReader.Entry? {
        do throws(Damage) {
            guard let entry = try reader.next() else { return nil }
            entries += 1
            guard entries <= unwrapping.limits.maxEntries else {
                throw Damage(
                    kind: .limit, offset: unwrapping.found.position,
                    message: "more than \(unwrapping.limits.maxEntries) entries")
            }
            return entry
        } catch {
            end = error
            return nil
        }
    }

    private mutating func readEntry(
        _ entry: EntryBytes, name: String, packing: Packing, _ body: (inout LogMember) throws -> Void
    ) rethrows {
        let limited = OutputLimit(entry, of: unwrapping.found, limits: unwrapping.limits)
        let core = unwrapping.unwrap(limited)
        let packing = Packing(
            file: packing.file, container: packing.container, member: core.layers, inner: core.container)
        if core.container == nil {
            try lend(core.bytes, name: name, packing: packing, body)
        } else {
            try readInner(core, name: name, packing: packing, body)
        }
    }

    /// Lends the members of a container inside a container; what is a container there in turn is not opened.
    private mutating func readInner(
        _ core: Unwrapping.Core, name: String, packing: Packing, _ body: (inout LogMember) throws -> Void
    ) rethrows {
        guard let container = core.container else { return }
        let bytes = ContainerEnd(container, core.bytes)
        let reader: ContainerReader
        do throws(Damage) {
            reader = try self.reader(of: container, bytes)
        } catch {
            return refuse(name: name, packing: packing, error)
        }
        let before = members.count
        var end: Damage?
        while let entry = next(of: reader, &end) {
            switch entry {
            case .file(let inner, let bytes):
                try readInnermost(bytes, name: "\(name)/\(inner)", packing: packing, body)
            case .unreadable(let inner, let damage):
                refuse(name: "\(name)/\(inner)", packing: packing, damage)
            case .skipped(let entry):
                skipped.append(SkippedEntry(name: "\(name)/\(entry.name)", reason: entry.reason))
            }
        }
        for damage in [end, bytes.drain(through: lineBuffer.bytes) ?? bytes.trailingData].compactMap(\.self)
        where !members[before...].contains(where: { $0.damage == damage }) {
            refuse(name: name, packing: packing, damage)
        }
    }

    private mutating func readInnermost(
        _ entry: EntryBytes, name: String, packing: Packing, _ body: (inout LogMember) throws -> Void
    ) rethrows {
        let core = unwrapping.unwrap(OutputLimit(entry, of: unwrapping.found, limits: unwrapping.limits))
        let packing = Packing(
            file: packing.file, container: packing.container, member: packing.member, inner: packing.inner,
            innerMember: core.layers)
        guard core.container == nil else {
            let message = "a container in a container in a container is not opened"
            return refuse(
                name: name, packing: packing,
                Damage(kind: .unsupported, offset: entry.fileOffset(unread: 0), message: message))
        }
        try lend(core.bytes, name: name, packing: packing, body)
    }

    private mutating func lend(
        _ bytes: any ByteSource, name: String?, packing: Packing, _ body: (inout LogMember) throws -> Void
    ) rethrows {
        let head = Lookahead(bytes, count: JSONValues.headBytes)
        let order = UTF16Decoder.ByteOrder(head.head)
        let text =
            order.map { UTF16Decoder(head, order: $0, chunkBytes: unwrapping.chunkBytes) }
            .map { Lookahead($0, count: JSONValues.headBytes) } ?? head
        let source: any ByteSource =
            JSONValues.begins(text.head)
            ? JSONValues(text, head: text.head, chunkBytes: unwrapping.chunkBytes) : text
        let ahead = ReadAhead(source, chunkBytes: unwrapping.chunkBytes)
        // What holds the member goes on with the same bytes.
        defer { ahead.stop() }
        let reader = LineReader(ahead, through: lineBuffer, maxLineBytes: unwrapping.limits.maxLineBytes)
        var member = LogMember(name: name, packing: packing, reader: reader)
        try body(&member)
        members.append(
            MemberOutcome(
                name: name, packing: packing, decodedBytes: reader.decodedBytes, lines: reader.lines,
                skippedNULs: reader.skippedNULs, reachedEnd: reader.reachedEnd, damage: reader.damage))
    }

    private mutating func refuse(name: String, packing: Packing, _ damage: Damage) {
        members.append(
            MemberOutcome(
                name: name, packing: packing, decodedBytes: 0, lines: 0, skippedNULs: 0, reachedEnd: false,
                damage: damage))
    }
}
