import Correlation
import Interning
import LogRecords
import Testing

/// What a grant says whose times are not known.
@Suite struct OpenGrantTests {
    private let owner = SymbolID(rawValue: 1)
    private let camera = SymbolID(rawValue: 2)
    private let grantee = SymbolID(rawValue: 3)

    private func directory(_ grants: (from: Int64?, until: Int64?, openEnds: OpenEnds)...) -> Directory {
        Directory(
            grants: grants.enumerated().map { index, grant in
                GrantRecord(
                    id: EventID(source: 1, line: Int64(index)), owner: owner, camera: camera, grantee: grantee,
                    live: Validity(from: grant.from, until: grant.until), openEnds: grant.openEnds)
            })
    }

    private func right(_ directory: Directory, _ camera: SymbolID) -> Entitlement {
        directory.entitlement(of: grantee, to: FrameOrigin(owner: owner, camera: camera), 50, 60)
    }

    @Test("it leaves open whether a frame was seen by right, whichever of its times is known")
    func open() {
        for times in [(nil, nil), (10, nil), (nil, 20), (70, 80)] as [(Int64?, Int64?)] {
            #expect(right(directory((times.0, times.1, .both)), camera) == .open)
            #expect(right(directory((times.0, times.1, .both)), .absent) == .open)
        }
        #expect(right(directory((nil, nil, .both)), SymbolID(rawValue: 9)) == .notEntitled, "another camera")
    }

    @Test(
        "beside it, one row of the same file that is known to be live counts if it began later; else it may be an older version"
    )
    func beside() {
        #expect(right(directory((10, nil, .both), (20, nil, [])), camera) == .entitled)
        #expect(right(directory((nil, 5, .from), (10, nil, [])), camera) == .entitled)
        #expect(right(directory((10, nil, .both), (10, nil, [])), camera) == .open)
        #expect(right(directory((nil, nil, .both), (0, nil, [])), camera) == .open)
        #expect(right(directory((nil, nil, .both), (0, 40, [])), camera) == .open)
    }

    @Test("of one right in one file, versions differ over what only one says, and renewals add up")
    func versions() {
        #expect(right(directory((0, nil, []), (0, 40, [])), camera) == .open)
        #expect(right(directory((0, 40, []), (0, nil, [])), camera) == .open)
        #expect(right(directory((0, nil, []), (20, 40, [])), camera) == .open)
        #expect(right(directory((0, 90, []), (0, 80, [])), camera) == .entitled)
        #expect(right(directory((0, 55, []), (40, 90, [])), camera) == .entitled)
        #expect(right(directory((0, 55, []), (55, nil, [])), camera) == .entitled)
        #expect(right(directory((0, 10, []), (20, 40, [])), camera) == .notEntitled)
    }

    @Test("what could be read of its times holds: before it began and after it ended nobody saw by right")
    func readable() {
        #expect(right(directory((70, nil, .until)), camera) == .notEntitled)
        #expect(right(directory((40, nil, .until)), camera) == .open)
        #expect(right(directory((nil, 40, .from)), camera) == .notEntitled)
        #expect(right(directory((nil, 40, .from)), .absent) == .notEntitled)
        #expect(right(directory((nil, 80, .from)), camera) == .open)
    }
}
