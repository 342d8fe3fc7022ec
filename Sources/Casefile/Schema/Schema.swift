internal import GRDB

/// The tables of a case file.
///
/// Event rows are narrow integers: a row's `id` is its source's number times 2^36 plus its line number, so rows lie in
/// order of reading and lead back to their raw line; every text stands once, in `name`. Frame ids are in `frame`, up to
/// one for each fill: while only fills name frames, one that comes again may stand there again. People read the views (see
/// `Views.swift`), which join it all back.
enum Schema {
    /// "SFrm": marks the file as a case of this product (SQLite's `application_id`).
    static let applicationID: Int32 = 0x5346_726d
    static let version = 9

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("\(version)") { db in
            try db.execute(sql: tables)
            try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
        }
        return migrator
    }

    /// What makes reading faster, and writing slower: built once all is read.
    static let indexes = ["camera_by_name": "camera(camera)"]

    private static let tables = """
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

        CREATE TABLE reject (
            source INTEGER NOT NULL REFERENCES source(id),
            line INTEGER NOT NULL,
            offset INTEGER NOT NULL,     -- byte of the line's beginning in the decoded stream
            reason TEXT NOT NULL,
            sample TEXT NOT NULL,        -- the first bytes of the line
            PRIMARY KEY (source, line)
        ) STRICT, WITHOUT ROWID;

        -- What many deliveries have in common, each combination once.
        CREATE TABLE circumstance (
            id INTEGER PRIMARY KEY,
            clock INTEGER REFERENCES name(id),
            node INTEGER REFERENCES name(id),
            client INTEGER REFERENCES name(id),
            network INTEGER REFERENCES name(id),
            kind INTEGER REFERENCES name(id),
            cache_word INTEGER REFERENCES name(id),
            status INTEGER,
            cache_status INTEGER NOT NULL,
            content INTEGER NOT NULL,    -- 0 a frame, 1 shown again (304), 2 none
            flags INTEGER NOT NULL,
            -- What the profile maps beyond these: firmware=4.1, then char(31), then site=eu.
            extra INTEGER REFERENCES name(id)
        ) STRICT;

        -- ts: the record's time stamp, microseconds since 1970 UTC. The record stands for [ts-early, ts+late]; it had
        -- begun by ts-early+begun.
        CREATE TABLE delivery (
            id INTEGER PRIMARY KEY,
            ts INTEGER NOT NULL,
            key INTEGER REFERENCES name(id),
            requester INTEGER REFERENCES name(id),
            camera INTEGER REFERENCES name(id),
            circumstance INTEGER NOT NULL REFERENCES circumstance(id),
            bytes INTEGER,
            rtt_ms INTEGER,
            loss_bp INTEGER,
            -- From here on a row may end early: what most lines leave out takes no room.
            early INTEGER NOT NULL DEFAULT 0,
            late INTEGER NOT NULL DEFAULT 0,
            begun INTEGER NOT NULL DEFAULT 0,
            frame INTEGER REFERENCES frame(id),
            owner INTEGER REFERENCES name(id),
            frame_camera INTEGER REFERENCES name(id)
        ) STRICT;

        CREATE TABLE fill (
            id INTEGER PRIMARY KEY,
            ts INTEGER NOT NULL,
            early INTEGER NOT NULL,
            late INTEGER NOT NULL,
            clock INTEGER REFERENCES name(id),
            kind INTEGER NOT NULL,       -- 0 stored by the cache, 1 sent by the origin, 2 revalidated by the origin
            node INTEGER REFERENCES name(id),
            key INTEGER REFERENCES name(id),
            frame INTEGER REFERENCES frame(id),
            camera INTEGER REFERENCES name(id),
            owner INTEGER REFERENCES name(id),
            requester INTEGER REFERENCES name(id),
            validator INTEGER REFERENCES frame(id),
            version INTEGER REFERENCES name(id),
            ttl_s INTEGER
        ) STRICT;

        CREATE TABLE purge (
            id INTEGER PRIMARY KEY,
            ts INTEGER NOT NULL,
            early INTEGER NOT NULL,
            late INTEGER NOT NULL,
            clock INTEGER REFERENCES name(id),
            node INTEGER REFERENCES name(id),
            key INTEGER REFERENCES name(id),
            is_expiry INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE rollout (
            id INTEGER PRIMARY KEY,
            ts INTEGER NOT NULL,
            node INTEGER REFERENCES name(id),
            name INTEGER REFERENCES name(id),
            note INTEGER REFERENCES name(id)  -- what is said of it
        ) STRICT;

        CREATE TABLE account (
            id INTEGER PRIMARY KEY,
            account INTEGER NOT NULL REFERENCES name(id)
        ) STRICT;

        CREATE TABLE camera (
            id INTEGER PRIMARY KEY,
            camera INTEGER NOT NULL REFERENCES name(id),
            owner INTEGER NOT NULL REFERENCES name(id),
            owned_from INTEGER,
            owned_until INTEGER,
            model INTEGER REFERENCES name(id),
            open_ends INTEGER NOT NULL DEFAULT 0  -- 1: owned_from could not be read; 2: owned_until; 3: neither is known
        ) STRICT;

        CREATE TABLE granted (
            id INTEGER PRIMARY KEY,
            owner INTEGER NOT NULL REFERENCES name(id),
            camera INTEGER NOT NULL REFERENCES name(id),
            grantee INTEGER NOT NULL REFERENCES name(id),
            live_from INTEGER,
            live_until INTEGER,
            open_ends INTEGER NOT NULL DEFAULT 0  -- as a camera's
        ) STRICT;

        -- Lines of one answer: of each but the one that counts, which that is.
        CREATE TABLE same_answer (
            delivery INTEGER PRIMARY KEY REFERENCES delivery(id), counted INTEGER NOT NULL REFERENCES delivery(id)
        ) STRICT;

        -- Pairs of logs that tell of the same answers, and of the others the one that comes nearest to it.
        CREATE TABLE log_pair (
            place INTEGER PRIMARY KEY,
            log TEXT NOT NULL,
            other TEXT NOT NULL,
            asked INTEGER NOT NULL,      -- how many lines of the smaller one were asked for a partner in the other
            share REAL NOT NULL,         -- of them that have one
            by_chance REAL NOT NULL,     -- of them that have one at other times
            is_same INTEGER NOT NULL
        ) STRICT;

        -- Sources with lines of answers that count elsewhere.
        CREATE TABLE shared_source (
            source INTEGER PRIMARY KEY REFERENCES source(id),
            answers INTEGER NOT NULL,    -- how many of its lines do not count
            others TEXT NOT NULL         -- the logs in which they do
        ) STRICT;

        -- What the correlation found. Deliveries that are clear are in neither table.
        CREATE TABLE exposure (
            delivery INTEGER PRIMARY KEY REFERENCES delivery(id),
            is_redisplay INTEGER NOT NULL,
            certainty TEXT NOT NULL CHECK (certainty = 'certain' OR certainty = 'possible'),
            evidence TEXT NOT NULL,
            relation TEXT NOT NULL,      -- of the likeliest candidate
            rollout_at_fill INTEGER REFERENCES name(id),
            rollout_at_delivery INTEGER REFERENCES name(id),
            owners INTEGER NOT NULL,     -- how many accounts may be the frame's owner
            unnamed_owner INTEGER NOT NULL, -- whether an account that no line names may be, too
            opened INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        CREATE TABLE candidate (
            delivery INTEGER NOT NULL REFERENCES exposure(delivery),
            rank INTEGER NOT NULL,       -- 1: the likeliest
            owner INTEGER NOT NULL REFERENCES name(id),
            camera INTEGER REFERENCES name(id),
            fill INTEGER,                -- the line that ties the frame to its owner, if another line does
            relation TEXT NOT NULL,
            PRIMARY KEY (delivery, rank)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE unresolved (
            delivery INTEGER PRIMARY KEY REFERENCES delivery(id),
            cause TEXT NOT NULL
        ) STRICT;

        CREATE TABLE affected (
            account INTEGER PRIMARY KEY REFERENCES name(id),
            reason TEXT NOT NULL CHECK (reason = 'requester' OR reason = 'camera owner' OR reason = 'both')
        ) STRICT;

        -- How many deliveries of each circumstance there were, and when the first and the last.
        CREATE TABLE tally (
            circumstance INTEGER PRIMARY KEY REFERENCES circumstance(id),
            deliveries INTEGER NOT NULL,
            first_ts INTEGER NOT NULL,
            last_ts INTEGER NOT NULL
        ) STRICT;

        -- How many deliveries there were in each stretch of time, all nodes together.
        CREATE TABLE traffic (
            from_ts INTEGER PRIMARY KEY,
            until_ts INTEGER NOT NULL,
            deliveries INTEGER NOT NULL,  -- that carried a frame
            others INTEGER NOT NULL       -- answers that carried none
        ) STRICT;

        -- What explains the exposures; the first one is the cause. 'conditions' is a conjunction as conditions.csv has it.
        CREATE TABLE condition (
            rank INTEGER PRIMARY KEY,
            conditions TEXT NOT NULL,
            deliveries INTEGER NOT NULL,
            exposures INTEGER NOT NULL,
            rate_inside REAL NOT NULL,
            rate_outside REAL NOT NULL,
            rate_outside_at_most REAL,   -- at 95 %, if no exposure is outside
            receivers INTEGER NOT NULL,  -- accounts that received the exposures inside
            receivers_outside INTEGER NOT NULL,
            risk_ratio REAL,             -- of accounts, each counted once; NULL if no exposure is outside
            risk_ratio_low REAL,
            risk_ratio_high REAL,
            p_adjusted REAL NOT NULL,
            same_as TEXT                 -- conjunctions that pick out the same deliveries, divided by '; '
        ) STRICT;

        -- The account that received nearly all of the exposures that were explained; no row if there is none.
        CREATE TABLE foremost_receiver (
            account INTEGER PRIMARY KEY REFERENCES name(id),
            accounts INTEGER NOT NULL,   -- of its household, all of which together received them; 1: it is alone
            exposures INTEGER NOT NULL,
            all_exposures INTEGER NOT NULL
        ) STRICT;

        -- What the keys of a node hold of the request, by rollout and template; those of exposures first.
        CREATE TABLE key_change (
            place INTEGER PRIMARY KEY,
            node INTEGER REFERENCES name(id),
            rollout INTEGER REFERENCES name(id),  -- in force at delivery
            template TEXT NOT NULL,
            shape TEXT NOT NULL,         -- the template with what its parts follow from
            holds TEXT,                  -- attributes that a key tells, divided by ', '
            keys INTEGER NOT NULL,       -- of the template, in all
            deliveries INTEGER NOT NULL,
            on_path INTEGER NOT NULL,    -- of them those that meet what the cause asks of a request
            exposures INTEGER NOT NULL,
            exposed_keys INTEGER NOT NULL,
            cameras INTEGER NOT NULL     -- whose frames strayed under them
        ) STRICT;

        -- Attributes that could be added to the keys of exposures, and what that would do.
        CREATE TABLE key_remedy (
            place INTEGER PRIMARY KEY,
            attribute TEXT NOT NULL,
            separated INTEGER NOT NULL,  -- exposures whose frame would have had another key
            exposures INTEGER NOT NULL,
            hit_rate REAL,               -- of deliveries under those keys, as logged
            hit_rate_with REAL           -- with the attribute, replayed
        ) STRICT;

        -- What came of each rollout after the cause's, on the path of the cause.
        CREATE TABLE fix (
            place INTEGER PRIMARY KEY,
            rollout INTEGER NOT NULL REFERENCES name(id),
            from_ts INTEGER NOT NULL,
            deliveries INTEGER NOT NULL,
            exposures INTEGER NOT NULL,
            last_ts INTEGER,             -- of the last exposure under it
            receivers REAL NOT NULL,     -- accounts, each counted once in all the time
            receivers_low REAL NOT NULL, receivers_high REAL NOT NULL,  -- the 95% interval of that
            expected REAL NOT NULL       -- at the cause's rate
        ) STRICT;

        -- How many accounts the scope holds, and how many its neighbours do.
        CREATE TABLE neighbour (
            place INTEGER PRIMARY KEY,   -- 1: the scope itself
            change TEXT NOT NULL,
            scope TEXT,                  -- NULL: the whole dump
            accounts INTEGER NOT NULL,
            requesters INTEGER NOT NULL,
            camera_owners INTEGER NOT NULL,
            deliveries INTEGER NOT NULL,
            exposures_certain INTEGER NOT NULL,
            exposures_possible INTEGER NOT NULL
        ) STRICT;

        -- Keys of a node under which frames of several owners were filled.
        CREATE TABLE collision (
            node INTEGER REFERENCES name(id),
            key INTEGER NOT NULL REFERENCES name(id),
            template TEXT NOT NULL,      -- the key with its numbers as {n}
            owners INTEGER NOT NULL,
            cameras INTEGER NOT NULL,
            fills INTEGER NOT NULL,
            first_ts INTEGER NOT NULL,
            last_ts INTEGER NOT NULL,
            since_ts INTEGER NOT NULL,   -- the second owner's first fill
            since_fill INTEGER NOT NULL,
            rollout INTEGER REFERENCES name(id),  -- in force then
            version INTEGER REFERENCES name(id)   -- stated by that fill
        ) STRICT;

        -- By how much each clock is ahead of the reference, microseconds, and what that rests on.
        CREATE TABLE clock_offset (
            clock INTEGER PRIMARY KEY REFERENCES name(id),
            basis TEXT NOT NULL CHECK (basis = 'reference' OR basis = 'proved' OR basis = 'likely' OR basis = 'assumed'),
            is_corrected INTEGER NOT NULL,
            lowest_us INTEGER NOT NULL,  -- the smallest and the largest offset: apart if the clock drifts
            highest_us INTEGER NOT NULL,
            bound_us INTEGER NOT NULL,   -- the largest error of a correction
            samples INTEGER NOT NULL,    -- requests that tie the clock to the reference
            rejected INTEGER NOT NULL    -- requests that contradict them
        ) STRICT;

        -- Deliveries and exposures by node and the rollout in force.
        CREATE TABLE rollout_rate (
            is_total INTEGER NOT NULL,            -- 1: of all nodes together
            node INTEGER REFERENCES name(id),
            seq INTEGER NOT NULL,                 -- in order of time on the node
            rollout INTEGER REFERENCES name(id),  -- NULL before the first
            from_ts INTEGER,
            until_ts INTEGER,                     -- when the next one began
            deliveries INTEGER NOT NULL,
            certain INTEGER NOT NULL,
            possible INTEGER NOT NULL,
            rate REAL,                            -- certain / deliveries
            rate_low REAL, rate_high REAL,        -- its 95% interval (Clopper and Pearson), by accounts
            before_deliveries INTEGER, before_certain INTEGER,
            p_value REAL,                         -- against the stretch before, Fisher's exact test of accounts, two-sided
            receivers REAL NOT NULL               -- accounts of the certain ones, each counted once in all the time
        ) STRICT;

        -- Where the rate of certain exposures on a node changes, whatever the rollouts say. Accounts are the unit.
        CREATE TABLE change_point (
            is_total INTEGER NOT NULL,   -- 1: of all nodes together
            node INTEGER REFERENCES name(id),
            kind TEXT NOT NULL,          -- 'step': the new rate lasts; 'burst': it falls again soon
            from_ts INTEGER NOT NULL,    -- the change lies between these two deliveries
            until_ts INTEGER NOT NULL,
            end_ts INTEGER,              -- of a burst
            before_deliveries INTEGER NOT NULL,  -- of a burst: before and behind it
            before_certain INTEGER NOT NULL,
            before_rate REAL NOT NULL,
            after_deliveries INTEGER NOT NULL,
            after_certain INTEGER NOT NULL,
            after_rate REAL NOT NULL,
            p_value REAL NOT NULL        -- Fisher's exact test of accounts, two-sided, times the places it was looked for
        ) STRICT;

        -- What the counts rest on, and what the dump answers about it.
        -- What is wrong with the tables, or with how logs and tables fit together.
        CREATE TABLE directory_problem (
            place INTEGER PRIMARY KEY,
            problem TEXT NOT NULL,
            camera INTEGER REFERENCES name(id),
            account INTEGER REFERENCES name(id),
            other INTEGER REFERENCES name(id),
            row INTEGER,                 -- of a table: its source and line
            other_row INTEGER,
            from_ts INTEGER,             -- the time that is open
            until_ts INTEGER
        ) STRICT;

        -- Sessions that changed hands: requests in an account's name from another that had been shown its frames.
        CREATE TABLE identity_crossing (
            place INTEGER PRIMARY KEY,
            account INTEGER NOT NULL REFERENCES name(id),
            other INTEGER NOT NULL REFERENCES name(id),
            trait TEXT NOT NULL,         -- what tells: session, address or device
            digest INTEGER NOT NULL,     -- of that
            since_ts INTEGER NOT NULL,
            until_ts INTEGER NOT NULL,   -- the last of the deliveries
            strayed_ts INTEGER NOT NULL, -- when the other was first shown a frame of the account
            deliveries INTEGER NOT NULL,
            first INTEGER NOT NULL REFERENCES delivery(id)
        ) STRICT;

        CREATE TABLE assumption (
            place INTEGER PRIMARY KEY,
            assumption TEXT NOT NULL UNIQUE,
            statement TEXT NOT NULL,     -- what is assumed
            status TEXT NOT NULL CHECK (
                status = 'held' OR status = 'contradicted' OR status = 'untestable' OR status = 'unused'
                OR status = 'stated'),
            checked INTEGER NOT NULL,    -- lines, keys or names that were asked
            against INTEGER NOT NULL,    -- those that speak against it
            detail TEXT NOT NULL
        ) STRICT;

        -- Stretches without any delivery, or any fill, of a node in which there should have been some.
        CREATE TABLE silence (
            node INTEGER REFERENCES name(id),
            log TEXT NOT NULL,           -- 'deliveries' or 'fills'
            from_ts INTEGER NOT NULL,
            until_ts INTEGER NOT NULL,
            expected INTEGER NOT NULL,   -- how many lines should have been there
            basis TEXT NOT NULL          -- what tells that: 'other days', 'other nodes' or 'mean interval'
        ) STRICT;

        -- Nodes that deliver and of which no fill is known, though other nodes' fills are.
        CREATE TABLE node_without_fills (
            node INTEGER REFERENCES name(id)
        ) STRICT;

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
