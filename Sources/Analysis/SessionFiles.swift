import LogBytes
public import LogRecords

/// Reads the tables that say which account a session or an address stood for, before any log is read.
///
/// They are read again as sources of the case, like all files given, and so have their digest, lines and rejects there.
public enum SessionFiles {
    /// - Throws: `LogBytesError` for a path that is not there, `AnalysisError.cannotRead` for a file that is no such table.
    public static func table(_ paths: [String], _ library: ProfileLibrary) throws -> SessionTable {
        var table = SessionTable()
        for found in try LogTree.find(paths).files {
            guard !found.isPipe else {
                throw AnalysisError.cannotRead(
                    path: found.name, reason: "a session table is read twice, and a pipe only once")
            }
            let before = table.count
            _ = try LogFile(path: found.path).forEachMember { member in
                guard let profile = member.profile(by: Recognizer(library)), profile.recordKinds.contains(.session)
                else { return }
                read(&member, profile, into: &table)
            }
            guard table.count > before else {
                throw AnalysisError.cannotRead(
                    path: found.name, reason: "no session table; see 'strayframe profiles show directory-sessions'")
            }
        }
        return table
    }

    private static func read(_ member: inout LogMember, _ profile: Profile, into table: inout SessionTable) {
        let names = NameTable()
        var parser = LineParser(profile: profile, names: names)
        var batch = RecordBatch()
        member.forEachRecord { bytes, line in
            guard case .whole = line.extent else { return .next }
            _ = parser.parse(bytes, id: EventID(source: 1, line: Int64(line.number)), into: &batch)
            parser.settle(&batch)
            for row in batch.sessions {
                table.add(
                    session: names.text(row.session), address: names.text(row.address),
                    account: names.text(row.account), live: row.live)
            }
            batch.removeAll()
            return parser.rest.map { .rest(from: $0) } ?? .next
        }
    }
}
