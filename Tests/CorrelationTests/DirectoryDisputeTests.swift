import Chance
import Correlation
import Interning
import LogRecords
import Testing

/// Tables that contradict themselves or each other, against a second reading of the rule, moment by moment.
@Suite struct DirectoryDisputeTests {
    private struct Row {
        var file: Int64
        var from: Int64?
        var until: Int64?
        var openEnds: OpenEnds
        var owner = SymbolID(rawValue: 1)

        func covers(_ moment: Int64) -> Bool { (from ?? .min) <= moment && moment < (until ?? .max) }
        func mayCover(_ moment: Int64) -> Bool {
            (openEnds.contains(.from) || (from ?? .min) <= moment)
                && (openEnds.contains(.until) || moment < (until ?? .max))
        }
        var validity: Validity { Validity(from: from, until: until) }
    }

    private static let moments: [Int64] = Array(-2...22)

    /// Some rows of up to three files about one thing; one in six has an end that could not be read.
    private static func rows(_ chance: inout Chance, owners: Int32 = 1) -> [Row] {
        (0...chance.below(4)).map { _ in
            let from: Int64? = chance.one(in: 5) ? nil : Int64(chance.below(18))
            let until: Int64? = chance.one(in: 5) ? nil : (from ?? 0) + Int64(1 + chance.below(6))
            var row = Row(file: Int64(1 + chance.below(3)), from: from, until: until, openEnds: [])
            row.owner = SymbolID(rawValue: 1 + Int32(chance.below(Int(owners))))
            if chance.one(in: 6) {
                row.openEnds = [.from, .until, .both][chance.below(3)]
                if row.openEnds.contains(.from) { row.from = nil }
                if row.openEnds.contains(.until) { row.until = nil }
            }
            return row
        }
    }

    /// Whether the rows about one thing say that it held at a moment: yes, no, or open.
    ///
    /// - Parameter areVersions: whether two rows of one file may be versions of one.
    private static func truth(_ rows: [Row], _ moment: Int64, areVersions: Bool) -> Entitlement {
        let whole = rows.filter(\.openEnds.isEmpty)
        func span(_ row: Row) -> Set<Int64> { Set((-100...100).filter(row.covers)) }
        // One of them began when the other did, or lies in it.
        let isOutdated =
            areVersions
            && whole.contains { row in
                row.covers(moment)
                    && whole.contains { other in
                        let (mine, its) = (span(row), span(other))
                        return other.file == row.file && !its.contains(moment) && !mine.isDisjoint(with: its)
                            && (mine.min() == its.min() || mine.isSuperset(of: its) || its.isSuperset(of: mine))
                    }
            }
        // A row that may be over may be a version of one that began before it, or at an unknown time.
        func isShaken(_ row: Row) -> Bool {
            areVersions
                && rows.contains { other in
                    !other.openEnds.isEmpty && other.file == row.file && span(row).contains(where: other.mayCover)
                        && (other.from ?? 1000) >= (row.from ?? -1000)
                }
        }
        // A file that has a version of a row, and none that holds now, speaks against it.
        let isDisputed = whole.contains { row in
            row.covers(moment)
                && Set(whole.map(\.file)).contains { file in
                    let versions = whole.filter { $0.file == file }
                    let isVersion = versions.contains { other in moments.contains { row.covers($0) && other.covers($0) }
                    }
                    return file != row.file && isVersion && !versions.contains { $0.covers(moment) }
                }
        }
        let isOpen = isDisputed || isOutdated
        if !isOpen, whole.contains(where: { $0.covers(moment) && !isShaken($0) }) { return .entitled }
        return isOpen || rows.contains { $0.mayCover(moment) } ? .open : .notEntitled
    }

    @Test("a grant holds where all files that know it say so, and is open where they do not", arguments: 1...400)
    func grants(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        let rows = Self.rows(&chance)
        let (owner, camera, grantee) = (SymbolID(rawValue: 1), SymbolID(rawValue: 2), SymbolID(rawValue: 3))
        let directory = Directory(
            grants: rows.enumerated().map { index, row in
                GrantRecord(
                    id: EventID(source: row.file, line: Int64(index)), owner: owner, camera: camera, grantee: grantee,
                    live: row.validity, openEnds: row.openEnds)
            })
        for moment in Self.moments {
            let right = directory.entitlement(
                of: grantee, to: FrameOrigin(owner: owner, camera: camera), moment, moment)
            #expect(right == Self.truth(rows, moment, areVersions: true), "\(rows) at \(moment)")
        }
    }

    @Test(
        "a camera's owners are those who may have owned it, and nobody known where no table is sure", arguments: 1...400
    )
    func owners(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        let rows = Self.rows(&chance, owners: 2)
        let camera = SymbolID(rawValue: 9)
        let directory = Directory(
            cameras: rows.enumerated().map { index, row in
                CameraRecord(
                    id: EventID(source: row.file, line: Int64(index)), camera: camera, owner: row.owner,
                    owned: row.validity, openEnds: row.openEnds)
            })
        for moment in Self.moments {
            let says = (1...2).map { owner in
                Self.truth(rows.filter { $0.owner.rawValue == owner }, moment, areVersions: false)
            }
            var expected = Set((1...2).filter { says[$0 - 1] != .notEntitled }.map { SymbolID(rawValue: Int32($0)) })
            if !says.contains(.entitled), says.contains(.open) { expected.insert(.absent) }
            #expect(Set(directory.owners(of: camera, moment, moment)) == expected, "\(rows) at \(moment)")
        }
    }

    @Test("two owners of a camera at once are found, one after the other are not")
    func twoOwners() {
        func disputes(_ until: Int64) -> [DirectoryDispute] {
            Directory(cameras: [
                CameraRecord(
                    id: EventID(source: 1, line: 2), camera: SymbolID(rawValue: 9), owner: SymbolID(rawValue: 1),
                    owned: Validity(from: 0, until: until)),
                CameraRecord(
                    id: EventID(source: 1, line: 3), camera: SymbolID(rawValue: 9), owner: SymbolID(rawValue: 2),
                    owned: Validity(from: 10)),
            ]).disputes
        }
        #expect(disputes(10).isEmpty)
        #expect(disputes(12).map(\.kind) == [.twoOwners])
        #expect(disputes(12).map(\.time) == [Validity(from: 10, until: 12)])
        #expect(disputes(12).map(\.rows) == [[EventID(source: 1, line: 2), EventID(source: 1, line: 3)]])
    }
}
