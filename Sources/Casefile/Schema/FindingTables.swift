/// The tables of what a correlation finds of deliveries.
extension Schema {
    static let findings = """
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
        """
}
