/// One thing that goes wrong at one call of the tool to the operating system; `faults.c` makes it so.
struct Fault: CustomStringConvertible, Sendable {
    /// Whose bytes the call is about.
    enum Files: String, Sendable, CaseIterable {
        case `case`, reports, dump, scratch
    }

    enum Action: String, Sendable {
        /// The program ends before the call, or after half of a write.
        case kill, torn
        /// A signal comes; the call works.
        case term, int
        /// From now on there is no room, or nothing of these files can be read or written.
        case enospc, gone
        /// This call fails.
        case eio
        /// This call does half of what it was asked to.
        case short
        /// From now on files of these cannot be opened for writing.
        case erofs
        /// From now on reading comes to an end.
        case eof
        /// The file loses its second half, or its name.
        case cut, unlink
    }

    var files: Files
    /// Letters of open, read, write, sync, truncate and rename: o r w s t n.
    var calls: String
    var action: Action
    /// Which of these calls, from 1.
    var place: Int

    init(_ files: Files, _ calls: String, _ action: Action, at place: Int) {
        (self.files, self.calls, self.action, self.place) = (files, calls, action, place)
    }

    var description: String { "\(action) at call \(place) of '\(calls)' on \(files)" }

    /// What is tried at every call of a stage.
    static let kinds: [(files: Files, calls: String, actions: [Action])] = [
        (.case, "orwst", [.kill, .eio, .gone]), (.case, "w", [.torn, .enospc, .short, .term]),
        (.case, "r", [.int, .short]),
        (.case, "o", [.erofs]),
        (.reports, "owsn", [.kill, .eio]), (.reports, "w", [.torn, .enospc, .short, .int]), (.reports, "o", [.erofs]),
        (.dump, "or", [.kill, .eio, .gone]), (.dump, "r", [.short, .eof, .cut, .unlink, .term]),
        (.scratch, "rw", [.kill, .eio]), (.scratch, "w", [.enospc, .short]),
    ]
}
