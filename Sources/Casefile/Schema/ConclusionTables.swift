/// The tables of what a correlation concludes from its findings.
extension Schema {
    static let conclusions = """
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
        """
}
