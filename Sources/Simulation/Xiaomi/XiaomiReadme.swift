/// The text that tells a reader of the fixture what it is.
enum XiaomiReadme {
    static func text(of fixture: XiaomiFixture) -> String {
        let truth = fixture.truth
        return """
            # The Xiaomi incident of 26 December 2019

            A simulated dump of the relay and cache logs around a real incident, with its truth.

            ## What happened

            | date | public fact |
            | --- | --- |
            | 2019-12-26 | Xiaomi updates a cache to improve the streaming quality of its cameras |
            | 2020-01-01 | A user in the Netherlands finds stills from strangers' homes on a Nest Hub, in place of the \
            picture of the user's own camera, and reports it |
            | 2020-01-02 and 03 | Google suspends the integration and says so; here that happens on 2 January, 18:30 UTC |
            | then | Xiaomi names the cause: the cache update, for the Mi Home Security Camera Basic 1080p on a Google \
            Home Hub with a display, under poor network conditions. 1044 users had such an integration, and only a few \
            with extremely poor networks might be affected. The Mi Home app was not. The service stays suspended until \
            the cause is removed |

            Sources, with Xiaomi's and Google's statements: \
            <https://www.securitymagazine.com/articles/91502-xiaomi-mijia-camera-picking-up-strangers-camera-feeds>, \
            <https://innovation-village.com/google-shuts-xiaomis-nest-access-after-photos-of-strangers-homes-emerged>.
            No log of the incident is public. All else here is made up: accounts, cameras, nodes, minutes, the key rule, \
            the date of the fix and the number of exposures.

            ## How it was made

            ```
            swift run simulate xiaomi --seed \(fixture.seed) --affected \(truth.affectedAccounts) \
            --out Fixtures/xiaomi-2019-12-26
            ```

            The command gives the same files again, byte for byte (the `.zst` files with the same release of libzstd). \
            Requests run through simulated cache nodes; the logs are what the nodes write, and the truth is what they \
            handed out, not a join of the logs.

            ## What is in the dump

            `dump/relay/NODE.ndjson.zst` holds the deliveries, `dump/cache/NODE.ndjson.zst` the fills, purges, expiries \
            and rollouts of three nodes from \(XiaomiIncident.start.text) to \(XiaomiIncident.end.text), \(truth.lines) \
            lines in all; `dump/*.csv` is the directory. A relay line's `ts` is the end of the response. One clock. A \
            MISS always has `duration_ms`, and its fill lies within it. `ttl_s` is the fresh time; an entry may be \
            served STALE for some seconds more, until its EXPIRE or PURGE line. Every entry's end has such a line. \
            Refusals (403) have no `cache` field.

            - The update reaches each node at a minute of its own on 2019-12-26; the fix reaches all on 2020-01-08.
            - Under the update a still of a Mi Home Security Camera Basic 1080p for a Nest Hub on a poor network is kept \
            under `snap/slot-NN/latest`, which many cameras share, for half an hour. All else keeps a key of its own.
            - From \(XiaomiIncident.suspension.text) on no Nest Hub gets a frame; the app goes on.
            - About half of the fills name the owner, about a fifth of the relay lines the frame.

            ## What is planted

            - \(truth.affectedAccounts) accounts inside the scope `\(truth.scope)`: most look at their own camera on a \
            Nest Hub, some only own a camera that a grantee's Nest Hub shows, some are only grantees. Most of them never \
            had a poor network, and nothing strayed.
            - Among those with a poor network: \(truth.exposuresCertain) exposures of \(truth.exposedAccounts) accounts' \
            frames to \(truth.receivingAccounts) accounts, the first at \(truth.firstExposure ?? "never"), the last at \
            \(truth.lastExposure ?? "never"). All are certain, and each owner follows from the cache log: nothing else \
            happens to a key within two seconds of its fill, purge or expiry.
            - Deliveries that look alike and are clear: the owner's own frame from a shared slot, a grantee's from the \
            owner's camera, an account's other camera.
            - Decoys: other models on a Nest Hub with a poor network, the app with a poor network, Nest Hubs before the \
            update, Nest Hubs refused after the suspension, ended grants whose holders are refused, sold cameras, purges, \
            stale deliveries, 304s.

            ## What the truth holds

            `truth/truth.json`: the counts, the first and last exposure, and the sorted names of the exposed, receiving \
            and affected accounts. `deliveries` counts lines with status 200 or 206; affected accounts are the requesters \
            of such deliveries inside the scope and the owners of the cameras that were asked for. `lines` counts all log \
            lines.

            `truth/exposures.csv`: one row for each exposure, with the log file (below `dump/`) and the line, from 1 on.

            """
    }
}
