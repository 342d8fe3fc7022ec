public import Interning

/// Something that happened under a cache key.
public enum KeyEvent: Sendable {
    case fill(Fill)
    case purge(Purge)
    case delivery(Delivery)

    public var key: SymbolID {
        switch self {
        case .fill(let fill): fill.key
        case .purge(let purge): purge.key
        case .delivery(let delivery): delivery.key
        }
    }

    public var time: EventTime {
        switch self {
        case .fill(let fill): fill.time
        case .purge(let purge): purge.time
        case .delivery(let delivery): delivery.time
        }
    }
}
