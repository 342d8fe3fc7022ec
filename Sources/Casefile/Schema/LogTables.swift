/// The tables of the files that were read, and of what stands in them beside events.
extension Schema {
    static let logs = """
        CREATE TABLE name (
            id INTEGER PRIMARY KEY,
            text TEXT NOT NULL
        ) STRICT;

        -- Frame ids, apart from other names: what is indexed by a name's number has no holes for them. One may stand here
        -- several times, so frames are compared by their texts.
        CREATE TABLE frame (
            id INTEGER PRIMARY KEY,
            text TEXT NOT NULL
        ) STRICT;

        -- A log file as found, or one member of an archive.
        CREATE TABLE source (
            id INTEGER PRIMARY KEY,
            path TEXT NOT NULL,          -- as found, from the dump's root
            member TEXT,                 -- the name inside an archive
            label TEXT,                  -- first 12 digits of sha256, and the member's number: leads IDs
            size INTEGER NOT NULL,       -- bytes as found
            sha256 TEXT,                 -- of the bytes as found (of the archive, for a member)
            compression TEXT,
            profile TEXT,
            -- For IN, SQLite would make a table of the words for each row.
            state TEXT NOT NULL CHECK (
                state = 'pending' OR state = 'complete' OR state = 'damaged' OR state = 'unrecognized'
                OR state = 'duplicate' OR state = 'unreadable'),
            reason TEXT,                 -- what is wrong with it
            lines INTEGER NOT NULL DEFAULT 0,
            accepted INTEGER NOT NULL DEFAULT 0,
            ignored INTEGER NOT NULL DEFAULT 0,
            rejected INTEGER NOT NULL DEFAULT 0,
            first_ts INTEGER,
            last_ts INTEGER,
            location TEXT,               -- where it was read from, for 'explain' and 'verify'; in no report
            note TEXT,                   -- which of its lines stand in another source, too
            node INTEGER,                -- the name of the node that its lines name; 0: several; NULL: none
            goes_back INTEGER NOT NULL DEFAULT 0   -- whether a line has an earlier stamp than one before it
        ) STRICT;

        -- A digest of each line, by which the same lines are found in several sources: 'words' has four bytes a line.
        CREATE TABLE line_digest (
            id INTEGER PRIMARY KEY,      -- of the source and the first of these lines, as an event's
            words BLOB NOT NULL
        ) STRICT;

        -- What is compared of deliveries and not kept, such as requests' ids: sixteen bytes for each (see 'LineTags').
        CREATE TABLE line_tag (
            id INTEGER PRIMARY KEY,      -- of the source and the first of these lines, as an event's
            tags BLOB NOT NULL
        ) STRICT;

        -- Lines that count elsewhere: the same lines stand in another source, or before them in their own, and those rows count.
        CREATE TABLE repeated (
            id INTEGER PRIMARY KEY,      -- of the source and the first of the lines
            last INTEGER NOT NULL,       -- the last line
            original INTEGER NOT NULL    -- the source of the lines that count, and the first of them
        ) STRICT;
        """
}
