/// The tables of what people say of a case, and of what was done to it.
extension Schema {
    static let upkeep = """
        -- What people say of an exposure or an account. It outlives correlations: an exposure is kept by its ID, too, for its
        -- line may not be in the case any more.
        CREATE TABLE annotation (
            id INTEGER PRIMARY KEY,
            delivery INTEGER,
            exposure TEXT,               -- the ID, as people write it
            account INTEGER REFERENCES name(id),
            tag TEXT,
            note TEXT,
            CHECK ((exposure IS NULL) <> (account IS NULL) AND ifnull(tag, ifnull(note, '')) <> '')
        ) STRICT;

        -- The figures of the last correlation, and what they were computed with.
        CREATE TABLE correlation (
            what TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- What was done to this case, when. The only place with times of runs and paths outside the dump.
        CREATE TABLE journal (
            seq INTEGER PRIMARY KEY,
            at TEXT NOT NULL,            -- UTC
            tool TEXT NOT NULL,
            action TEXT NOT NULL,
            arguments TEXT NOT NULL,     -- of the command, a JSON array
            detail TEXT NOT NULL,        -- a JSON object
            input TEXT,                  -- SHA-256 of what was read outside the case
            output TEXT,                 -- SHA-256 of what was written outside the case
            state TEXT NOT NULL,         -- SHA-256 of the seals after it
            previous TEXT NOT NULL,      -- the hash of the entry before
            hash TEXT NOT NULL           -- SHA-256 of the JSON array of the other columns
        ) STRICT;

        -- What the rows hash to, as they were written (Docs/Custody.md).
        CREATE TABLE seal (
            tab TEXT NOT NULL,
            part INTEGER NOT NULL,       -- a source, a shard of the names or the frame ids, or 0
            rows INTEGER NOT NULL,
            sha256 TEXT NOT NULL,
            PRIMARY KEY (tab, part)
        ) STRICT, WITHOUT ROWID;
        """
}
