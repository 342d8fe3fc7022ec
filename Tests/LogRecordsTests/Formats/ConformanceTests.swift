import Interning
import Testing

@testable import LogRecords

/// What every format must get right, whoever writes it: each row is a line as the server's documentation describes it, with
/// places for what differs.
@Suite struct ConformanceTests {
    /// What a line can say.
    struct Answer {
        var address = "192.0.2.9"
        var method = "GET"
        /// Path and query.
        var target = "/v1/cameras/77/snap?x=1&account=bob"
        var verdict = Verdict.hit
        var isAborted = false
    }

    enum Verdict { case hit, miss, none }

    struct Format: Sendable, CustomTestStringConvertible {
        var profile: String
        /// What stands before the first line.
        var header: [String] = []
        /// The words for a hit, a miss and nothing; nil: the format has no verdict.
        var words: (hit: String, miss: String, none: String)?
        /// Whether it says that a client left.
        var tellsAborts = false
        var namesAddress = true
        var namesMethod = true
        /// Whether the account and the camera stand in the request's target.
        var namesTarget = true
        /// Whether a line ends with a value of any length, so that only a missing line feed tells that it was cut.
        var endsWithKey = false
        /// The address as the server writes it, the request, the verdict's word, whether the client left.
        var line:
            @Sendable (_ address: String, _ method: String, _ target: String, _ word: String, _ isAborted: Bool) ->
                String
        var testDescription: String { profile }

        func text(_ answer: Answer) -> String {
            let word =
                switch answer.verdict {
                case .hit: words?.hit
                case .miss: words?.miss
                case .none: words?.none
                }
            return line(answer.address, answer.method, answer.target, word ?? "", answer.isAborted)
        }
    }

    /// The delivery that a file of one line gives; nil if the line is refused.
    private func read(_ format: Format, _ line: String) throws -> (delivery: Delivery?, parsed: Parsed) {
        var library = try ProfileLibrary()
        for (address, account) in [("192.0.2.9", "carol"), ("2001:db8::17", "dave")] {
            library.sessions.add(session: "", address: address, account: account, live: Validity())
        }
        let profile: Profile
        if try #require(library.profile(named: format.profile)).isOnRequest {
            profile = try #require(library.profile(named: format.profile))
        } else {
            let whole = (format.header + [format.text(Answer())]).joined(separator: "\n") + "\n"
            let recognized = library.recognize(Array(whole.utf8).span.bytes)
            profile = try #require(recognized, "no profile knows \(whole)")
        }
        #expect(profile.name == format.profile)
        let parsed = Parsed(Self.lines(format, line), profile)
        return (parsed.batch.deliveries.first, parsed)
    }

    /// The file's lines; a transaction has several.
    private static func lines(_ format: Format, _ text: String) -> [[UInt8]] {
        format.header.map { Array($0.utf8) }
            + text.split(separator: "\n", omittingEmptySubsequences: false).map { Array($0.utf8) }
    }

    private func read(_ format: Format, _ answer: Answer) throws -> (delivery: Delivery, parsed: Parsed) {
        let (delivery, parsed) = try read(format, format.text(answer))
        return (try #require(delivery, "\(format.text(answer)): \(parsed.outcomes)"), parsed)
    }

    @Test(
        "the account and the camera end where the request's target ends", arguments: formats.filter(\.namesTarget))
    func account(_ format: Format) throws {
        for target in [
            "/v1/cameras/77/snap?x=1&account=bob", "/v1/cameras/77?account=bob", "/v1/cameras/77/?account=bob",
        ] {
            let (delivery, parsed) = try read(format, Answer(target: target))
            #expect(parsed.text(delivery.requester) == "bob" && parsed.text(delivery.camera) == "77", "\(target)")
            #expect(delivery.content == .frame && delivery.status == 200)
            #expect(!delivery.flags.contains(.aborted))
        }
        #expect(parsed(try read(format, Answer(target: "/v1/cameras/77")), \.camera) == "77")
    }

    private func parsed(_ read: (delivery: Delivery, parsed: Parsed), _ field: KeyPath<Delivery, SymbolID>) -> String {
        read.parsed.text(read.delivery[keyPath: field])
    }

    @Test("an address is the client's, be it IPv4 or IPv6", arguments: formats.filter(\.namesAddress))
    func addresses(_ format: Format) throws {
        for (address, account) in [("192.0.2.9", "carol"), ("2001:db8::17", "dave"), ("2001:db8::99", "")] {
            let found = try read(format, Answer(address: address, target: "/v1/cameras/77/snap"))
            #expect(parsed(found, \.requester) == account, "\(address)")
        }
    }

    @Test(
        "a verdict is what the server's word says; without a word nothing is said",
        arguments: formats.filter { $0.words != nil })
    func verdicts(_ format: Format) throws {
        // A server that has no word for a miss writes what says nothing.
        let miss = format.words?.miss == format.words?.none ? CacheStatus.unknown : .miss
        for (verdict, status) in [(Verdict.hit, CacheStatus.hit), (.miss, miss), (.none, .unknown)] {
            #expect(try read(format, Answer(verdict: verdict)).delivery.cacheStatus == status, "\(verdict)")
        }
    }

    @Test("a client that left before the end is told", arguments: formats.filter(\.tellsAborts))
    func aborts(_ format: Format) throws {
        let delivery = try read(format, Answer(isAborted: true)).delivery
        #expect(delivery.flags.contains(.aborted) && delivery.content == .frame)
    }

    @Test(
        "only GET brings a frame, or POST where the cache says that it answered",
        arguments: formats.filter(\.namesMethod))
    func methods(_ format: Format) throws {
        for method in ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PURGE"] {
            for verdict in [Verdict.none, .hit] where method != "POST" || verdict == .none {
                let delivery = try read(format, Answer(method: method, verdict: verdict)).delivery
                #expect(delivery.content == .none, "\(method) \(verdict)")
            }
        }
    }

    @Test(
        "a line that is cut anywhere is refused, or says nothing that the whole line does not say", arguments: formats)
    func cuts(_ format: Format) throws {
        let answer = Answer()
        let line = format.text(answer)
        let whole = try read(format, answer)
        var library = try ProfileLibrary()
        library.sessions = SessionTable()
        let profile = try #require(library.profile(named: format.profile))
        for count in 1..<line.utf8.count {
            let lines = Self.lines(format, String(decoding: line.utf8.prefix(count), as: UTF8.self))
            let parsed = Parsed(lines, profile, endIsOpen: format.endsWithKey)
            for delivery in parsed.batch.deliveries {
                for field in [\Delivery.requester, \Delivery.camera, \Delivery.key, \Delivery.frame, \Delivery.owner] {
                    let text = parsed.text(delivery[keyPath: field])
                    #expect(text.isEmpty || text == self.parsed(whole, field), "\(line.prefix(count))")
                }
                #expect([.unknown, whole.delivery.cacheStatus].contains(delivery.cacheStatus), "\(line.prefix(count))")
            }
        }
    }
}
