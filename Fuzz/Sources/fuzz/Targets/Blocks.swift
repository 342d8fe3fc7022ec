import Interning
import LogBytes
import LogRecords

/// Blocks of records that the stages of a job hand to each other: as lines, and as bodies whose checksum would fit.
enum Blocks {
    /// The first byte says which of the two an input is, and of a body how many records it is said to have.
    static func read(_ input: [UInt8]) {
        guard let first = input.first else { return }
        let rest = Array(input.dropFirst())
        var body = rest
        var count = Int(first)
        if first == 0 {
            let header = try? rest.withUnsafeBytes { bytes throws(BlockProblem) in
                try BlockUnpacker().unpack(bytes.bytes, into: &body)
            }
            guard let header else { return }
            count = header.rows
        }
        let names = StringInterner()
        for type in [ExchangeType.delivery, .fill, .frameUse] {
            guard let block = try? RecordBlock(type, count: count, body, names) else { return }
            for row in 0..<min(count, 512) {
                block.row = row
                read(block)
            }
        }
    }

    private static func read(_ block: RecordBlock) {
        for field in ExchangeField.allCases { _ = (block.number(field), block.hasAny(field)) }
        let id = EventID(source: 0, line: 1)
        if let delivery = try? block.delivery(id) {
            precondition(delivery.time.earliest.addingReportingOverflow(delivery.time.latest).overflow == false)
        }
        _ = (try? block.fill(id), try? block.purge(id), try? block.rollout(id), try? block.earliest())
        _ = (try? block.account(id), try? block.camera(id), try? block.grant(id), try? block.reject(id))
        _ = (block.place(), block.group(), block.groupText())
        _ = try? block.word(.certainty, [0, 1], ["certain", "possible"])
    }
}
