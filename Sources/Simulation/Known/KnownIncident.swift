/// An incident with its truth in the form in which the answer of any tool can be held against it.
package struct KnownIncident: Sendable {
    /// A frame that really reached an account without a right to it.
    package struct Exposure: Sendable {
        /// Of the delivery's line: the file below the dump, and the line from 1 on.
        package var file: String
        package var line: Int
        /// The line as it was written.
        package var text: String
        /// The line's time stamp.
        package var time: String
        package var requester: String
        package var owner: String
        /// In force on the node; nil where the simulation does not say.
        package var rolloutAtFill: String?
        package var rolloutAtDelivery: String?
    }

    /// One word, also the name of its folder.
    package let name: String
    package let seed: UInt64
    /// What is planted, and what the logs tell.
    package let planted: String
    /// Whether the logs leave nothing open, so that bounds have to meet.
    package let isExact: Bool
    /// The path on which frames could stray, as `--scope` takes it, with the accounts that have a delivery on it, sorted.
    package let scope: (terms: String, affected: [String])?
    /// The planted cause as a conjunction of conditions; nil where more than one, or none, would be right.
    package let cause: String?
    /// How many lines tell of a delivered frame.
    package let deliveries: Int
    /// How many lines of logs are broken.
    package let broken: Int
    package var exposures: [Exposure]
    /// In the order in which they came, each with the time at which it reached its first node.
    package let rollouts: [(name: String, from: String)]
    /// The dump's files by path, in the order of paths, as they are unpacked.
    package let contents: [(path: String, text: String)]
    private let writing: @Sendable (String) throws -> Void

    /// Writes `dump/` and `truth/` below a folder.
    package func write(to folder: String) throws { try writing(folder) }

    /// Tells of an exposure that never was, so that whoever compares has to find it missing.
    package mutating func misstate() {
        exposures.append(
            Exposure(
                file: "relay/never.ndjson", line: 1, text: "", time: IncidentPlan.start.text, requester: "acct-never",
                owner: "acct-none"))
    }

    fileprivate init(
        name: String, seed: UInt64, planted: String, isExact: Bool = false,
        scope: (terms: String, affected: [String])? = nil, cause: String? = nil, deliveries: Int, broken: Int = 0,
        exposures: [Exposure],
        rollouts: [Rollout], files: [LogFile], world: World, writing: @escaping @Sendable (String) throws -> Void
    ) {
        (self.name, self.seed, self.planted, self.isExact) = (name, seed, planted, isExact)
        (self.scope, self.cause, self.deliveries) = (scope, cause, deliveries)
        (self.broken, self.exposures) = (broken, exposures)
        let begins = Dictionary(rollouts.map { ($0.name, $0.from) }, uniquingKeysWith: min)
        self.rollouts = begins.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map { ($0.key, $0.value.text) }
        let logs = files.map { file in (file.path, file.lines.map { $0.text + "\n" }.joined()) }
        contents = (logs + world.directory(rollouts: rollouts)).map { ("dump/" + $0, $1) }.sorted { $0.0 < $1.0 }
        self.writing = writing
    }
}

extension KnownIncident {
    /// The incident of 26 December 2019, as `Fixtures/xiaomi-2019-12-26` has it.
    package static func xiaomi() throws(UnplannedPopulation) -> KnownIncident {
        let made = try XiaomiFixture(seed: XiaomiIncident.seed, affected: XiaomiIncident.affected)
        return KnownIncident(
            name: "xiaomi", seed: made.seed,
            planted: "one model, one integration, poor networks, since one rollout; the logs leave nothing open",
            isExact: true, scope: (XiaomiIncident.scope, made.truth.affected), cause: XiaomiIncident.cause,
            deliveries: made.truth.deliveries,
            exposures: exposures(made.deliveries, made.files, made.world), rollouts: XiaomiIncident.rollouts,
            files: made.files, world: made.world, writing: { try made.write(to: $0, level: 3) })
    }

