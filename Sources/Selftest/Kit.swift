package import Simulation

/// The incidents of a self-test.
package enum Kit {
    package static let seed: UInt64 = 1

    /// How many requests the random ones have.
    private static let requests = 3000

    /// - Parameter seed: of all but the first, which is the same for everybody.
    /// - Throws: `UnplannedPopulation`.
    package static func incidents(seed: UInt64) throws -> [KnownIncident] {
        [try KnownIncident.xiaomi()] + small(seed: seed)
    }

    /// Those that chance makes.
    static func small(seed: UInt64) -> [KnownIncident] {
        func random(_ evidence: RandomOptions.Evidence, broken: Int = 0) -> KnownIncident {
            .random(
                RandomOptions(seed: seed, deliveries: requests, broken: broken, evidence: evidence),
                name: evidence.rawValue)
        }
        func planted(_ feature: String, _ name: String) -> KnownIncident {
            .planted(feature, from: IncidentOptions(seed: seed, requests: requests), name: name)
        }
        let faultless = IncidentOptions(seed: seed, requests: requests, isFaulty: false)
        return [
            random(.stated), random(.frame), random(.cache), random(.mixed, broken: 20),
            planted("cache logs", "tiers"), planted("origin log", "origin"), .clear(from: faultless, name: "clear"),
        ]
    }
}
