import Casefile
import Chance
import Foundation
import GRDB

/// A dump in which two servers log, and of which each answer's frame is known while it is made.
///
/// Homes share cache keys two by two from the middle on, so that a hit shows the frame that was filled last.
struct TwoServerDump {
    /// An answer that a client received.
    struct Answer {
        var moment: Int
        var requester: Int
        var owner: Int
        var isHit: Bool
        var bytes: Int
        /// The line that the edge wrote, from 1 on.
        var edgeLine: Int
        var isExposure: Bool { requester != owner }
    }

    static let homes = 30
    static let start = 1_577_354_400_000
    private(set) var answers: [Answer] = []
    private var chance: Chance

    init(seed: UInt64, answers count: Int) {
        chance = Chance(seed: seed)
        var shown: [Int: Int] = [:]
        for index in 0..<count {
            let requester = chance.below(Self.homes)
            let key = Self.key(requester, isFaulty: index > count / 2)
            // A fill brings the requested camera's frame; a hit shows what was filled last.
            let isHit = shown[key] != nil && chance.below(10) < 7
            if !isHit { shown[key] = requester }
            answers.append(
                Answer(
                    moment: Self.start + index * 900 + chance.below(800), requester: requester,
                    owner: shown[key] ?? requester, isHit: isHit, bytes: 4000 + chance.below(60_000),
                    edgeLine: index + 1))
        }
    }

    private static func key(_ home: Int, isFaulty: Bool) -> Int { isFaulty ? home / 2 : 1000 + home }

    private static func member(_ request: String?) -> String { request.map { #","request_id":"\#($0)""# } ?? "" }

    /// An id as nginx makes one: 32 hexadecimal digits, and no two alike.
    static func id(_ number: Int) -> String {
        let digits = String(UInt64(bitPattern: Int64(number)) &* 0x9e37_79b9_7f4a_7c15, radix: 16)
        return String(repeating: "7", count: 32 - digits.count) + digits
    }

    static func time(_ milliseconds: Int) -> String {
        let second = Date(timeIntervalSince1970: Double(milliseconds / 1000)).formatted(.iso8601).dropLast()
        return "\(second).\(String(1000 + milliseconds % 1000).dropFirst())000Z"
    }

    /// The tables, and the edge's own log of what it stored.
    func writeTables(to scratch: Scratch) throws {
        try scratch.write(
            "dump/cameras.csv",
            "camera,owner,from,until,model\n" + (0..<Self.homes).map { "cam-\($0),acct-\($0),,,m\n" }.joined())
        let fills = answers.enumerated().filter { !$0.element.isHit }.map { index, answer in
            let key = Self.key(answer.requester, isFaulty: index > answers.count / 2)
            return
                #"{"ts":"\#(Self.time(answer.moment))","node":"edge","op":"FILL","key":"slot/\#(key)","frame":"f-\#(index)","camera":"cam-\#(answer.owner)"}"#
        }
        try scratch.write("dump/cache/edge.ndjson", fills.joined(separator: "\n") + "\n")
    }

    /// - Parameters:
    ///   - node: whose log it is.
    ///   - hasBytes: whether lines say how long answers are.
    ///   - request: the id of an answer's request, if lines name one.
    func edgeLog(
        node: String = "edge", hasBytes: Bool = true, request: (Int) -> String? = { _ in nil }
    ) -> String {
        answers.enumerated().map { index, answer in
            let key = Self.key(answer.requester, isFaulty: index > answers.count / 2)
            return
                #"{"ts":"\#(Self.time(answer.moment))","node":"\#(node)","requester":"acct-\#(answer.requester)","camera":"cam-\#(answer.requester)","key":"slot/\#(key)","cache":"\#(answer.isHit ? "HIT" : "MISS")","status":200"#
                + (hasBytes ? #","bytes":\#(answer.bytes)"# : "") + Self.member(request(index)) + "}\n"
        }.joined()
    }

    /// The log of a proxy before the edge, which knows neither key nor verdict: its clock is ahead, it ends each answer a little
    /// later, counts the header too, and answers some requests itself.
    ///
    /// - Parameter request: the id of an answer's request, if lines name one; of the proxy's own answers by numbers below 0.
    /// - Returns: the log, and the lines that no edge has.
    func proxyLog(
        ahead: Int, jitter: Int, header: Int, seed: UInt64, hasBytes: Bool = true,
        request: (Int) -> String? = { _ in nil }
    ) -> (text: String, own: Int) {
        var chance = Chance(seed: seed)
        var lines: [(moment: Int, text: String)] = []
        var own = 0
        func line(_ moment: Int, _ requester: Int, _ status: Int, _ bytes: Int, _ id: String?) -> (Int, String) {
            let moment = moment + ahead + chance.below(jitter + 1)
            return (
                moment,
                #"{"ts":"\#(Self.time(moment))","node":"proxy","requester":"acct-\#(requester)","camera":"cam-\#(requester)","status":\#(status)"#
                    + (hasBytes ? #","bytes":\#(bytes)"# : "") + Self.member(id) + "}"
            )
        }
        for (index, answer) in answers.enumerated() {
            lines.append(
                line(
                    answer.moment, answer.requester, 200, answer.bytes + header + chance.below(40), request(index)))
            if chance.below(20) == 0 {
                own += 1
                lines.append(
                    line(answer.moment + 400, chance.below(Self.homes), 200, 1000 + chance.below(900), request(-own)))
            }
        }
        return (lines.sorted { $0.moment < $1.moment }.map(\.text).joined(separator: "\n") + "\n", own)
    }

    // MARK: Exposures by the edge's log: line, requester and owner of each

    /// What the edge's answers were.
    var strays: Set<String> {
        Set(answers.filter(\.isExposure).map { "\($0.edgeLine) acct-\($0.requester) acct-\($0.owner)" })
    }

    /// What a case is certain of.
    static func certainStrays(in caseFile: CaseFile) throws -> Set<String> {
        try caseFile.read { db in
            try Set(
                String.fetchAll(
                    db,
                    sql: """
                        SELECT line || ' ' || requester || ' ' || ifnull(owner, '') FROM exposures
                        WHERE path LIKE '%edge.ndjson' AND certainty = 'certain'
                        """))
        }
    }
}
