import Foundation
import GRDB
import LogRecords
import Testing

/// Fields that a profile maps beyond the known ones, as conditions.
@Suite struct ExtraFieldTests {
    private static let profile = """
        name: odd-relay
        title: a relay that logs firmware and site
        syntax: json
        recognize: [at, who, fw]
        delivery:
          time: at
          requester: who
          camera: cam
          key: key
          cache: verdict
          status: status
          bytes: bytes
          client: app
          extra:
            firmware: fw
            site: {field: pop, extract: 'pop-{value}'}
        """

    /// Two cameras share a key for firmware 4.1 at site "eu", whatever the client; every other request has its own.
    private func dump(_ scratch: Scratch) throws {
        var (relay, fills, cameras) = ([String](), [String](), "camera,owner,from,until,model\n")
        for number in 0..<40 { cameras += "cam-\(number),acct-\(number),,,m\n" }
        func time(_ second: Int) -> String {
            Date(timeIntervalSince1970: TimeInterval(1_577_351_580 + second)).ISO8601Format()
        }
        for second in 0..<2400 {
            let (account, firmware, site) = (
                second % 40, ["4.0", "4.1"][second / 40 % 2], ["eu", "us", "ap"][second / 80 % 3]
            )
            let isFaulty = firmware == "4.1" && site == "eu"
            let key = isFaulty ? "slot/\(account % 2)" : "own/\(account)"
            relay.append(
                """
                {"at":"\(time(second))","who":"acct-\(account)","cam":"cam-\(account)","key":"\(key)","verdict":"HIT","status":200,\
                "bytes":700,"app":"\(second % 7 < 3 ? "hub" : "app")","fw":"\(firmware)","pop":"pop-\(site)"}
                """)
        }
        // Slots hold the frames of cameras 0 and 1: the other 38 accounts receive them.
        for account in 0..<40 {
            for key in ["own/\(account)"] + (account < 2 ? ["slot/\(account)"] : []) {
                fills.append(
                    "{\"ts\":\"\(time(-10))\",\"op\":\"FILL\",\"key\":\"\(key)\",\"frame\":\"f\(account)\",\"camera\":\"cam-\(account)\"}"
                )
            }
        }
        try scratch.write("dump/relay.ndjson", relay.joined(separator: "\n") + "\n")
        try scratch.write("dump/cache.ndjson", fills.joined(separator: "\n") + "\n")
        try scratch.write("dump/cameras.csv", cameras)
    }

    @Test("a cause is told by the fields that a profile maps, in order of their names after the known attributes")
    func cause() throws {
        let scratch = try Scratch()
        try dump(scratch)
        let caseFile = try scratch.analyze(
            [scratch.path("dump")], profiles: [(file: "odd.yaml", text: Self.profile)])
        // 10 rounds of 240 seconds, in each of which 40 requests meet the fault and 38 of them are strangers'.
        #expect(try caseFile.count("SELECT count(*) FROM exposures WHERE certainty = 'certain'") == 380)
        let (first, shown) = try caseFile.read { db in
            (
                try String.fetchOne(db, sql: "SELECT conditions FROM condition ORDER BY rank"),
                try String.fetchOne(db, sql: "SELECT DISTINCT extra FROM deliveries ORDER BY extra DESC")
            )
        }
        #expect(first == "firmware=4.1 AND site=eu")
        #expect(shown == "firmware=4.1 AND site=us")
        let sentence = try caseFile.read {
            try String.fetchOne($0, sql: "SELECT value FROM correlation WHERE what = 'cause'")
        }
        #expect(sentence?.hasPrefix("Frames strayed on deliveries with firmware 4.1 and site eu: all 380 ") == true)
    }

    @Test(
        "a name that is taken or no name, and too many of them, are refused",
        arguments: ["node: fw", "Site: fw", "a b: fw", (0..<9).map { "x\($0): fw" }.joined(separator: "\n    ")])
    func refused(_ extra: String) {
        let text = Self.profile.replacing("firmware: fw", with: extra)
        #expect(throws: ProfileProblem.self) { try ProfileLibrary(own: [(file: "odd.yaml", text: text)]) }
    }
}
