import Chance
import Foundation

/// A log as its server writes it and an operator looks after it: it grows, is rotated, compressed, copied and cut, and at
/// random moments somebody collects what lies there.
struct LogHistory {
    private var chance: Chance
    private let scratch: Scratch
    private let folder: String
    private let node: String
    /// Every line that was written, once.
    private(set) var written: [String] = []
    /// What the live file holds.
    private var live: [String] = []
    private var copies = 0
    /// Whether the live file ends with lines that came again.
    private var endsAgain = false

    init(_ node: String, in folder: String, of scratch: Scratch, seed: UInt64) {
        chance = Chance(seed: seed)
        (self.node, self.folder, self.scratch) = (node, folder, scratch)
    }

    private var name: String { "\(folder)/\(node).log" }

    /// Some steps of its life.
    mutating func goOn() throws {
        for _ in 0...chance.below(4) {
            switch chance.below(9) {
            case 0: try rotate(overlap: 0)
            case 1: try rotate(overlap: chance.below(6) + 3)
            case 2: try compress()
            case 3: try copy()
            case 4: try resend()
            default: try grow(by: chance.below(12) + 1)
            }
        }
    }

    private mutating func grow(by count: Int) throws {
        for _ in 0..<count {
            let step = written.count
            let second = step / 50
            let time = "2019-12-26T10:\(20 + second / 60):\(10 + second % 50).\(100 + step % 50 * 17)000Z"
            let requester = chance.one(in: 2) ? "alice" : "bob"
            let line =
                #"{"ts":"\#(time)","node":"\#(node)","requester":"\#(requester)","camera":"cam-a","key":"slot/1","#
                + #""cache":"HIT","status":200,"bytes":\#(1000 + chance.below(5))}"# + "\n"
            // The same answer twice within the clock's tick is two answers.
            let times = chance.one(in: 12) && written.last != line ? 2 : 1
            for _ in 0..<times {
                written.append(line)
                live.append(line)
            }
        }
        endsAgain = false
        try scratch.write(name, live.joined())
    }

    /// A collector that had no answer writes a part of the log again.
    private mutating func resend() throws {
        guard live.count > 8 else { return }
        let part = live.dropFirst(chance.below(live.count - 8)).prefix(4 + chance.below(8))
        // Fewer different lines may be alike by chance.
        guard Set(part.prefix(4)).count > 2 else { return }
        live += part
        endsAgain = true
        try scratch.write(name, live.joined())
    }

    /// Renames the live file, as logrotate does; what follows may begin with the last lines again, as after `copytruncate`.
    private mutating func rotate(overlap: Int) throws {
        if live.isEmpty { return }
        // A part that came again and of which a file has few lines is taken for other answers.
        let overlap = endsAgain ? 0 : overlap
        let pattern = "for n in 6 5 4 3 2 1; do for end in '' .gz .zst; do f=\(node).log.$n$end;"
        try scratch.write(name, live.joined())
        try scratch.shell(
            "cd \(folder); \(pattern) if [ -e $f ]; then mv $f \(node).log.$((n+1))$end; fi; done; done; mv \(node).log \(node).log.1"
        )
        endsAgain = false
        live = overlap > 0 && Set(live.suffix(overlap)).count > 1 ? Array(live.suffix(overlap)) : []
        if !live.isEmpty { try scratch.write(name, live.joined()) }
    }

    /// Compresses a rotated file, which may be left beside its compressed copy.
    private mutating func compress() throws {
        let number = chance.below(3) + 1
        let command = ["gzip", "gzip -k", "zstd -q --rm", "zstd -q"][chance.below(4)]
        try scratch.shell(
            "cd \(folder); f=\(node).log.\(number); [ ! -e $f ] || [ -e $f.gz ] || [ -e $f.zst ] || \(command) $f")
    }

    /// Somebody keeps a copy of the live file, or of a part of it: its end may be in the middle of a line, or of a gzip stream.
    private mutating func copy() throws {
        if live.isEmpty { return }
        copies += 1
        let copy = "\(folder)/\(node).copy\(copies)"
        let text = live.joined()
        switch chance.below(5) {
        case 0: try scratch.write(copy, String(text.prefix(text.count - chance.below(60))))
        case 1:
            try scratch.write(copy, text)
            try scratch.shell(
                "gzip \(copy); head -c \(40 + chance.below(200)) \(copy).gz > \(copy).cut.gz; rm \(copy).gz")
        case 2: try scratch.write(copy, live.prefix(chance.below(live.count) + 1).joined())
        case 3: try scratch.shell("cp \(folder)/\(node).log \(copy); zstd -q --rm \(copy)")
        default: try scratch.shell("cp \(folder)/\(node).log \(copy)")
        }
    }
}
