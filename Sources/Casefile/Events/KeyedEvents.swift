public import LogRecords

/// Events under a few keys, put in order of key and time in memory.
public struct KeyedEvents: Sendable {
    /// What orders them; of equal ones, what changes an entry comes before what reads it.
    private struct Place: Sendable {
        var key: SymbolID
        var earliest: Int64
        var kind: UInt8
        var tieBreak: Int64
        var index: Int32
    }

    /// Beyond so many, memory is not the place for them.
    private static let most = 400_000
    private var places: [Place] = []
    private var events: [KeyEvent] = []
    private(set) var areTooMany = false

    mutating func add(_ event: KeyEvent, tieBreak: Int64) {
        if areTooMany { return }
        if events.count == Self.most {
            areTooMany = true
            (places, events) = ([], [])
            return
        }
        let kind: UInt8 =
            switch event {
            case .fill: 0
            case .purge: 1
            case .delivery: 2
            }
        places.append(
            Place(
                key: event.key, earliest: event.time.earliest, kind: kind, tieBreak: tieBreak,
                index: Int32(events.count)))
        events.append(event)
    }

    /// The events in two parts, each key's in one of them.
    public func halves() -> (KeyedEvents, KeyedEvents) {
        var (one, other) = (self, self)
        (one.places, other.places) = ([], [])
        for place in places {
            // The low bits of a name's number alone are not spread evenly.
            if (place.key.rawValue &* -0x61c8_8647) >> 16 & 1 == 0 {
                one.places.append(place)
            } else {
                other.places.append(place)
            }
        }
        return (one, other)
    }

    /// Calls `body` with the events, key by key, under each key in order of `time.earliest`.
    public mutating func each(_ body: (KeyEvent) throws -> Void) rethrows {
        places.sort { a, b in
            if a.key != b.key { return a.key < b.key }
            return (a.earliest, a.kind, a.tieBreak) < (b.earliest, b.kind, b.tieBreak)
        }
        for place in places { try body(events[Int(place.index)]) }
    }
}
