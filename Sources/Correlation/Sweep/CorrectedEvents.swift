public import LogRecords

extension KeyEvent {
    /// The event with its times on the reference's clock.
    public func corrected(by clocks: Clocks) -> KeyEvent {
        switch self {
        case .fill(var fill):
            fill.time = clocks.corrected(fill.time, fill.clock)
            return .fill(fill)
        case .purge(var purge):
            purge.time = clocks.corrected(purge.time, purge.clock)
            return .purge(purge)
        case .delivery(var delivery):
            delivery.time = clocks.corrected(delivery.time, delivery.clock)
            return .delivery(delivery)
        }
    }
}
