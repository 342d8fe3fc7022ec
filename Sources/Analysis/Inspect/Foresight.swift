import Correlation
import LogBytes
import LogRecords

/// What the first lines of a dump's logs tell of the assumptions that its counts would rest on.
struct Foresight {
    private let limits: Limits
    private let nodeFromPath: NodeFromPath?
    private var figures = Ledger.Figures()
    private var hasDeliveries = false
    private var logsWithoutNode = 0

    private struct Enough: Error {}
    /// Lines of a file, and files of a profile.
    private static let (most, mostFiles) = (2000, 8)

    init(limits: Limits, nodeFromPath: NodeFromPath?) {
        (self.limits, self.nodeFromPath) = (limits, nodeFromPath)
    }

    /// Takes note of the files of one profile, and reads the beginnings of some.
    mutating func add(_ files: [FoundFile], _ profile: Profile) {
        guard profile.isLog else {
            if profile.name.hasPrefix("directory-grants") { figures.hasGrants = true }
            if profile.name.hasPrefix("directory-accounts") { figures.hasAccounts = true }
            return
        }
        for file in files.prefix(Self.mostFiles) {
            let known = figures.withoutNode
            read(file, profile)
            if figures.withoutNode > known { logsWithoutNode += 1 }
        }
    }

    private mutating func read(_ file: FoundFile, _ profile: Profile) {
        guard let open = try? LogFile(file, limits: limits) else { return }
        let names = StringInterner()
        _ = try? open.forEachMember { member in
            var parser = LineParser(profile: profile, known: ThreadInternCache(names))
            parser.beginSource(
                node: nodeFromPath.flatMap { $0.node(of: member.name ?? file.name) ?? $0.node(of: file.name) })
            var batch = RecordBatch()
            var lines = 0
            member.forEachLine { bytes, line in
                _ = parser.parse(bytes, id: EventID(source: 1, line: Int64(line.number)), into: &batch)
                lines += 1
                return lines < Self.most
            }
            parser.settle(&batch)
            note(batch, names)
            if lines == Self.most { throw Enough() }
        }
    }

    private mutating func note(_ batch: RecordBatch, _ names: StringInterner) {
        if !batch.fills.isEmpty { figures.tellsFills = true }
        for delivery in batch.deliveries where delivery.content == .frame {
            figures.deliveries += 1
            if delivery.cacheStatus.asksOrigin { figures.fetches += 1 }
            if delivery.cacheStatus == .unknown {
                if delivery.cacheWord.isPresent {
                    figures.unknownVerdicts[names.text(delivery.cacheWord), default: 0] += 1
                } else {
                    figures.withoutVerdict += 1
                }
            }
            if delivery.flags.contains(.startUnknown) { figures.startUnknown += 1 }
            if delivery.flags.contains(.mayBeRepeat) { figures.mayBeRepeats += 1 }
            if !delivery.node.isPresent { figures.withoutNode += 1 }
        }
    }

    /// What is open already, a sentence each; nothing where no answer was met.
    func open(_ statements: Ledger.Statements) -> [LedgerEntry] {
        guard figures.deliveries > 0 else { return [] }
        let told: Set<Assumption> = [.fillLogWhole, .durationsKnown, .verdictsKnown, .accountsKnown, .rightsKnown]
        var open = Ledger(figures, statements).entries.filter {
            told.contains($0.assumption) && $0.status != .held && $0.status != .stated
                // That there are fills, the first lines show; whether there is one for each fetch, all.
                && ($0.assumption != .fillLogWhole || !figures.tellsFills)
        }
        if logsWithoutNode > 1, !statements.isOneCache {
            open.append(
                LedgerEntry(
                    .oneCachePerLog, .untestable, checked: logsWithoutNode,
                    "\(logsWithoutNode) logs have lines that name no node: state --node-from-path if their paths do, or --one-cache if one cache wrote them."
                ))
        }
        return open
    }
}
