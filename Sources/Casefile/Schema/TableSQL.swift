import LogRecords

extension EventTable {
    /// The statement that makes the table.
    var createSQL: String {
        var lines = hasID ? ["id INTEGER PRIMARY KEY,"] : []
        let hasKey = !hasID
        for (index, column) in columns.enumerated() {
            if index == commonCount, commonCount > 0 {
                lines.append("-- From here on a row may end early: what most lines leave out takes no room.")
            }
            let isLast = index == columns.count - 1 && !hasKey
            let words = column.createSQL + (isLast ? "" : ",")
            guard let note = column.note else {
                lines.append(words)
                continue
            }
            if column.isNoteAbove {
                lines += ["-- \(note)", words]
            } else {
                let gap = max(2, Self.noteColumn - words.count)
                lines.append(words + String(repeating: " ", count: gap) + "-- \(note)")
            }
        }
        if hasKey { lines.append("PRIMARY KEY (\(primaryKey.joined(separator: ", ")))") }
        return "CREATE TABLE \(name) (\n" + lines.map { "    \($0)\n" }.joined()
            + (hasKey ? ") STRICT, WITHOUT ROWID;" : ") STRICT;")
    }

    /// Where the notes of a table's columns stand.
    private static let noteColumn = 29
}

extension EventColumn {
    fileprivate var createSQL: String {
        let type = kind == .text ? "TEXT" : "INTEGER"
        let presence =
            switch absence {
            case .impossible: " NOT NULL"
            case .zero: " NOT NULL DEFAULT 0"
            case .null: ""
            }
        return "\(name) \(type)\(presence)" + (reference.map { " REFERENCES \($0)(id)" } ?? "")
    }
}
