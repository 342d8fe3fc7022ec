public import LogRecords

/// Puts events, which come key by key in order of their clocks' own times, in order of the corrected times.
///
/// Keeps what may still be passed by an event to come: one key's events within `Clocks.reach`.
public struct ReorderBuffer {
    private let reach: Int64
    private var key = SymbolID.absent
    /// In order of `time.earliest`; of equal times in order of arrival.
    private var waiting: [KeyEvent] = []
    /// How many of them have been handed on.
    private var done = 0

    public init(_ clocks: Clocks) { reach = clocks.reach }

    /// - Parameters:
    ///   - event: with its times corrected.
    ///   - earliest: as the event's own clock has it; never less than under the same key before.
    public mutating func add(_ event: KeyEvent, uncorrected earliest: Int64, to body: (KeyEvent) throws -> Void)
        rethrows
    {
        if event.key != key {
            try finish(to: body)
            key = event.key
        }
        var place = waiting.endIndex
        while place > done, waiting[place - 1].time.earliest > event.time.earliest { place -= 1 }
        waiting.insert(event, at: place)
        // No event to come is corrected to before this.
        let horizon = earliest - reach
        while done < waiting.count, waiting[done].time.earliest < horizon {
            try body(waiting[done])
            done += 1
        }
        if done > 1024, done * 2 > waiting.count {
            waiting.removeFirst(done)
            done = 0
        }
    }

    public mutating func finish(to body: (KeyEvent) throws -> Void) rethrows {
        for event in waiting[done...] { try body(event) }
        waiting.removeAll(keepingCapacity: true)
        done = 0
    }
}
