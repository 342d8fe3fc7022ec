import Analysis
import Casefile
import Chance
import Foundation
import GRDB
import Reports
import Testing

/// Sessions that a stored `Set-Cookie` handed to somebody else: what such a client receives is logged in the name of another.
@Suite struct CrossedSessionTests {
    /// A cloud of homes with an address each, of which it is known whose device received each answer.
    private struct World {
        struct Line {
            /// Who is logged, and whose device it was.
            var requester: Int
            var receiver: Int
            var owner: Int
            var text: String
        }

        private(set) var lines: [Line] = []
        private(set) var fills: [String] = []
        /// Whose session came to whose device, where that device asked for something afterwards.
        private(set) var crossed: Set<String> = []

        init(seed: UInt64, homes: Int = 12, answers: Int = 900, handsOver: Bool = true) {
            var chance = Chance(seed: seed)
            var shown: [Int: Int] = [:]
            /// By device: whose session it has.
            var sessions = Array(0..<homes)
            for index in 0..<answers {
                let device = chance.below(homes)
                let account = sessions[device]
                let key = index > answers / 3 ? account / 2 : 1000 + account
                let isHit = shown[key] != nil && chance.below(10) < 7
                let moment = TwoServerDump.start + index * 900
                if !isHit {
                    shown[key] = account
                    fills.append(
                        #"{"ts":"\#(TwoServerDump.time(moment))","node":"edge","op":"FILL","key":"slot/\#(key)","frame":"f-\#(index)","camera":"cam-\#(account)"}"#
                    )
                }
                let owner = shown[key] ?? account
                lines.append(
                    Line(
                        requester: account, receiver: device, owner: owner,
                        text:
                            #"{"ts":"\#(TwoServerDump.time(moment))","node":"edge","requester":"acct-\#(account)","camera":"cam-\#(account)","key":"slot/\#(key)","cache":"\#(isHit ? "HIT" : "MISS")","status":200,"bytes":9000,"address":"203.0.113.\#(device)"}"#
                    ))
                if account != device { crossed.insert("acct-\(account) acct-\(device)") }
                // The stored answer has the cookie of who caused the fill; a device takes it once.
                if handsOver, owner != account, sessions[device] == device, chance.one(in: 8) {
                    sessions[device] = owner
                }
            }
        }

        func write(to scratch: Scratch, namesAddresses: Bool = true) throws {
            let homes = 12
            try scratch.write(
                "dump/cameras.csv",
                "camera,owner,from,until,model\n" + (0..<homes).map { "cam-\($0),acct-\($0),,,m\n" }.joined())
            try scratch.write("dump/cache/edge.ndjson", fills.joined(separator: "\n") + "\n")
            let text = lines.map(\.text).joined(separator: "\n") + "\n"
            try scratch.write(
                "dump/relay/edge.ndjson", namesAddresses ? text : text.replacing(/,"address":"[^"]*"/, with: ""))
        }
    }

    private func analyzed(_ world: World, _ scratch: Scratch, namesAddresses: Bool = true) throws -> CaseFile {
        try world.write(to: scratch, namesAddresses: namesAddresses)
        var options = Correlator.Options.ofChance
        options.statements.areNoGrants = true
        return try scratch.analyze([scratch.path("dump")], case: "\(namesAddresses).sqlite", options: options)
    }

    @Test("what was received in another's name is certain for neither, and all else is as it was", arguments: 1...6)
    func crossed(_ seed: UInt64) throws {
        let world = World(seed: seed)
        let scratch = try Scratch()
        let blind = try analyzed(world, scratch, namesAddresses: false).verdictsByLine()
        let caseFile = try analyzed(world, scratch)
        let verdicts = try caseFile.verdictsByLine()
        #expect(world.crossed.count >= 2)
        var changed = 0
        for (index, line) in world.lines.enumerated() {
            let found = verdicts[index + 1]
            if line.receiver == line.requester {
                #expect(found == blind[index + 1], "line \(index + 1)")
            } else {
                #expect(found == "possible" || found == "unresolved", "line \(index + 1)")
                if found != blind[index + 1] { changed += 1 }
            }
        }
        #expect(changed > 0)
        let listed = try caseFile.read { db in
            try Set(String.fetchAll(db, sql: "SELECT account || ' ' || other_account FROM identity_crossings"))
        }
        #expect(listed == world.crossed)
        let summary = try Summary(of: caseFile)
        #expect(summary.identityCrossings == world.crossed.count)
        let answer = try #require(summary.assumptions.first { $0.assumption == "sessions_kept" })
        #expect(answer.status == "contradicted")
        #expect(answer.against == world.lines.count { $0.receiver != $0.requester })
    }

    @Test("where no session changes hands, none is found, however many frames stray", arguments: 1...3)
    func kept(_ seed: UInt64) throws {
        let scratch = try Scratch()
        let summary = try Summary(of: analyzed(World(seed: seed, handsOver: false), scratch))
        #expect(summary.exposuresCertain > 50)
        #expect(summary.identityCrossings == 0)
        #expect(summary.assumptions.first { $0.assumption == "sessions_kept" }?.status == "held")
    }

    @Test("crossings stand in a table, in a query, on the page and in the summary")
    func reported() throws {
        let world = World(seed: 2)
        let scratch = try Scratch()
        let caseFile = try analyzed(world, scratch)
        let reports = try scratch.reports(of: caseFile)
        let table = String(decoding: try #require(reports["identity_crossings.csv"]), as: UTF8.self)
        #expect(table.split(whereSeparator: \.isNewline).count == world.crossed.count + 1)
        #expect(
            table.hasPrefix(
                "account,other_account,trait,digest,since,until,strayed,deliveries,first_id,path,member,line"))
        let page = String(decoding: try #require(reports["report.html"]), as: UTF8.self)
        #expect(page.contains("Sessions that changed hands"))
        let json = String(decoding: try #require(reports["summary.json"]), as: UTF8.self)
        #expect(json.contains(#""identity_crossings" : \#(world.crossed.count)"#))
        // Each row leads to the first of its lines.
        let rows = try caseFile.read { db in
            try Row.fetchAll(
                db, sql: "SELECT account, other_account, line, deliveries, first_id FROM identity_crossings")
        }
        for row in rows {
            let (account, other): (String, String) = (row[0], row[1])
            let lines = world.lines.indices.filter {
                "acct-\(world.lines[$0].requester)" == account && "acct-\(world.lines[$0].receiver)" == other
            }
            #expect(row[2] == lines[0] + 1 && row[3] == lines.count)
            #expect(try Proof(of: row[4], in: caseFile).facts.isEmpty == false)
        }
    }

    @Test("a device tells a visitor from a session that changed hands")
    func visitor() throws {
        let world = World(seed: 3)
        let scratch = try Scratch()
        try world.write(to: scratch)
        // Everybody whose session it is brought the device along.
        let text = world.lines.map {
            $0.text.replacing("}", with: #","device":"device-\#($0.requester)"}"#)
        }.joined(separator: "\n")
        try scratch.write("dump/relay/edge.ndjson", text + "\n")
        var options = Correlator.Options.ofChance
        options.statements.areNoGrants = true
        let summary = try Summary(of: scratch.analyze([scratch.path("dump")], options: options))
        #expect(summary.identityCrossings == 0)
    }
}
