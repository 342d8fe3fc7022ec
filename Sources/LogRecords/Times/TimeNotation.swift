internal import Foundation

/// Reads stamps that leave out what everybody at the server knew, the zone or the year, or that are written in a way of their own.
///
/// An hour that a zone had twice, when summer time ended, stays open: the stamp stands for both.
struct TimeNotation: Sendable {
    /// Whose local time stamps without an offset are.
    private let zone: TimeZone?
    /// The year of the last stamp; at first that of the file's beginning.
    private var year: Int?
    /// How the stamps are written, if not in one of the usual notations.
    private let format: TimeFormat?
    private var lastMonth: Int?
    /// The offsets that the local hour read last can have had, seconds east of Greenwich.
    private var offsets: (hour: Int64, seconds: [Int64])?

    init(zone: TimeZone?, year: Int?, format: TimeFormat? = nil) {
        self.zone = zone
        self.format = format
        self.year = year
    }

    /// - Returns: nil for an unknown zone.
    static func zone(named name: String) -> TimeZone? { TimeZone(identifier: name) }

    mutating func stamp(_ bytes: UnsafeRawBufferPointer) -> Timestamp? {
        let found = format.map { $0.read(bytes) } ?? (Timestamp.read(bytes) ?? withoutYear(bytes))
        guard let written = found else { return nil }
        guard written.isLocal, let zone else { return written.stamp }
        return utc(written.stamp, in: zone)
    }

    // MARK: Zone

    private mutating func utc(_ local: Timestamp, in zone: TimeZone) -> Timestamp {
        let hour = local.microseconds / 3_600_000_000
        let known = offsets.flatMap { $0.hour == hour ? $0.seconds : nil } ?? Self.offsets(of: local, in: zone)
        // A zone may turn its clock within an hour (Lord Howe by half of one), so only hours far from that are kept.
        offsets = known.count == 1 && Self.isSteady(around: local, in: zone) ? (hour, known) : nil
        let moments = known.map { local.microseconds - $0 * 1_000_000 }
        let first = moments.min() ?? local.microseconds
        let last = moments.max() ?? first
        return Timestamp(microseconds: first, resolution: last - first + local.resolution)
    }

    /// The offsets that the zone's clock can have had when it showed that time: two when it was turned back over it, the
    /// one before when it was turned forward past it.
    private static func offsets(of local: Timestamp, in zone: TimeZone) -> [Int64] {
        let seconds = local.microseconds / 1_000_000
        let (before, after) = (offset(seconds - 86_400, zone), offset(seconds + 86_400, zone))
        let fitting = Set([before, after]).filter { offset(seconds - $0, zone) == $0 }
        return fitting.isEmpty ? [before] : fitting.sorted()
    }

    private static func isSteady(around local: Timestamp, in zone: TimeZone) -> Bool {
        let seconds = local.microseconds / 1_000_000
        return offset(seconds - 86_400, zone) == offset(seconds + 86_400, zone)
    }

    private static func offset(_ seconds: Int64, _ zone: TimeZone) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }

    // MARK: Year

    /// `Dec 26 09:12:57` (RFC 3164 section 4.1.2). A December after a January is the year before's, and a January after
    /// a December the next one's.
    private mutating func withoutYear(_ bytes: UnsafeRawBufferPointer) -> (stamp: Timestamp, isLocal: Bool)? {
        guard var year, let month = Timestamp.month(ofStampWithoutYear: bytes) else { return nil }
        if let lastMonth {
            if month < lastMonth - 6 { year += 1 }
            if month > lastMonth + 6 { year -= 1 }
        }
        guard let stamp = Timestamp(bytes: bytes, year: year) else { return nil }
        (self.year, lastMonth) = (year, month)
        return (stamp, true)
    }
}
