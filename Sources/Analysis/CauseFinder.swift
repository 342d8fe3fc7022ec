import Casefile
import Correlation
import GRDB
import LogRecords

/// Finds, once the exposures are stored, what explains them, and which accounts were at risk.
struct CauseFinder {
    let reader: EventReader
    let exposures: ExposureReader
    let directory: Directory
    let rollouts: RolloutSchedule
    let names: NameTable

    /// - Returns: nil if there is no exposure.
    func conditions(_ notes: CauseNotes) throws -> Conditions? {
        guard let basis = try basis() else { return nil }
        func eachOne(_ body: (Delivery, NameID) -> Void) throws {
            try exposures.each { if basis.includes($0) { body($0.delivery, $0.rolloutAtFill) } }
        }
        var study = try CauseStudy(notes, directory, rollouts, names, eachExposure: eachOne)
        try reader.eachDeliveryInShort { if $0.content == .frame { study.count($0) } }
        try eachOne { study.mark($0, rolloutAtFill: $1) }
        return study.conditions(basis)
    }

    private func basis() throws -> Conditions.Basis? {
        var found: Set<Conditions.Basis> = []
        try exposures.each { exposure in
            for basis in Conditions.Basis.allCases where basis.includes(exposure) { found.insert(basis) }
        }
        return Conditions.Basis.allCases.first(where: found.contains)
    }

    func affected(_ scope: Scope?, _ conditions: Conditions?, _ paths: AccountPaths) throws -> AffectedAccounts {
        var affected = AffectedAccounts(scope, cause: conditions?.cause, paths, names)
        try exposures.each { affected.add(exposure: $0.delivery, isCertain: $0.isCertain) }
        return affected
    }
}

extension Conditions.Basis {
    fileprivate func includes(_ exposure: ExposureReader.Exposure) -> Bool {
        switch self {
        case .certainToStrangers: exposure.isCertain && exposure.isToStranger
        case .certain: exposure.isCertain
        case .possible: !exposure.isCertain
        }
    }
}
