import Analysis
import Casefile
import Correlation
import Foundation
import GRDB
import Testing

/// Whoever changes a case after it was written is found out, and told where.
@Suite struct CustodyTests {
    private func problems(_ path: String) throws -> [String] {
        try Verification(of: try CaseFile(reading: path), rehash: false).checks.flatMap(\.problems)
    }

    @Test(
        "an untouched case passes; a row changed, deleted or added in any table is detected, the table named, and no report made"
    )
    func rows() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 40)
        try scratch.write("dump/relay/other.ndjson", StrayDump.relay(3, from: 500) + "broken\n")
        // Lines that the other log ends with, so that there are repeated ones.
        try scratch.write("dump/relay/third.ndjson", StrayDump.relay(30, from: 37))
        _ = try scratch.analyze([scratch.path("dump")])
        let whole = scratch.path("case.sqlite")
        #expect(try problems(whole) == [])
        try CaseFile(reading: whole).requireAsWritten()

        let tables = try DatabaseQueue(path: whole).read { db in
            try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")
        }
        var edits = 0
        for table in tables where table != "grdb_migrations" {
            let columns = try DatabaseQueue(path: whole).read { try $0.columns(in: table).map { ($0.name, $0.type) } }
            let pick = "(SELECT rowid FROM \(table) ORDER BY rowid * 7919 % 101, rowid LIMIT 1)"
            let isKeyed = ["reject", "candidate", "correlation", "seal"].contains(table)
            let one = isKeyed ? "1" : "rowid = \(pick)"
            let column = try #require(columns.last)
            let value =
                switch column.1 {
                case "TEXT": "ifnull(\(column.0), '') || 'x'"
                case "BLOB": "zeroblob(length(\(column.0)))"
                default: "ifnull(\(column.0), 0) + 1"
                }
            for edit in [
                "UPDATE \(table) SET \(column.0) = \(value) WHERE \(one)", "DELETE FROM \(table) WHERE \(one)",
            ] {
                try scratch.shell("cp case.sqlite edited.sqlite")
                let changed = try DatabaseQueue(path: scratch.path("edited.sqlite")).writeWithoutTransaction { db in
                    try db.execute(sql: "PRAGMA ignore_check_constraints = 1; PRAGMA foreign_keys = 0")
                    try db.execute(sql: edit)
                    return db.changesCount
                }
                guard changed > 0 else { continue }
                edits += 1
                let found = try problems(scratch.path("edited.sqlite"))
                let name = table == "journal" ? "journal" : "table \(table)"
                #expect(found.contains { $0.contains(name) || $0.contains("journal") && table == "seal" }, "\(edit)")
                #expect(throws: CaseFileError.self, "\(edit)") {
                    try CaseFile(reading: scratch.path("edited.sqlite")).requireAsWritten()
                }
            }
        }
        #expect(edits >= 24, "too few tables have a row: \(edits)")

        try scratch.shell("cp case.sqlite edited.sqlite")
        try DatabaseQueue(path: scratch.path("edited.sqlite")).write { db in
            try db.execute(sql: "INSERT INTO purge VALUES (7, 1, 0, 0, NULL, NULL, NULL, 0)")
        }
        #expect(
            try problems(scratch.path("edited.sqlite")).contains {
                $0.contains("table purge: 0 rows") || $0.contains("table purge, source 0")
            })
    }

    @Test(
        "an event that was changed, deleted or added is not counted by another correlation",
        arguments: ["delivery", "fill", "purge", "camera", "granted", "rollout"])
    func events(_ table: String) throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 5)
        try scratch.write("dump/grants.csv", "owner,camera,grantee,from,until\nbob,cam-b,carol,,\n")
        try scratch.write("dump/rollouts.csv", "rollout,node,from,note\nv1,edge,2019-12-01T00:00:00Z,\n")
        try scratch.write(
            "dump/cache/purges.ndjson",
            #"{"ts":"2019-12-26T11:00:00.000000Z","node":"edge","op":"PURGE","key":"slot/1"}"# + "\n")
        _ = try scratch.analyze([scratch.path("dump")])
        try Correlator(CaseFile(writingTo: scratch.path("case.sqlite")), .init()).run()
        // What stands in the second column may well be another: a time, a camera, an owner.
        let second = try DatabaseQueue(path: scratch.path("case.sqlite")).read { try $0.columns(in: table)[1].name }
        for edit in [
            "UPDATE \(table) SET \(second) = \(second) + 1", "DELETE FROM \(table)",
            "UPDATE one SET id = id + 90; INSERT INTO \(table) SELECT * FROM one",
        ] {
            try scratch.shell("cp case.sqlite edited.sqlite")
            let changed = try DatabaseQueue(path: scratch.path("edited.sqlite")).writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA foreign_keys = 0")
                try db.execute(sql: "CREATE TEMP TABLE one AS SELECT * FROM \(table) LIMIT 1")
                try db.execute(sql: edit)
                return db.changesCount
            }
            #expect(changed > 0, "\(edit)")
            do {
                try Correlator(CaseFile(writingTo: scratch.path("edited.sqlite")), .init()).run()
                Issue.record("correlated after \(edit)")
            } catch CaseFileError.edited(_, let what) {
                #expect(what.contains("table \(table)"), "\(edit)")
            }
        }
    }

    @Test(
        "an edited case is not written to, so that no new seal covers the edit",
        arguments: [
            "UPDATE name SET text = 'carol' WHERE text = 'bob'",
            "CREATE TRIGGER fewer AFTER INSERT ON exposure BEGIN DELETE FROM exposure WHERE delivery = new.delivery; END",
            "DROP VIEW exposures; CREATE VIEW exposures AS SELECT 1", "CREATE TABLE notes (text TEXT)",
        ])
    func refused(_ edit: String) throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 5)
        _ = try scratch.analyze([scratch.path("dump")])
        try DatabaseQueue(path: scratch.path("case.sqlite")).write { db in
            try db.execute(sql: edit)
        }
        #expect(throws: CaseFileError.self) { try CaseFile(reading: scratch.path("case.sqlite")).requireAsWritten() }
        // A writer makes the views anew.
        if edit.hasPrefix("DROP VIEW") { return }
        #expect(throws: CaseFileError.self) { try scratch.analyze([scratch.path("dump")]) }
    }
}

