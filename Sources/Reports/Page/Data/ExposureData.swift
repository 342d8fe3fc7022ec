import Casefile
import GRDB
import LogRecords

/// The table of exposures, each with all that its proof rests on: what `explain` prints, but for the raw lines' text, which
/// is in the dump and not in the case.
struct ExposureData: Encodable {
    /// How many exposures the page holds at most: the certain ones first, then in order of time.
    static let most = 100_000
    /// How many candidates of one exposure, and how many lines of a camera's or a grant's history.
    private static let mostCandidates = 12

    /// What a column of numbers names by place.
    private(set) var texts: [String] = []
    /// Each source's label, name, SHA-256, profile, compression, and how its fields were derived.
    private(set) var sources: [[String]] = []
    /// What many exposures have in common, as places in `texts`: certainty, evidence, relation, node, client, network,
    /// kind, cache word, status, model, rollout at fill, rollout at delivery, opened.
    private(set) var kinds: [[Int]] = []

    private(set) var time: [Int64] = []
    private(set) var kind: [Int] = []
    private(set) var requester: [Int] = []
    private(set) var camera: [Int] = []
    private(set) var frame: [Int] = []
    private(set) var key: [Int] = []
    private(set) var source: [Int] = []
    private(set) var line: [Int64] = []
    /// How many owners the frame may have.
    private(set) var owners: [Int] = []
    /// How many of the candidates below are this exposure's.
    private(set) var candidates: [Int] = []

    private(set) var candidateOwner: [Int] = []
    private(set) var candidateCamera: [Int] = []
    private(set) var candidateRelation: [Int] = []
    /// A place in `fills`, or -1.
    private(set) var candidateFill: [Int] = []
    /// Source, line, time, kind, node, key, frame, camera, owner.
    private(set) var fills: [[Int64]] = []
    /// Source, line, camera, owner, from, until (-1: open).
    private(set) var ownerships: [[Int64]] = []
    /// Source, line, owner, camera, grantee, from, until (-1: open).
    private(set) var grants: [[Int64]] = []
    /// Source, line, time, rollout, node.
    private(set) var rollouts: [[Int64]] = []
    /// Row, tag, note: of those that are annotated.
    private(set) var annotations: [[Int]] = []
    let total: Int

    init(_ db: Database, _ names: ShownNames) throws {
        // A count is never null.
        total = try Int.fetchOne(db, sql: "SELECT count(*) FROM exposure WHERE is_redisplay = 0") ?? 0
        let places = try addSources(db)
        var reading = Reading(
            names: names, places: places, models: try Self.models(db), notes: try AnnotationData.ofExposures(db))
        try addExposures(db, &reading)
        let place = reading.place
        try addOwnerships(of: reading.cameras, db, names, place, &reading.data)
        try addGrants(reading.granted, db, names, place, &reading.data)
        try addRollouts(db, &reading)
        texts = reading.data.texts
    }

    /// What is needed while the exposures are read, and what they name.
    private struct Reading {
        let names: ShownNames
        /// By a source's number in the case, its index in `sources`.
        let places: [Int64: Int]
        let models: [Int64: Int64]
        let notes: [Int64: [AnnotationData.Said]]
        var data = PageData()
        var kindPlaces: [[Int]: Int] = [:]
        var fillPlaces: [Int64: Int] = [:]
        /// Cameras whose owners the page must tell.
        var cameras: Set<Int64> = []
        /// Owner, camera and grantee of grants that the page must tell.
        var granted: Set<[Int64]> = []

        func place(_ event: Int64) -> (source: Int, line: Int64) {
            (places[event >> 36] ?? -1, event & (1 << 36 - 1))
        }

        mutating func text(of name: Int64?) throws -> Int { data.place(try names.text(name)) }
    }

    /// - Returns: by a source's number in the case, its index in `sources`.
    private mutating func addSources(_ db: Database) throws -> [Int64: Int] {
        var places: [Int64: Int] = [:]
        for source in try SourceRow.all(db) {
            places[source.id] = sources.count
            let derived = try Derivations.ofDeliveries(source.profile, db).map { "\($0.field) from \($0.source)" }
            sources.append(
                [
                    source.label, source.displayName, source.sha256, source.profile, source.compression,
                    source.member == nil ? "" : "member", derived.joined(separator: "\n"),
                ].map { ShownNames.visible($0 ?? "") })
        }
        return places
    }