    /// A dump full of hard cases.
    package static func random(_ options: RandomOptions, name: String) -> KnownIncident {
        let made = RandomDump(options)
        let model = RandomWorld.models[0]
        var affected: Set<Account> = []
        for delivery in made.deliveries where delivery.carriesFrame {
            let camera = delivery.request.camera
            guard made.world.model(of: camera) == model else { continue }
            affected.formUnion([delivery.request.requester, made.world.owner(of: camera, at: delivery.end)])
        }
        return KnownIncident(
            name: name, seed: options.seed,
            planted: "ties, sales, ended grants, lines out of order; \(options.telling)",
            scope: ("model=\(model)", affected.sorted().map(\.name)), deliveries: made.truth.deliveries,
            broken: made.truth.broken, exposures: exposures(made.deliveries, made.files.files, made.world),
            rollouts: made.rollouts, files: made.files.files, world: made.world, writing: { try made.write(to: $0) })
    }

    /// Traffic through caches whose clocks are off, with planted faults: the first from a seed on that has a feature, as
    /// ``IncidentTruth`` names it.
    package static func planted(_ feature: String, from options: IncidentOptions, name: String) -> KnownIncident {
        first(from: options, name) { $0.features.contains(feature) }
    }

    /// Traffic in which nothing strays: the first such from a seed on.
    package static func clear(from options: IncidentOptions, name: String) -> KnownIncident {
        first(from: options, name) { $0.exposures == 0 }
    }

    private static func first(from options: IncidentOptions, _ name: String, _ fits: (IncidentTruth) -> Bool)
        -> KnownIncident
    {
        var options = options
        while true {
            let made = IncidentDump(options)
            if fits(made.truth) { return incident(made, options, name) }
            options.seed &+= 1
        }
    }

    private static func incident(_ made: IncidentDump, _ options: IncidentOptions, _ name: String) -> KnownIncident {
        let lines = Dictionary(uniqueKeysWithValues: made.files.map { ($0.path, $0.lines) })
        let exposures = made.rows.compactMap { row -> Exposure? in
            guard row.isExposure, let frame = row.delivery.frame, let line = lines[row.place.file]?[row.place.line - 1]
            else { return nil }
            return Exposure(
                file: row.place.file, line: row.place.line, text: line.text, time: line.time.text,
                requester: row.delivery.request.account.name, owner: frame.owner.name)
        }
        let truth = made.truth
        return KnownIncident(
            name: name, seed: options.seed,
            planted: (truth.causes.isEmpty ? ["no fault"] : truth.causes).joined(separator: "; ") + "; "
                + truth.features.joined(separator: ", "),
            deliveries: truth.deliveries, exposures: exposures, rollouts: made.plan.rollouts, files: made.files,
            world: made.world, writing: { try made.write(to: $0) })
    }

    private static func exposures(_ deliveries: [Delivery], _ files: [LogFile], _ world: World) -> [Exposure] {
        let lines = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.lines) })
        return files.deliveryPlaces.compactMap { index, place -> Exposure? in
            let delivery = deliveries[index]
            guard let frame = delivery.exposedFrame(in: world), let line = lines[place.file]?[place.line - 1] else {
                return nil
            }
            return Exposure(
                file: place.file, line: place.line, text: line.text, time: delivery.end.text,
                requester: delivery.request.requester.name, owner: frame.owner.name, rolloutAtFill: frame.rollout,
                rolloutAtDelivery: delivery.rollout)
        }.sorted { ($0.file, $0.line) < ($1.file, $1.line) }
    }
}

extension RandomOptions {
    fileprivate var telling: String {
        switch evidence {
        case .mixed: "lines name frame, owner, both or nothing"
        case .stated: "every line names frame, camera and owner"
        case .frame: "every line names the frame"
        case .cache: "no line names a frame, the fills tell it"
        }
    }
}
