import Casefile
import Correlation
import GRDB
import LogRecords

/// Makes lines as they are compared with those of other logs of deliveries that are asked for source by source.
struct AnswerLineReader {
    private let db: Database
    private let reader: EventReader
    private let namesClients: Bool
    private var source: Int64?
    private var columns: (address: LineTags.Column, device: LineTags.Column)?
    /// By log: what the digits of its stamps leave open, microseconds, where they mark the ends of answers.
    private var resolutions: [Int32: Int64] = [:]

    init(_ db: Database, _ reader: EventReader) throws {
        (self.db, self.reader) = (db, reader)
        namesClients = try LineTags.exist(db, of: [.address, .device])
    }

    /// - Parameter request: what stands for the request's id; 0 if the line names none.
    mutating func line(_ delivery: Delivery, log: Int32, request: UInt64 = 0) throws -> AnswerLine {
        var line = AnswerLine(delivery, log: log, tieBreak: reader.tieBreak(delivery.id), request: request)
        if namesClients {
            if source != delivery.id.source {
                source = delivery.id.source
                columns = (
                    try LineTags.Column(.address, of: delivery.id.source, db),
                    try LineTags.Column(.device, of: delivery.id.source, db)
                )
            }
            line.address = columns?.address.digest(ofLine: delivery.id.line) ?? 0
            line.device = columns?.device.digest(ofLine: delivery.id.line) ?? 0
        }
        if let resolution = resolutions[log] { line.roundEnd(to: resolution) }
        return line
    }

    /// Learns how many digits the stamps of a log have, and gives its lines the ends that these would say.
    mutating func learnResolution(of lines: inout [AnswerLine]) {
        guard let log = lines.first?.log, let resolution = AnswerLine.resolution(of: lines) else { return }
        resolutions[log] = resolution
        for index in lines.indices { lines[index].roundEnd(to: resolution) }
    }
}
