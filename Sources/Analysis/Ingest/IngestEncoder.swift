import Casefile
import LogRecords

/// Makes rows of the records that the readers send, and seals them, on a thread between theirs and the writer's.
struct IngestEncoder {
    private var encoder: EventEncoder
    private let known: ThreadInternCache
    /// Of the sources whose end has not come.
    private var seals: [Int64: SourceSeals] = [:]

    /// - Parameter known: for the names that a reader hands over.
    init(_ circumstances: DeliveryContextTable, _ known: ThreadInternCache) {
        encoder = EventEncoder(circumstances)
        self.known = known
    }

    /// Hands on what the readers send, in the same order, until they have finished or the writer has gone.
    mutating func run(
        from readers: BoundedChannel<[ReadingStep<RecordBatch>]>, to writer: BoundedChannel<[ReadingStep<EventRows>]>
    ) {
        while var rest = readers.take() {
            rest.reverse()
            var encoded: [ReadingStep<EventRows>] = []
            while !rest.isEmpty { encoded.append(encode(rest.removeLast())) }
            guard writer.put(encoded) else { break }
        }
        readers.close()
        writer.finish()
    }

    private mutating func encode(_ step: consuming ReadingStep<RecordBatch>) -> ReadingStep<EventRows> {
        switch step {
        case .began(let source):
            seals[source.id] = SourceSeals()
            return .began(source)
        case .batch(let source, var records, let rejects, let digests, let tags):
            // Nobody else has the records then, and they are changed where they lie.
            step = .finished([])
            records.settle(by: known)
            let rows = encoder.encode(records)
            seals[source]?.add(rows, rejects, digests, tags, of: source)
            return .batch(source: source, rows, rejects, digests, tags)
        case .finished(var sources):
            for index in sources.indices { sources[index].seals = seals.removeValue(forKey: sources[index].id) }
            return .finished(sources)
        case .noted(let source):
            return .noted(source)
        }
    }
}
