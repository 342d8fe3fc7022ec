import LogRecords

/// The tables of what the correlation found beside single exposures, and the views that show them.
enum Findings {
    static let migration = "clock offsets, rollout rates and change points"

    static let tables = """
        -- By how much each clock is ahead of the reference, microseconds, and what that rests on.
        CREATE TABLE clock_offset (
            clock INTEGER PRIMARY KEY REFERENCES name(id),
            basis TEXT NOT NULL CHECK (basis IN ('reference','proved','likely','assumed')),
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
            rate_low REAL, rate_high REAL,        -- 95% interval of certain / deliveries (Clopper and Pearson)
            before_deliveries INTEGER, before_certain INTEGER,
            p_value REAL                          -- against the stretch before, Fisher's exact test, two-sided
        ) STRICT;

        -- Where the rate of certain exposures on a node changes, whatever the rollouts say.
        CREATE TABLE change_point (
            node INTEGER REFERENCES name(id),
            from_ts INTEGER NOT NULL,    -- the change lies between these two deliveries
            until_ts INTEGER NOT NULL,
            before_deliveries INTEGER NOT NULL,
            before_certain INTEGER NOT NULL,
            after_deliveries INTEGER NOT NULL,
            after_certain INTEGER NOT NULL,
            p_value REAL NOT NULL        -- Fisher's exact test, two-sided, times the places it was looked for
        ) STRICT;
        """

    /// Six significant digits: more of a p-value are the rounding of its sum.
    private static func sixDigits(_ column: String) -> String {
        "iif(\(column) IS NULL, NULL, CAST(printf('%.6g', \(column)) AS REAL))"
    }

    /// As `Views.all` has them.
    static func views(iso: (String) -> String, name: (String) -> String) -> [(String, String)] {
        [
            (
                "clocks",
                """
                SELECT \(name("clock")) AS clock, basis, is_corrected, lowest_us / 1e6 AS offset_low_s,
                    highest_us / 1e6 AS offset_high_s, bound_us / 1e6 AS bound_s, samples, rejected
                FROM clock_offset
                """
            ),
            (
                "rollout_rates",
                """
                SELECT is_total, \(name("node")) AS node, seq, \(name("rollout")) AS rollout,
                    \(iso("from_ts")) AS from_time,
                    \(iso("until_ts")) AS until_time, deliveries, certain, possible,
                    round(1.0 * certain / nullif(deliveries, 0), 6) AS rate, round(rate_low, 6) AS rate_low,
                    round(rate_high, 6) AS rate_high, before_deliveries, before_certain,
                    \(Self.sixDigits("p_value")) AS p_value, from_ts
                FROM rollout_rate
                """
            ),
            (
                "change_points",
                """
                SELECT \(name("node")) AS node, \(iso("from_ts")) AS from_time, \(iso("until_ts")) AS until_time,
                    round((until_ts - from_ts) / 1e6, 6) AS seconds, before_deliveries, before_certain,
                    after_deliveries, after_certain, \(Self.sixDigits("p_value")) AS p_value, from_ts
                FROM change_point
                """
            ),
        ]
    }
}
