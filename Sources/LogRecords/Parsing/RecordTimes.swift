/// Reads the times on a line: when it was, how long its answer took, and how long a table's row held.
struct RecordTimes {
    private let fields: FieldReader
    private let profileNotation: TimeNotation?
    private var days = DayReader()
    private var notation: TimeNotation?
    /// Whether a number of seconds on a line may be counted from the server's start: in a text of its own, not in data.
    private let mayCountSeconds: Bool
    /// Whether the line whose time was read last says when its answer began, or how long it took.
    private(set) var saysLength = false

    init(_ fields: FieldReader, _ profile: Profile) {
        self.fields = fields
        if case .pattern = profile.syntax { mayCountSeconds = true } else { mayCountSeconds = false }
        (profileNotation, notation) = (profile.notation, profile.notation)
    }

    /// Forgets what a source's times told of the next ones.
    mutating func beginSource() { notation = profileNotation }

    mutating func time(_ line: FieldReader.Line) throws(RejectReason) -> EventTime {
        guard let bytes = fields.value(.time, line) else { throw .noTime }
        guard let stamp = stamp(bytes), Self.times.contains(stamp.microseconds) else {
            throw mayCountSeconds && Self.countsSeconds(bytes) ? .sinceStart : .badTime
        }
        // Nearly all stamps are later.
        if mayCountSeconds, stamp.microseconds < 1_000_000_000_000_000, Self.countsSeconds(bytes) { throw .sinceStart }
        saysLength = true
        if let bytes = fields.value(.started, line), let start = self.stamp(bytes),
            start.microseconds <= stamp.microseconds
        {
            return EventTime(
                stamp: stamp.microseconds, earliest: start.microseconds, latest: stamp.latest, begunBy: start.latest)
        }
        guard let duration = fields.duration(.duration, line) else {
            saysLength = false
            return EventTime(stamp: stamp.microseconds, earliest: stamp.microseconds, latest: stamp.latest)
        }
        let unknown = duration.resolution - 1
        if fields.maps[line.map].marksStart {
            return EventTime(
                stamp: stamp.microseconds, earliest: stamp.microseconds,
                latest: stamp.latest + duration.microseconds + unknown, begunBy: stamp.latest)
        }
        return EventTime(
            stamp: stamp.microseconds, earliest: stamp.microseconds - duration.microseconds - unknown,
            latest: stamp.latest, begunBy: stamp.latest - duration.microseconds)
    }

    /// When a log can be from: 2000 to 2069. Any other stamp is a clock's that was not set, a number that counts from another
    /// beginning (NTP's seconds since 1900), or of another calendar.
    private static let times: Range<Int64> = CivilTime.year2000..<3_155_760_000_000_000

    /// Whether a stamp is a number of seconds that is none since 1970: nine digits end in 2001, which no log of these servers is
    /// from. coturn has a colon behind it.
    private static func countsSeconds(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let whole = bytes.prefix { $0 &- 48 < 10 }
        guard (1...9).contains(whole.count) else { return false }
        let rest = bytes[whole.endIndex...]
        if rest.first == UInt8(ascii: ".") { return rest.dropFirst().allSatisfy { $0 &- 48 < 10 } }
        return rest.allSatisfy { $0 == UInt8(ascii: ":") || $0 == 0x20 }
    }

    private mutating func stamp(_ bytes: UnsafeRawBufferPointer) -> Timestamp? {
        notation == nil ? days.stamp(bytes) ?? Timestamp(bytes: bytes) : notation?.stamp(bytes)
    }

    /// The time in which a row of a table held: what could be read of it, which ends could not, and why.
    func interval(_ line: FieldReader.Line) -> (Validity, OpenEnds, RejectReason?) {
        var (times, openEnds): (Validity, OpenEnds) = (Validity(), [])
        if let from = fields.value(.from, line), !TableTime.isAbsent(from) {
            times.from = TableTime.microseconds(from, isEnd: false)
            if times.from == nil { openEnds.insert(.from) }
        }
        if let until = fields.value(.until, line), !TableTime.isAbsent(until) {
            times.until = TableTime.microseconds(until, isEnd: true)
            if times.until == nil { openEnds.insert(.until) }
        }
        if !openEnds.isEmpty { return (times, openEnds, .badTime) }
        if let from = times.from, let until = times.until, until < from { return (times, .both, .emptyInterval) }
        return (times, [], nil)
    }
}
