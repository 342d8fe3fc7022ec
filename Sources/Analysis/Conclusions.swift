import Casefile
import Correlation
import LogRecords

/// What follows from the exposures of a case once they are stored: their cause, who was at risk, and their rates.
struct Conclusions {
    let reader: EventReader
    let names: NameTable
    let rollouts: RolloutSchedule
    let notes: CauseNotes
    let paths: AccountPaths
    let slots: DeliverySlots
    /// Of every delivery that carried a frame.
    let traits: TraceFile<DeliveryTraits>

    /// - Returns: nil if there is no exposure, or too few to explain.
    func conditions() throws -> Conditions? {
        guard let basis = try basis() else { return nil }
        func eachOne(_ body: (Delivery, NameID) -> Void) throws {
            try reader.eachExposure { if basis.includes($0) { body($0.delivery, $0.rolloutAtFill) } }
        }
        var study = try CauseStudy(notes, eachExposure: eachOne)
        try traits.eachBlock { study.count($0) }
        try eachOne { study.mark($0, rolloutAtFill: $1) }
        return study.conditions(basis)
    }

    private func basis() throws -> Conditions.Basis? {
        var (certain, possible) = (0, 0)
        var receivers: Set<NameID> = []
        try reader.eachExposure { exposure in
            if exposure.isCertain { receivers.insert(exposure.delivery.requester) }
            guard exposure.isToStranger else { return }
            if exposure.isCertain { certain += 1 } else { possible += 1 }
        }
        return Conditions.Basis(
            certainToStrangers: certain, possibleToStrangers: possible, receivers: receivers.count)
    }

    func affected(_ scope: Scope?, _ conditions: Conditions?) throws -> AffectedAccounts {
        var affected = AffectedAccounts(scope, cause: conditions?.cause, paths, names)
        try reader.eachExposure { affected.add(exposure: $0.delivery, isCertain: $0.isCertain) }
        return affected
    }

    func rates() throws -> ExposureRates {
        var rates = ExposureRates(paths, slots, rollouts, names)
        try reader.eachExposure {
            rates.add(exposure: $0.delivery, under: $0.rolloutAtDelivery, isCertain: $0.isCertain)
        }
        return rates
    }
}

extension Conditions.Basis {
    fileprivate func includes(_ exposure: ExposureRow) -> Bool {
        switch self {
        case .certainToStrangers: exposure.isCertain && exposure.isToStranger
        case .toStrangers: exposure.isToStranger
        case .certain: exposure.isCertain
        }
    }
}