    private mutating func addExposures(_ db: Database, _ reading: inout Reading) throws {
        let chosen = """
            SELECT e.*, d.ts, d.requester, d.camera, d.frame, d.key, d.circumstance, s.label
            FROM exposure e CROSS JOIN delivery d ON d.id = e.delivery JOIN source s ON s.id = d.id >> 36
            WHERE e.is_redisplay = 0 ORDER BY e.certainty, d.ts, s.label, e.delivery LIMIT \(Self.most)
            """
        let found = try Row.fetchCursor(
            db,
            sql: """
                SELECT e.delivery, e.ts, e.certainty, e.evidence, e.relation, e.owners, e.opened, e.requester, e.camera,
                    e.frame, e.key, x.node, x.client, x.network, x.kind, x.cache_word, x.status, e.rollout_at_fill,
                    e.rollout_at_delivery
                FROM (\(chosen)) e JOIN circumstance x ON x.id = e.circumstance ORDER BY e.certainty, e.ts, e.label, e.delivery
                """)
        let candidate = try db.makeStatement(
            sql:
                "SELECT owner, camera, relation, fill FROM candidate WHERE delivery = ? ORDER BY rank LIMIT \(Self.mostCandidates)"
        )
        while let row = try found.next() {
            let delivery = try row.decode(Int64.self, atIndex: 0)
            kind.append(try kindPlace(row, &reading))
            for note in reading.notes[delivery] ?? [] {
                annotations.append([time.count, reading.data.place(note.tag), reading.data.place(note.note)])
            }
            time.append(try row.decode(atIndex: 1))
            requester.append(try reading.text(of: row.decode(atIndex: 7)))
            camera.append(try reading.text(of: row.decode(atIndex: 8)))
            frame.append(reading.data.place(try reading.names.frame(row.decode(atIndex: 9))))
            key.append(try reading.text(of: row.decode(atIndex: 10)))
            let (own, number) = reading.place(delivery)
            source.append(own)
            line.append(number)
            owners.append(try row.decode(atIndex: 5))
            candidates.append(
                try addCandidates(
                    Row.fetchAll(candidate, arguments: [delivery]), of: delivery,
                    to: row.decode(Int64?.self, atIndex: 7), db, &reading))
        }
    }

    /// The index in `kinds` of what the exposure has in common with others.
    private mutating func kindPlace(_ row: Row, _ reading: inout Reading) throws -> Int {
        let requested = try row.decode(Int64?.self, atIndex: 8)
        let model = requested.flatMap { reading.models[$0] }
        var common: [Int] = []
        for index in 2...4 { common.append(reading.data.place(try row.decode(atIndex: index))) }
        for index in 11...15 { common.append(try reading.text(of: row.decode(atIndex: index))) }
        common.append(reading.data.place((try row.decode(Int?.self, atIndex: 16)).map(String.init)))
        common.append(try reading.text(of: model))
        for index in 17...18 { common.append(try reading.text(of: row.decode(atIndex: index))) }
        common.append(try row.decode(atIndex: 6))
        if let known = reading.kindPlaces[common] { return known }
        reading.kindPlaces[common] = kinds.count
        kinds.append(common)
        return kinds.count - 1
    }

    /// - Returns: how many there are.
    private mutating func addCandidates(
        _ rows: [Row], of delivery: Int64, to requester: Int64?, _ db: Database, _ reading: inout Reading
    ) throws -> Int {
        for row in rows {
            let (owner, camera, fill) = try (
                row.decode(Int64.self, atIndex: 0), row.decode(Int64?.self, atIndex: 1),
                row.decode(Int64?.self, atIndex: 3)
            )
            candidateOwner.append(try reading.text(of: owner))
            candidateCamera.append(try reading.text(of: camera))
            candidateRelation.append(try reading.data.place(row.decode(atIndex: 2)))
            if let fill, fill != delivery, reading.fillPlaces[fill] == nil {
                reading.fillPlaces[fill] = fills.count
                fills.append(try Self.fill(fill, reading.place(fill), db, reading.names, &reading.data))
            }
            candidateFill.append(fill.flatMap { reading.fillPlaces[$0] } ?? -1)
            if let camera {
                reading.cameras.insert(camera)
                if let requester { reading.granted.insert([owner, camera, requester]) }
            }
        }
        return rows.count
    }

