import Crypto
import Foundation
import Interning
import LogBytes
public import LogRecords

/// Reads the tables that say which account a session or an address stood for, before any log is read.
///
/// They are read again as sources of the case, like all files given, and so have their digest, lines and rejects there.
public enum SessionFiles {
    /// - Throws: `LogBytesError` for a path that is not there, `AnalysisError.cannotRead` for a file that is no such table.
    public static func table(_ paths: [String], _ library: ProfileLibrary) throws -> SessionTable {
        var table = SessionTable()
        var rows = RowSum()
        for found in try LogTree.find(paths).files {
            guard !found.isPipe else {
                throw AnalysisError.cannotRead(
                    path: found.name, reason: "a session table is read twice, and a pipe only once")
            }
            let before = table.count
            _ = try LogFile(path: found.path).forEachMember { member in
                guard let profile = member.profile(by: FormatSniffer(library)), profile.recordKinds.contains(.session)
                else { return }
                read(&member, profile, into: &table, &rows)
            }
            guard table.count > before else {
                throw AnalysisError.cannotRead(
                    path: found.name, reason: "no session table; see 'strayframe profiles show directory-sessions'")
            }
        }
        if !paths.isEmpty { table.digest = rows.hexadecimal }
        return table
    }

    /// The sum of the rows' digests, which is the same in any order of them.
    private struct RowSum {
        private var sum: (UInt64, UInt64) = (0, 0)

        mutating func add(_ values: [String]) {
            let digest = SHA256.hash(data: Data(values.joined(separator: "\0").utf8))
            digest.withUnsafeBytes { bytes in
                sum.0 &+= bytes.loadUnaligned(as: UInt64.self).littleEndian
                sum.1 &+= bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self).littleEndian
            }
        }

        var hexadecimal: String { String(sum.0, radix: 16) + String(sum.1, radix: 16) }
    }

    private static func read(
        _ member: inout LogMember, _ profile: Profile, into table: inout SessionTable, _ rows: inout RowSum
    ) {
        let names = StringInterner()
        var parser = LineParser(profile: profile, names: names)
        var batch = RecordBatch()
        member.forEachRecord { bytes, line in
            guard case .whole = line.extent else { return .next }
            _ = parser.parse(bytes, id: EventID(source: 1, line: Int64(line.number)), into: &batch)
            parser.settle(&batch)
            for row in batch.sessions {
                let (session, address) = (names.text(row.session), names.text(row.address))
                let account = names.text(row.account)
                table.add(
                    session: session, address: address, account: account, live: row.live, openEnds: row.openEnds)
                let bounds = [row.live.from, row.live.until].map { $0.map(String.init) ?? "" }
                let open = row.openEnds.isEmpty ? [] : ["open \(row.openEnds.rawValue)"]
                rows.add([session, address, account] + bounds + open)
            }
            batch.removeAll()
            return parser.rest.map { .rest(from: $0) } ?? .next
        }
    }
}
