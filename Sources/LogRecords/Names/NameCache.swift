#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The names that one reading thread met lately, so that a name which comes again is found in one place of memory and
/// without a lock; the rest are numbered by the case's tables.
///
/// A name falls into one of two places by its hash; of three names for two places, the one met longer ago gives way.
/// Many names are looked up together: `request` gives a *ticket*, a negative number, and `resolve` tells what each stands
/// for. The look-ups of a bundle do not wait for each other's memory, as those of one line after the other would.
public final class NameCache {
    private struct Entry {
        /// Its count is 0 where there is none.
        var name: ShortName
        var number: NameID
    }
    private struct Request {
        var name: ShortName
        var place: Int
    }

    let names: NameTable
    let frames: NameTable
    private let setBits: UInt64
    private let entries: UnsafeMutablePointer<Entry>
    /// Room for `mostRequests`; plain memory, because it is written for every name of every line.
    private let requests: UnsafeMutablePointer<Request>
    private let pending: UnsafeMutablePointer<Int32>
    /// By ticket, while they are resolved.
    private var numbers: [NameID] = []
    private var missed: [NameTable.Missed] = []
    private var missedFrames: [NameTable.Missed] = []
    /// What was read ahead last; kept so that the reading is not left out as useless.
    private var touched: UInt32 = 0

    /// - Parameters:
    ///   - names: where the texts of this case are numbered.
    ///   - frames: where frame ids are; nil: among the other texts.
    ///   - setBits: there is room for 2 << setBits names, 48 bytes each. 17 hold the accounts, cameras and keys that a
    ///     node is busy with.
    public init(_ names: NameTable, frames: NameTable? = nil, setBits: Int = 17) {
        self.names = names
        self.frames = frames ?? names
        self.setBits = UInt64(setBits)
        let capacity = 2 << setBits
        let byteCount = capacity * MemoryLayout<Entry>.stride
        // Large pages, where the system has them: every name is somewhere else, and small pages cost a second miss.
        let isLarge = byteCount >= 2 << 20
        let storage = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: isLarge ? 2 << 20 : 64)
        #if os(Linux)
            if isLarge { madvise(storage, byteCount, MADV_HUGEPAGE) }
        #endif
        memset(storage, 0, byteCount)
        entries = storage.bindMemory(to: Entry.self, capacity: capacity)
        requests = .allocate(capacity: Self.mostRequests)
        pending = .allocate(capacity: 1)
        pending.initialize(to: 0)
    }

    deinit {
        entries.deallocate()
        requests.deallocate()
        pending.deallocate()
    }

    // MARK: Look-ups

    /// The number of the UTF-8 text in `bytes`.
    func intern(_ bytes: UnsafeRawBufferPointer, isFrame: Bool = false) -> NameID {
        let table = isFrame ? frames : names
        guard let name = ShortName(bytes, isFrame: isFrame) else { return table.intern(bytes) }
        let place = place(of: name)
        if let known = known(name, at: place) { return known }
        let number = table.intern(bytes)
        keep(name, number, at: place)
        return number
    }

    /// A ticket for the number of the UTF-8 text in `bytes`; the number itself for a long or an empty text.
    func request(_ bytes: UnsafeRawBufferPointer, isFrame: Bool = false) -> NameID {
        let count = pending.pointee
        guard count < Self.mostRequests, let name = ShortName(bytes, isFrame: isFrame) else {
            return intern(bytes, isFrame: isFrame)
        }
        (requests + Int(count)).initialize(to: Request(name: name, place: place(of: name)))
        pending.pointee = count + 1
        return NameID(rawValue: -count - 1)
    }

    /// Gives up all tickets, whose names nobody needs.
    func forget() { pending.pointee = 0 }

    /// How many tickets there can be.
    static let mostRequests = 1024

    /// How many tickets there are.
    var requested: Int { Int(pending.pointee) }

    /// Finds what the tickets stand for, the first of which is -1; there are none afterwards.
    ///
    /// - Parameter body: gets a function that knows the number for each ticket; what is none stays as it is.
    func resolve(_ body: ((NameID) -> NameID) -> Void) {
        let requests = UnsafeBufferPointer(start: requests, count: requested)
        var sum: UInt32 = 0
        for request in requests {
            let first = entries + request.place
            sum &+= UInt32(truncatingIfNeeded: first.pointee.name.count &+ (first + 1).pointee.name.count)
        }
        touched = sum
        var (numbers, missed, missedFrames) = (numbers, missed, missedFrames)
        (self.numbers, self.missed, self.missedFrames) = ([], [], [])
        numbers.removeAll(keepingCapacity: true)
        missed.removeAll(keepingCapacity: true)
        missedFrames.removeAll(keepingCapacity: true)
        for (index, request) in requests.enumerated() {
            let known = known(request.name, at: request.place)
            numbers.append(known ?? .absent)
            if known != nil { continue }
            let miss = NameTable.Missed(request.name, index)
            if request.name.isFrame { missedFrames.append(miss) } else { missed.append(miss) }
        }
        names.intern(&missed)
        frames.intern(&missedFrames)
        for all in [missed, missedFrames] {
            for miss in all {
                numbers[miss.index] = miss.number
                keep(miss.name, miss.number, at: requests[miss.index].place)
            }
        }
        pending.pointee = 0
        numbers.withUnsafeBufferPointer { numbers in
            body { $0.rawValue < 0 ? numbers[-1 - Int($0.rawValue)] : $0 }
        }
        (self.numbers, self.missed, self.missedFrames) = (numbers, missed, missedFrames)
    }

    @inline(__always)
    private func place(of name: ShortName) -> Int { 2 * Int(name.spread >> (64 - setBits)) }

    /// The number of a name, if one of its two places has it; it is the one met last then.
    @inline(__always)
    private func known(_ name: ShortName, at place: Int) -> NameID? {
        let first = entries + place
        if first.pointee.name == name { return first.pointee.number }
        let second = first + 1
        guard second.pointee.name == name else { return nil }
        swap(&first.pointee, &second.pointee)
        return first.pointee.number
    }

    private func keep(_ name: ShortName, _ number: NameID, at place: Int) {
        let first = entries + place
        (first + 1).pointee = first.pointee
        first.pointee = Entry(name: name, number: number)
    }
}