/// What an edit of the journal's end, of names or of the manifest's folder leaves behind.
@Suite struct LastWordTests {
    @Test("journal entries that were taken from its end are missed", arguments: [1, 2])
    func lastEntries(count: Int) throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 5)
        let caseFile = try scratch.analyze([scratch.path("dump")])
        // Entries that leave the state as it was.
        for manifest in ["a", "b"] { try caseFile.noteReports(manifest: manifest) }
        #expect(try Verification(of: CaseFile(reading: caseFile.path), rehash: false).isSound)
        try DatabaseQueue(path: caseFile.path).write { db in
            try db.execute(
                sql: "DELETE FROM journal WHERE seq > (SELECT max(seq) FROM journal) - ?", arguments: [count])
        }
        let problems = try Verification(of: CaseFile(reading: caseFile.path), rehash: false).checks.flatMap(\.problems)
        #expect(problems.contains { $0.contains("the last of them are missing") }, "\(problems)")
        #expect(throws: CaseFileError.self) { try CaseFile(reading: caseFile.path).requireAsWritten() }
    }

    @Test("of two such names of the same bytes the first in order of bytes counts, whichever was read first")
    func sameBytes() throws {
        let names = ["caf\u{e9}.ndjson", "cafe\u{301}.ndjson"]
        for order in [names, names.reversed()] {
            let scratch = try Scratch()
            try StrayDump.write(to: scratch)
            for (folder, name) in zip(["one", "two"], order) {
                try scratch.write("\(folder)/\(name)", StrayDump.relay(3))
                _ = try scratch.analyze([scratch.path("dump"), scratch.path("\(folder)/\(name)")])
            }
            let listed = try CaseFile(reading: scratch.path("case.sqlite")).read {
                try String.fetchAll(
                    $0, sql: "SELECT state || ' ' || hex(path) FROM sources WHERE path LIKE 'caf%' ORDER BY 1")
            }
            func hex(_ name: String) -> String { name.utf8.map { String(format: "%02X", $0) }.joined() }
            #expect(listed == ["complete \(hex(names[1]))", "duplicate \(hex(names[0]))"])
        }
    }

    @Test("files whose names differ by Unicode normalisation alone are two files, each with its own bytes")
    func normalisation() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 5)
        // é as one scalar, and as e with an accent behind it.
        try scratch.write("dump/relay/caf\u{e9}.ndjson", StrayDump.relay(3, from: 500))
        try scratch.write("dump/relay/cafe\u{301}.ndjson", StrayDump.relay(4, from: 600))
        let caseFile = try scratch.analyze([scratch.path("dump")])
        #expect(try caseFile.count("SELECT count(*) FROM delivery") == 12)
        let checks = try Verification(of: CaseFile(reading: caseFile.path)).checks
        #expect(checks.flatMap(\.problems) == [])
        #expect(checks.last?.examined == (try caseFile.count("SELECT count(*) FROM source")))
    }
}
