import Interning
import LogRecords

/// Asks one key whether the validators with which a cache asked the origin under it are of frames that were sent under it.
///
/// A cache asks with the validator of what it has stored (RFC 9111 section 4.3.1). A frame that came under another logged key
/// shows that the cache's own key, or that of a cache above without a log, is coarser than the logged one.
struct ValidatorAudit {
    private var sent: Set<SymbolID> = []
    private(set) var validators = 0
    /// The frames of those that had not been sent under the key.
    private(set) var foreign: [SymbolID] = []
    /// Whether something of the key is forgotten, so that a frame may have been sent under it all the same.
    private var isFull = false
    /// Frames of a key that are kept.
    private static let most = 4096

    /// Takes note of an answer of the origin; they come in order of time.
    mutating func add(_ fill: Fill) {
        if fill.validator.isPresent, !isFull {
            validators += 1
            if !sent.contains(fill.validator), foreign.count < Self.most { foreign.append(fill.validator) }
        }
        guard fill.frame.isPresent else { return }
        if sent.count < Self.most { sent.insert(fill.frame) } else if !sent.contains(fill.frame) { isFull = true }
    }
}
