import Interning
import LogRecords

/// What two lines say differently, so that they tell of two answers.
public struct Contradictions: OptionSet, Sendable, Hashable, BitwiseCopyable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let owner = Contradictions(rawValue: 1)
    public static let frameCamera = Contradictions(rawValue: 2)
    public static let frame = Contradictions(rawValue: 4)
    public static let device = Contradictions(rawValue: 8)
    public static let address = Contradictions(rawValue: 16)
    public static let key = Contradictions(rawValue: 32)
    /// Not of two lines, but of two logs: verdicts that lines of one answer do not have.
    public static let verdict = Contradictions(rawValue: 64)

    /// Names of accounts and cameras mean the same in every log.
    static let always: Contradictions = [.owner, .frameCamera]

    /// What both lines say, and not alike.
    init(_ a: AnswerLine, _ b: AnswerLine) {
        self = []
        let (one, other) = (a.delivery, b.delivery)
        // What a revalidation may have put there is no word of the body.
        let mayWearForeignHeaders = Delivery.Flags([.replaceableHeaders, .mergeableHeaders])
        if one.flags.isDisjoint(with: mayWearForeignHeaders), other.flags.isDisjoint(with: mayWearForeignHeaders) {
            if LogTie.agree(one.owner, other.owner) == false { insert(.owner) }
            if LogTie.agree(one.frameCamera, other.frameCamera) == false { insert(.frameCamera) }
            if LogTie.agree(one.frame, other.frame) == false { insert(.frame) }
        }
        if a.device != 0, b.device != 0, a.device != b.device { insert(.device) }
        if a.address != 0, b.address != 0, a.address != b.address { insert(.address) }
        if LogTie.agree(one.key, other.key) == false { insert(.key) }
    }

    /// Which of them part the answers of two logs.
    ///
    /// Logs of two formats may name frames and devices in different ways, which shows if no pair of lines agrees. A server behind
    /// another sees that one's address.
    ///
    /// - Parameters:
    ///   - pairs: of lines that would tell of one answer.
    ///   - isOneFormat: whether one profile reads both logs.
    static func binding(_ pairs: [(AnswerLine, AnswerLine)], isOneFormat: Bool) -> Contradictions {
        var binding = always
        func agree(_ both: (AnswerLine, AnswerLine) -> Bool) -> Bool { pairs.contains { both($0, $1) } }
        if isOneFormat || agree({ LogTie.agree($0.delivery.frame, $1.delivery.frame) == true }) {
            binding.insert(.frame)
        }
        if isOneFormat || agree({ $0.device != 0 && $0.device == $1.device }) { binding.insert(.device) }
        if isOneFormat { binding.insert(.key) }
        let addressed = pairs.filter { $0.address != 0 && $1.address != 0 }
        let alike = addressed.count { $0.address == $1.address }
        if alike * 2 > addressed.count || areClients(addressed.map(\.0)) && areClients(addressed.map(\.1)) {
            binding.insert(.address)
        }
        return binding
    }

    /// Whether addresses are those of clients, each of one account or few, and not those of servers between, which many share.
    private static func areClients(_ lines: [AnswerLine]) -> Bool {
        struct Client: Hashable {
            var account: SymbolID
            var address: UInt64
        }
        let accounts = Set(lines.map(\.delivery.requester)).count
        let clients = Set(lines.map { Client(account: $0.delivery.requester, address: $0.address) })
        let addresses = Set(lines.map(\.address)).count
        return accounts >= 3 && clients.count * 5 <= addresses * 6 && clients.count * 2 <= accounts * 3
    }

    /// For people.
    public var words: String {
        let names: [(Contradictions, String)] = [
            (.owner, "owners"), (.frameCamera, "cameras of frames"), (.frame, "frames"), (.device, "devices"),
            (.address, "addresses"), (.key, "keys"),
            (.verdict, "verdicts"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}
