import Interning
import Testing

@testable import LogRecords

/// What columns and members of unknown names say of when a row of a table held.
@Suite struct TableDoubtTests {
    private func parsed(_ lines: [String]) throws -> Parsed {
        let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        return Parsed(lines.map { Array($0.utf8) }, try #require(try ProfileLibrary().recognize(bytes.span.bytes)))
    }

    private func grant(_ column: String, _ value: String) throws -> [OpenEnds] {
        let rows = try parsed([
            "owner,camera,grantee,from,until,\(column)", "a,cam-1,b,2026-01-01T00:00:00Z,,\(value)",
        ])
        return rows.batch.grants.map(\.openEnds)
    }

    @Test(
        "a time in any usual spelling under an unknown name leaves open when a grant held",
        arguments: [
            "2026-02-01", "02/01/2026", "1/2/26", "01.02.2026", "02/01/2026 12:00:00 AM", "01-FEB-26",
            "1 February 2026",
            "Feb 1 2026", "1769904000", "1769904000000", "1769904000000000", "20260201", "20260201000000Z",
            "20260201T000000Z", "Sun Feb 01 00:00:00 UTC 2026", "2026/02/01", "2026-02-01T00:00Z",
            "2026-02-01 00:00:00+00",
            "until 2026-02-01 by phone",
        ])
    func times(_ time: String) throws {
        #expect(try grant("x_end", time) == [.both])
        let json = try parsed([#"{"owner":"a","camera":"c","grantee":"b","xEnd":"\#(time)"}"#])
        #expect(json.batch.grants.map(\.openEnds) == [.both])
        let inside = try parsed([#"{"owner":"a","camera":"c","grantee":"b","meta":{"at":["\#(time)"]}}"#])
        #expect(inside.batch.grants.map(\.openEnds) == [.both])
    }

    @Test(
        "what is no time leaves nothing open",
        arguments: [
            ("note", "x"), ("reason", "for the holidays"), ("id", "1769904000"), ("phone", "4917612345678"), ("", "0"),
            ("id", "20260201"),
            ("firmware", "2.10.24"), ("ip", "10.1.2.20"), ("uuid", "0b1f5c1e-2026-4d2a-9c1e-000000000001"),
            ("role", "viewer"),
            ("permissions", "view|talk"), ("notify", "true"), ("can_ptz", "true"), ("approved_by", "a"), ("count", "1"),
            ("granted_by_app", "ios"), ("confirmed", "true"), ("access_level", "full"), ("tz", "UTC"),
            ("status", "active"),
            ("op", "I"), ("valid", "yes"), ("is_deleted", "0"), ("pending", "false"), ("timezone", "Asia/Kolkata"),
        ])
    func plain(_ column: String, _ value: String) throws {
        #expect(try grant(column, value) == [[]], "\(column)=\(value)")
    }

    @Test(
        "a state that is not known to be in force leaves open when a grant held, whatever it is called",
        arguments: [
            ("accepted_at", ""), ("pending", "true"), ("invite_status", "pending"), ("confirmed", "no"),
            ("permission", "deny"),
            ("effect", "Deny"), ("access", "none"), ("deletion_flag", "X"), ("active_flag", "N"), ("granted", "false"),
            ("allow", "0"),
            ("record_status", "D"), ("op", "DELETE"), ("op", "U"), ("__deleted", "true"), ("tombstone", "1"),
            ("isActive", "FALSE"),
            ("role", "revoked"), ("can_view", "false"), ("ttl_days", "7"), ("expires_in", "86400"), ("duration", "P7D"),
            ("gesperrt", "1"), ("vigente", "nein"), ("borrado", "true"), ("note", "revoked"), ("paused", "yes"),
            ("trashed", "t"),
            ("action", "revoke"),
            ("during", "2026-01-01/2026-02-01"),
        ])
    func states(_ column: String, _ value: String) throws {
        #expect(try grant(column, value) == [.both], "\(column)=\(value)")
        let json = try parsed([#"{"owner":"a","camera":"c","grantee":"b","\#(column)":"\#(value)"}"#])
        #expect(json.batch.grants.map(\.openEnds) == [.both], "\(column)=\(value)")
    }

    @Test("a column that names a zone leaves local times open, unless it is UTC")
    func zones() throws {
        for (time, zone, ends) in [
            ("2026-01-01 00:00:00", "Asia/Kolkata", OpenEnds.both), ("2026-01-01 00:00:00", "UTC", []),
            ("2026-01-01 00:00:00+00", "Asia/Kolkata", []),
        ] {
            let rows = try parsed(["owner,camera,grantee,from,tz", "a,c,b,\(time),\(zone)"])
            #expect(rows.batch.grants.map(\.openEnds) == [ends], "\(time) \(zone)")
        }
    }

    @Test("a member that is there and cannot be read is none that is absent")
    func containers() throws {
        for (member, ends, outcome) in [
            (#""until":{"$date":"2026-02-01T00:00:00Z"}"#, OpenEnds.until, LineOutcome.rejected(.badTime, offset: 0)),
            (#""until":{"seconds":1769904000}"#, .until, .rejected(.badTime, offset: 0)),
            (#""from":{"$date":{"$numberLong":"1775001600000"}}"#, .from, .rejected(.badTime, offset: 0)),
            (#""until":[2026,7,1,0,0]"#, .until, .rejected(.badTime, offset: 0)),
            (#""until":["2026-07-01T00:00:00Z"]"#, [], .accepted), (#""until":null"#, [], .accepted),
            (#""status":{"code":"REVOKED"}"#, .both, .accepted),
            (#""meta":{"revokedAt":"2026-02-01T00:00:00Z"}"#, .both, .accepted),
            (#""meta":{"deleted":true}"#, .both, .accepted),
            (#""_id":{"$oid":"65a0c0ffee"},"tags":["x","y"]"#, [], .accepted),
        ] {
            let rows = try parsed([#"{"owner":"a","camera":"c","grantee":"b",\#(member)}"#])
            #expect(rows.batch.grants.map(\.openEnds) == [ends], "\(member)")
            #expect(rows.outcomes == [outcome], "\(member)")
        }
    }

    @Test("several names where one belongs make no record, and the line is named")
    func severalNames() throws {
        for row in [
            #"{"owner":"a","camera":["c1","c2"],"grantee":"b"}"#, #"{"owner":"a","camera":"c1","grantee":["d","b"]}"#,
            #"{"owner":["a","b"],"camera":"c1"}"#,
            #"{"owner":"a","camera":"c1","owner":"b"}"#,
        ] {
            let rows = try parsed([row])
            #expect(rows.batch.count == 0 && rows.outcomes == [.rejected(.severalValues, offset: 0)], "\(row)")
        }
        let shared = try parsed([#"{"owner":"a","camera":"c1","co_owner":"b"}"#])
        #expect(shared.batch.cameras.count == 1 && shared.outcomes == [.rejected(.severalValues, offset: 0)])
        let one = try parsed([#"{"owner":"a","camera":["c1"],"grantee":"b"}"#])
        #expect(one.batch.grants.map { one.text($0.camera) } == ["c1"])
    }

    private func name(_ lines: String...) throws -> String? {
        let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        return try ProfileLibrary().recognize(bytes.span.bytes)?.name
    }

    @Test(
        "a table of rights is none of cameras, whatever the grantee's column is called",
        arguments: [
            "invited", "friend", "member", "viewer", "user", "delegate", "to", "target", "sharee", "subject",
            "principal", "account",
            "user_id", "trusted_contact", "receiver", "amigo", "sharedTo",
        ])
    func rights(_ column: String) throws {
        #expect(try name("owner,camera,\(column),from,until", "ann,7,bob,,") == nil)
        #expect(try name(#"{"owner":"ann","camera":"7","\#(column)":"bob"}"#) == nil)
        let sample = Array("owner,camera,\(column),from,until\nann,7,bob,,\n".utf8)
        #expect(RightsTable.complaint(of: sample.span.bytes, path: "x.csv")?.hasPrefix(RightsTable.complaint) == true)
        #expect(try name(#"{"owner":"ann","camera":"7","\#(column)":{"id":"bob"}}"#) != "directory-grants-json")
    }

    @Test(
        "a table of cameras is one whatever it says of the devices",
        arguments: [
            ("name", "kitchen"), ("room", "kitchen"), ("firmware", "2.10.24"), ("model", "m1"), ("serial", "sn17"),
            ("location", "berlin"),
            ("status", "offline"), ("online", "false"), ("installed_by_shop", "x y"), ("zip", "10115"),
            ("owner_name", "ann"),
        ])
    func cameras(_ column: String, _ value: String) throws {
        let rows = try parsed(["camera,owner,from,until,\(column)", "7,acct17,,,\(value)"])
        #expect(rows.batch.cameras.map(\.openEnds) == [[]], "\(column)")
        let json = try parsed([#"{"camera":"7","owner":"acct17","\#(column)":"\#(value)"}"#])
        #expect(json.batch.cameras.map(\.openEnds) == [[]], "\(column)")
    }

    @Test("an owner before this one, and a day of transfer, leave open when a camera was owned")
    func formerOwners() throws {
        for (header, values, ends) in [
            ("previous_owner", "b", OpenEnds.both), ("previous_owner", "", []), ("new_owner", "b", .both),
            ("transfer_date", "2026-03-05", .both),
            ("from,until,made", "2026-01-01T00:00:00Z,,2026-03-05", []), ("tombstone", "1", .both), ("op", "D", .both),
            ("op", "I", []),
        ] {
            let rows = try parsed(["camera,owner,\(header)", "c,a,\(values)"])
            #expect(rows.batch.cameras.map(\.openEnds) == [ends], "\(header) \(values)")
        }
    }

    @Test("so with sessions: what leaves open a grant leaves open whose session it was")
    func sessions() throws {
        for (header, values, ends) in [
            ("from,until,agent", "2026-01-01T00:00:00Z,,x", []),
            ("from,logout", "2026-01-01T00:00:00Z,2026-02-01T00:00:00Z", OpenEnds.until),
            ("from,until,revoked_at", "2026-01-01T00:00:00Z,,2026-02-01T00:00:00Z", .until),
            ("created_at,expires_at", "2026-01-01,2026-02-01", .both), ("revoked", "true", .both),
            ("revoked", "false", []),
            ("from,until,last_seen", "2026-01-01T00:00:00Z,,2026-02-01T00:00:00Z", []), ("until", "2026-02-01", .until),
            ("from,seen", "2026-01-01T00:00:00Z,2026-02-01T00:00:00Z", .until),
        ] {
            let rows = try parsed(["session,account,\(header)", "s1,a,\(values)"])
            #expect(rows.batch.sessions.map(\.openEnds) == [ends], "\(header) \(values)")
        }
        let mongo = try parsed([#"{"session":"s1","account":"a","until":{"$date":"2026-02-01T00:00:00Z"}}"#])
        #expect(mongo.batch.sessions.map(\.openEnds) == [.until])
        let several = try parsed([#"{"session":["s1","s2"],"account":"a"}"#])
        #expect(several.batch.sessions.map { several.text($0.session) } == ["s1", "s2"])
        #expect(several.batch.sessions.allSatisfy { $0.openEnds == .both })
    }

    @Test(
        "a column of cameras that counts viewers, or names another thing, leaves the row as it is",
        arguments: [
            ("viewer_count", "2"), ("member_count", "3"), ("guest_wifi", "home-1"), ("guest_mode", "off"),
            ("hub", "hub-1"),
            ("nvr", "nvr-7"), ("did", "1122334455"), ("bytes_used", "5000000000"),
        ])
    func plainOfCameras(_ column: String, _ value: String) throws {
        for owner in ["acct-17", "3522798642"] {
            let rows = try parsed(["camera,owner,\(column)", "c,\(owner),\(value)"])
            #expect(rows.batch.cameras.map(\.openEnds) == [[]], "\(owner)")
        }
    }

    @Test(
        "what else a grantee may do leaves the grant as it is",
        arguments: ["can_share", "can_record", "can_edit", "can_control", "view_history", "read_only", "permanent"])
    func plainOfGrants(_ column: String) throws {
        let rows = try parsed(["owner,camera,grantee,from,until,\(column)", "a,c,b,2026-01-01T00:00:00Z,,false"])
        #expect(rows.batch.grants.map(\.openEnds) == [[]])
    }

    @Test("a session that is open is nobody's for sure, and another account's beside it neither")
    func openSessions() throws {
        var table = SessionTable()
        table.add(session: "s", address: "", account: "a", live: Validity(from: 0, until: 50), openEnds: .until)
        table.add(session: "t", address: "", account: "a", live: Validity(from: 0))
        table.add(session: "t", address: "", account: "?", live: Validity(), openEnds: .both)
        table.add(session: "u", address: "", account: "a", live: Validity(from: 0))
        func account(_ session: String) -> [UInt8]? {
            Array(session.utf8).withUnsafeBytes { table.account(of: $0, in: .session, 10, 20) }
        }
        #expect(account("s") == nil && account("t") == nil && account("u") == Array("a".utf8))
    }

    @Test("a number is a time of a table only as a moment of this century since 1970")
    func tableTimes() {
        func time(_ text: String, isEnd: Bool = true) -> Int64? {
            Array(text.utf8).withUnsafeBytes { TableTime.microseconds($0, isEnd: isEnd) }
        }
        for text in [
            "46023", "46023.5", "639028224000000000", "134116992000000000", "20260701", "2027",
            "20454", "29454240",
            "2461042.5", "0", "-1", "253402300799", "9223372036854775807", "0001-01-01T00:00:00Z",
            "1970-01-01T00:00:00Z", "2026-02-01",
            "2026-01-01T00:00:00+0", "T", "",
        ] { #expect(time(text) == nil, "\(text)") }
        // 2026-02-01T00:00:00Z
        let february: Int64 = 1_769_904_000_000_000
        for text in [
            "1769904000", "1769904000.0", "1769904000000", "1769904000000000", "1769904000000000000",
            "2026-02-01 00:00:00+00",
            "2026-02-01 02:00:00+02", "2026-02-01 00:00:00 UTC", "2026-02-01 00:00:00.000000 UTC", "20260201T000000Z",
            "20260201T000000", "20260201000000",
            "2026-02-01T00:00:00Z",
        ] { #expect(time(text) == february, "\(text)") }
        #expect(time("9999-12-31T00:00:00Z") != nil && time("9999-12-31T00:00:00Z", isEnd: false) == nil)
        #expect(time("0001-01-01T00:00:00Z", isEnd: false) != nil)
    }

    @Test("NULL and \\N, as databases write them, are no end", arguments: ["NULL", "null", "\\N", ""])
    func noEnd(_ text: String) throws {
        let rows = try parsed(["owner,camera,grantee,from,until", "a,c,b,2026-01-01 00:00:00+00,\(text)"])
        #expect(rows.batch.grants.map(\.openEnds) == [[]] && rows.outcomes.last == .accepted)
    }

    @Test("a comment or a title above a table is passed over")
    func titles() throws {
        let rows = try parsed([
            "# exported 2026-03-02, all rights", "All rights", "sep=;", "owner;camera;grantee", "a;c;b", "a;c;d",
            "a;c;e",
        ])
        #expect(rows.batch.grants.count == 3)
    }

    @Test("a file of rights in a form that nobody reads is told by its name; a log is none")
    func rightsTables() {
        func complaint(_ text: String, _ path: String) -> String? {
            RightsTable.complaint(of: Array(text.utf8).span.bytes, path: path)
        }
        #expect(complaint("INSERT INTO x VALUES (1);\n", "db/grants.sql") != nil)
        #expect(complaint("a: b\n", "camera-shares.yaml") != nil)
        #expect(complaint("camera | owner | buddy\n", "x.txt")?.contains("'buddy' may name") == true)
        #expect(complaint(#"{"camera":"c","owner":"a","ts":"x","status":200}"# + "\n", "x.json") == nil)
        #expect(complaint("the camera of the owner, as a text, with words\n", "readme.txt") == nil)
        #expect(complaint("", "") == nil && complaint("{\"a\":", "x") == nil && complaint("[[[[{\"", "x") == nil)
    }
}
