import Casefile
import Correlation
import Interning
import LogRecords

@testable import Analysis

/// What a run notes of deliveries before it tells causes, scopes and rates.
struct DeliveryNotes {
    let notes: CauseNotes
    let traits: [DeliveryTraits]
    let slots: DeliverySlots
    let paths: AccountPaths

    init(
        _ deliveries: [Delivery], fills: [Fill] = [], _ directory: Directory, _ rollouts: RolloutSchedule,
        _ names: StringInterner
    ) {
        var numbers: [DeliveryContext: Int32] = [:]
        let circumstances = deliveries.map { delivery in
            let next = Int32(numbers.count)
            let number = numbers[DeliveryContext(delivery), default: next]
            numbers[DeliveryContext(delivery)] = number
            return number
        }
        let stamps = deliveries.map(\.time.stamp)
        var survey = TraitSurvey(CauseNotes(directory, rollouts, names), DeliverySlots(stamps.min()!...stamps.max()!))
        for fill in fills { survey.notes.add(fill) }
        let noted = survey.add(deliveries, circumstances)
        var paths = PathSurvey(AccountPaths(directory, rollouts))
        paths.add(deliveries, noted)
        (notes, traits, slots, self.paths) = (survey.notes, noted.traits, survey.slots, paths.paths)
    }
}
