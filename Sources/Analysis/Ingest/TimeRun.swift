/// Whether a log's time runs back by an hour from one line to the next, and goes on from there, as stamps in local time without a
/// zone do at the end of summer time.
struct TimeRun {
    /// What the source's reason says then.
    static let complaint = "the time runs back by an hour"
    private static let hour: Int64 = 3_600_000_000
    /// How long before the change the last line may have been written, microseconds.
    private static let pause: Int64 = 600_000_000
    /// Lines in a row that must be of the hour before; answers that took an hour are fewer.
    private static let fewest = 5

    private var latest = Int64.min
    /// Whether a line has an earlier stamp than one before it.
    private(set) var goesBack = false
    private var count = 0
    private var line: Int64 = 0
    private(set) var reason: String?

    /// Takes note of a line; they come in the order of the log, all of one kind.
    mutating func add(_ stamp: Int64, line number: Int64) {
        if stamp >= latest {
            (latest, count) = (stamp, 0)
        } else if reason == nil {
            addEarlier(by: latest - stamp, line: number)
        }
    }

    private mutating func addEarlier(by back: Int64, line number: Int64) {
        goesBack = true
        guard back > Self.hour - Self.pause, back <= Self.hour + 1_000_000 else {
            count = 0
            return
        }
        if count == 0 { line = number }
        count += 1
        if count == Self.fewest {
            reason = "\(Self.complaint) at line \(line): is it local time, and the zone changed?"
        }
    }
}
