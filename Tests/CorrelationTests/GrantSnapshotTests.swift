import Correlation
import Interning
import LogRecords
import Testing

/// Several exports of one table of grants, of which no line tells when they were written.
@Suite struct GrantSnapshotTests {
    private static func grant(_ grantee: Int32, _ from: Int64?, file: Int64, until: Int64? = nil) -> GrantRecord {
        GrantRecord(
            id: EventID(source: file, line: Int64(grantee) + 1), owner: SymbolID(rawValue: 1),
            camera: SymbolID(rawValue: 100), grantee: SymbolID(rawValue: grantee),
            live: Validity(from: from, until: until))
    }

    private static func rights(_ grants: [GrantRecord], _ grantee: Int32, at time: Int64) -> Entitlement {
        Directory(grants: grants).entitlement(
            of: SymbolID(rawValue: grantee),
            to: FrameOrigin(owner: SymbolID(rawValue: 1), camera: SymbolID(rawValue: 100)),
            time, time)
    }

    @Test(
        "a grant that a later snapshot lacks is open for all of its time, whichever file is read first",
        arguments: [1, 2])
    func withdrawn(_ first: Int64) {
        let (early, late) = (first, 3 - first)
        let grants = [
            Self.grant(2, 10, file: early), Self.grant(3, 20, file: early), Self.grant(4, nil, file: early, until: 900),
            Self.grant(2, 10, file: late), Self.grant(4, nil, file: late, until: 900), Self.grant(5, 50, file: late),
        ]
        #expect([15, 30, 800].map { Self.rights(grants, 3, at: $0) } == [.notEntitled, .open, .open])
        // What both have holds; so does what began after all that the earlier one has.
        #expect([2, 4, 5].map { Self.rights(grants, $0, at: 60) } == [.entitled, .entitled, .entitled])
        let disputes = Directory(grants: grants).disputes
        #expect(disputes.map(\.kind) == [.grantTimes] && disputes[0].other == SymbolID(rawValue: 3))
        #expect(Set(disputes[0].rows) == [grants[1].id, grants[3].id])
    }

    @Test("a grant of no known beginning that only one snapshot has is open")
    func withoutBeginning() {
        let grants = [
            Self.grant(2, nil, file: 1), Self.grant(3, nil, file: 1), Self.grant(2, nil, file: 2),
        ]
        #expect(Self.rights(grants, 3, at: 60) == .open && Self.rights(grants, 2, at: 60) == .entitled)
    }

    @Test("parts of a table add up, and so do files that have little in common")
    func parts() {
        var grants = (2...6).map { Self.grant($0, 10, file: 1) } + (7...11).map { Self.grant($0, 20, file: 2) }
        #expect((2...11).allSatisfy { Self.rights(grants, $0, at: 60) == .entitled })
        grants.append(Self.grant(2, 10, file: 2))
        #expect((2...11).allSatisfy { Self.rights(grants, $0, at: 60) == .entitled })
    }
}
