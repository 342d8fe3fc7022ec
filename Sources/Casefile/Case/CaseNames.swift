import GRDB
public import Interning

/// The names and frame ids of a case, which every reading thread numbers.
extension CaseFile {
    func restoreNames() throws {
        try read { db in
            // Its names no longer have the numbers that their texts lead to.
            if try Journal.all(db).first?.action == Journal.Action.pseudonymize.rawValue {
                throw CaseFileError.pseudonymized(path: path)
            }
            try restore(names, nameSeals, db)
            try restore(frames, frameSeals, db)
        }
    }

    /// Puts back the names that are stored, or the frame ids.
    private func restore(_ texts: StringInterner, _ seals: NameSeals, _ db: Database) throws {
        let table = seals.table.name
        let rows = try Row.fetchCursor(db, sql: "SELECT id, text FROM \(table) ORDER BY id")
        var count = 0
        while let row = try rows.next() {
            let number: Int64 = try row.decode(atIndex: 0)
            // On a damaged disk there may be no text.
            guard let id = Int32(exactly: number), let text = try row.decode(String?.self, atIndex: 1),
                texts.restore(SymbolID(rawValue: id), text, after: count)
            else {
                throw CaseFileError.edited(
                    path: path, what: "table \(table): row \(number) is not the one that was written")
            }
            count += 1
            var copy = text
            copy.withUTF8 { seals.add(id, UnsafeRawBufferPointer($0)) }
        }
        guard try seals.fit(db) else {
            throw CaseFileError.edited(path: path, what: "table \(table): the rows are not those that were written")
        }
    }

    /// A cache before the names of the case, for one thread.
    ///
    /// - Parameter handsOver: whether the queues of whole batches are resolved by another cache.
    public func nameCache(handsOver: Bool = false) -> ThreadInternCache {
        ThreadInternCache(names, frames: frames, handsOver: handsOver)
    }

    /// Gives back the memory that is only needed to number names, once all are.
    public func shrinkNames() {
        names.shrink()
        frames.shrink()
    }

    /// Makes sure that no name was told wrongly, before what rests on names is committed.
    ///
    /// - Throws: `ScratchError`.
    public func checkNames() throws {
        try names.check()
        try frames.check()
    }
}
