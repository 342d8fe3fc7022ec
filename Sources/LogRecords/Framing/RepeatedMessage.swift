/// A line in which a syslog daemon says that a message came again and again, instead of writing it each time.
///
/// Each time it came is a message of its own, beside the one that was written (rsyslog, `$RepeatedMsgReduction`; BSD's
/// syslogd): a server that logs ten answers by ten lines alike is then quoted as one line and `repeated 9 times`.
struct RepeatedMessage {
    /// How often the message came beside the one that was written before.
    var count: Int
    /// The message, or how it begins; nil: the one before.
    var text: Text?

    enum Text {
        case whole(SyslogHeader.Part)
        case beginning(SyslogHeader.Part)
    }

    /// rsyslog quotes so many bytes of a message at most.
    private static let mostQuoted = 800
    /// More of one line are not believed: daemons write what they hold back every few minutes.
    static let most = 10_000

    /// - Parameter message: without what syslog puts before it.
    /// - Returns: nil for any other message.
    init?(_ message: SyslogHeader.Part) {
        // Nearly every message begins otherwise.
        guard let first = message.first, first | 0x20 == UInt8(ascii: "m") || first | 0x20 == UInt8(ascii: "l") else {
            return nil
        }
        if let quoted = Self.quoted(message) ?? Self.last(message) ?? Self.suppressed(message) {
            self = quoted
        } else {
            return nil
        }
    }

    private init(count: Int, text: Text?) { (self.count, self.text) = (count, text) }

    /// rsyslog's ` message repeated 3 times: [ text]`.
    private static func quoted(_ message: SyslogHeader.Part) -> RepeatedMessage? {
        guard message.last == UInt8(ascii: "]"), let rest = tail(message, behind: "message repeated "),
            let (count, after) = number(rest), let text = tail(after, behind: " times: [")
        else { return nil }
        let inside = text.dropLast()
        let body = inside.drop { $0 == 0x20 }
        return RepeatedMessage(count: count, text: inside.count < mostQuoted ? .whole(body) : .beginning(body))
    }

    /// `last message repeated 3 times`, of syslogd of BSD, sysklogd and old rsyslog.
    private static func last(_ message: SyslogHeader.Part) -> RepeatedMessage? {
        guard message.last == UInt8(ascii: "s"), let rest = tail(message, behind: "last message repeated "),
            let (count, after) = number(rest),
            after.elementsEqual(" times".utf8) || after.elementsEqual(" time(s)".utf8)
        else { return nil }
        return RepeatedMessage(count: count, text: nil)
    }

    /// `Last message 'beginning' repeated 3 times, suppressed by syslog-ng on host`, which may name the message's beginning
    /// alone.
    private static func suppressed(_ message: SyslogHeader.Part) -> RepeatedMessage? {
        guard let rest = tail(message, behind: "last message '") else { return nil }
        let words = Array("' repeated ".utf8)
        var place = rest.startIndex
        while place < rest.endIndex, rest.endIndex - place >= words.count {
            if rest[place...].starts(with: words) {
                guard let (count, after) = number(rest[(place + words.count)...]),
                    after.starts(with: " times, su".utf8)
                else { return nil }
                return RepeatedMessage(count: count, text: .beginning(rest[..<place].drop { $0 == 0x20 }))
            }
            place += 1
        }
        return nil
    }

    /// What follows a beginning, which may be written with capitals.
    private static func tail(_ text: SyslogHeader.Part, behind beginning: StaticString) -> SyslogHeader.Part? {
        let count = beginning.utf8CodeUnitCount
        guard text.count > count else { return nil }
        for offset in 0..<count {
            let (byte, wanted) = (text[text.startIndex + offset], beginning.utf8Start[offset])
            let isSame = byte == wanted || (0x61...0x7a).contains(wanted) && byte | 0x20 == wanted
            if !isSame { return nil }
        }
        return text[(text.startIndex + count)...]
    }

    private static func number(_ text: SyslogHeader.Part) -> (Int, SyslogHeader.Part)? {
        let digits = text.prefix(10).prefix { $0 &- 48 < 10 }
        guard !digits.isEmpty, let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
        return (number, text[digits.endIndex...])
    }
}
