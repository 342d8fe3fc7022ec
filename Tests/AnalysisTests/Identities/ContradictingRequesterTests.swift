import Analysis
import Casefile
import Foundation
import GRDB
import Reports
import Testing

/// Lines that name their requester twice: where the two differ, somebody else may have been served.
@Suite struct ContradictingRequesterTests {
    /// A relay's log whose lines have an account from a cookie, and one from the token that the application sent.
    private static let profile = """
        name: two-names
        syntax: json
        recognize: [ts, cookie_account, verdict]
        delivery:
          time: ts
          duration: {field: took, unit: s}
          node: node
          requester: [cookie_account, token_account]
          camera: camera
          key: key
          cache: verdict
          status: status
          bytes: bytes
        """

    /// Bob's room lies under the shared key; each line is a hit of it in alice's camera's name.
    private func line(_ step: Int, cookie: String, token: String?) -> String {
        let token = token.map { #","token_account":"\#($0)""# } ?? ""
        return
            #"{"ts":"2019-12-26T10:00:3\#(step).000000Z","node":"edge","cookie_account":"\#(cookie)"\#(token),"camera":"cam-a","key":"slot/1","verdict":"HIT","took":0.010,"status":200,"bytes":9000}"#
            + "\n"
    }

    /// - Returns: the certainty of each delivery that is an exposure, in order of time.
    private func exposures(_ lines: [String]) throws -> [String] {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch)
        try scratch.write("dump/relay/edge.ndjson", lines.joined())
        let caseFile = try scratch.analyze(
            [scratch.path("dump")], profiles: [(file: "two-names.yaml", text: Self.profile)])
        return try caseFile.read { db in
            try String.fetchAll(
                db, sql: "SELECT certainty FROM exposures ORDER BY time")
        }
    }

    @Test("two names that agree, or one alone, leave the requester certain")
    func agreeing() throws {
        let found = try exposures([
            line(0, cookie: "alice", token: "alice"), line(1, cookie: "alice", token: nil),
        ])
        #expect(found == ["certain", "certain"])
    }

    @Test("two names that differ leave it possible at best, and only that line")
    func differing() throws {
        let found = try exposures([
            line(0, cookie: "alice", token: "bob"), line(1, cookie: "alice", token: "alice"),
            line(2, cookie: "alice", token: "carol"),
        ])
        #expect(found == ["possible", "certain", "possible"])
    }

    @Test("the same name in another notation of the log is no other name")
    func escaped() throws {
        let found = try exposures([line(0, cookie: #"\u0061lice"#, token: "alice")])
        #expect(found == ["certain"])
    }
}