    private mutating func addRollouts(_ db: Database, _ reading: inout Reading) throws {
        for row in try Row.fetchAll(
            db,
            sql: """
                SELECT r.id, r.ts, r.name, r.node FROM rollout r JOIN source s ON s.id = r.id >> 36
                WHERE s.state IN ('complete', 'damaged') ORDER BY r.ts, s.label, r.id
                """)
        {
            let (own, number) = reading.place(try row.decode(atIndex: 0))
            rollouts.append([
                Int64(own), number, try row.decode(atIndex: 1), Int64(try reading.text(of: row.decode(atIndex: 2))),
                Int64(try reading.text(of: row.decode(atIndex: 3))),
            ])
        }
    }

    /// Each camera's model, as the reports have it: of several, the one that the first table states.
    private static func models(_ db: Database) throws -> [Int64: Int64] {
        var models: [Int64: Int64] = [:]
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT m.camera, m.model FROM camera m JOIN source s ON s.id = m.id >> 36
                WHERE m.model IS NOT NULL AND s.state IN ('complete', 'damaged') ORDER BY s.label, m.id
                """)
        while let row = try rows.next() {
            let camera: Int64 = try row.decode(atIndex: 0)
            if models[camera] == nil { models[camera] = try row.decode(atIndex: 1) }
        }
        return models
    }

    private static func fill(
        _ id: Int64, _ place: (source: Int, line: Int64), _ db: Database, _ names: ShownNames, _ data: inout PageData
    ) throws -> [Int64] {
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT ts, kind, node, key, frame, camera, owner FROM fill WHERE id = ?", arguments: [id])
        else { return [Int64(place.source), place.line, -1, -1, -1, -1, -1, -1, -1] }
        var values: [Int64] = [Int64(place.source), place.line, try row.decode(atIndex: 0), try row.decode(atIndex: 1)]
        for index in 2...6 {
            let text =
                try index == 4
                ? names.frame(try row.decode(atIndex: index)) : names.text(try row.decode(atIndex: index))
            values.append(Int64(data.place(text)))
        }
        return values
    }

    private mutating func addOwnerships(
        of cameras: Set<Int64>, _ db: Database, _ names: ShownNames, _ place: (Int64) -> (source: Int, line: Int64),
        _ data: inout PageData
    ) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT c.id, c.camera, c.owner, c.owned_from, c.owned_until FROM camera c JOIN source s ON s.id = c.id >> 36
                WHERE c.camera IN (SELECT value FROM json_each(?)) ORDER BY s.label, c.id
                """, arguments: ["[\(cameras.map(String.init).joined(separator: ","))]"])
        while let row = try rows.next() {
            let (own, number) = place(try row.decode(atIndex: 0))
            ownerships.append([
                Int64(own), number, Int64(data.place(try names.text(row.decode(atIndex: 1)))),
                Int64(data.place(try names.text(row.decode(atIndex: 2)))),
                try row.decode(atIndex: 3) ?? -1, try row.decode(atIndex: 4) ?? -1,
            ])
        }
    }

    private mutating func addGrants(
        _ granted: Set<[Int64]>, _ db: Database, _ names: ShownNames, _ place: (Int64) -> (source: Int, line: Int64),
        _ data: inout PageData
    ) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT g.id, g.owner, g.camera, g.grantee, g.live_from, g.live_until FROM granted g
                    JOIN source s ON s.id = g.id >> 36
                ORDER BY s.label, g.id
                """)
        while let row = try rows.next() {
            guard
                granted.contains([try row.decode(atIndex: 1), try row.decode(atIndex: 2), try row.decode(atIndex: 3)])
            else { continue }
            let (own, number) = place(try row.decode(atIndex: 0))
            grants.append([
                Int64(own), number, Int64(data.place(try names.text(row.decode(atIndex: 1)))),
                Int64(data.place(try names.text(row.decode(atIndex: 2)))),
                Int64(data.place(try names.text(row.decode(atIndex: 3)))), try row.decode(atIndex: 4) ?? -1,
                try row.decode(atIndex: 5) ?? -1,
            ])
        }
    }
}
