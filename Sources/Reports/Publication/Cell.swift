/// The certain exposures that share a value, and the accounts that they touch.
struct Cell {
    /// A day or a name; nil: the log names none.
    var value: String?
    private(set) var exposures = 0
    private(set) var owners: Set<Int64> = []
    private(set) var receivers: Set<Int64> = []

    /// - Parameter owner: nil if there are several possible ones.
    mutating func add(owner: Int64?, receiver: Int64) {
        exposures += 1
        if let owner { owners.insert(owner) }
        receivers.insert(receiver)
    }

    mutating func add(_ other: Cell) {
        exposures += other.exposures
        owners.formUnion(other.owners)
        receivers.formUnion(other.receivers)
    }

    /// Whether nobody in it stands among fewer than `k`, neither as the exposed nor as the receiving account.
    func hides(_ k: Int) -> Bool { owners.count >= k && receivers.count >= k }
}
