import Correlation
import Foundation
import GRDB
import LogRecords

/// Stores what follows from the exposures and fills, inside the transaction of the run.
extension FindingWriter {
    func write(_ conditions: Conditions) throws {
        let insert = try db.makeStatement(sql: "INSERT INTO condition VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
        for (index, condition) in conditions.ranked.enumerated() {
            let same = condition.sameAs.map(Condition.text).joined(separator: "; ")
            try insert.execute(arguments: [
                index + 1, condition.text, condition.deliveries, condition.exposures, condition.rateInside.rounded6,
                condition.rateOutside.rounded6, condition.rateOutsideAtMost?.rounded6, condition.receivers,
                condition.receiversOutside, condition.riskRatio?.ratio.rounded6, condition.riskRatio?.low.rounded6,
                condition.riskRatio?.high.rounded6, condition.pAdjusted.rounded6, same.isEmpty ? nil : same,
            ])
        }
        let fix = try db.makeStatement(sql: "INSERT INTO fix VALUES (?,?,?,?,?,?,?,?,?,?)")
        for (index, one) in conditions.fixes.enumerated() {
            try fix.execute(arguments: [
                index + 1, one.rollout.stored, one.from, one.deliveries, one.exposures, one.last,
                one.receivers.rounded6, one.interval.lowerBound.rounded6, one.interval.upperBound.rounded6,
                one.expected.rounded6,
            ])
        }
        if let foremost = conditions.foremost {
            try db.execute(
                sql: "INSERT INTO foremost_receiver VALUES (?,?,?,?)",
                arguments: [
                    foremost.account.stored, foremost.accounts, foremost.exposures, conditions.exposures,
                ])
        }
    }

    func write(_ changes: KeyChanges) throws {
        let insert = try db.makeStatement(sql: "INSERT INTO key_change VALUES (?,?,?,?,?,?,?,?,?,?,?,?)")
        for (index, row) in changes.rows.enumerated() {
            try insert.execute(arguments: [
                index + 1, row.use.node.stored, row.use.rollout.stored, row.use.template, row.shape,
                row.holds.isEmpty ? nil : row.holds.joined(separator: ", "), row.keys, row.use.deliveries,
                row.use.onPath, row.exposures,
                row.exposedKeys, row.cameras,
            ])
        }
        let remedy = try db.makeStatement(sql: "INSERT INTO key_remedy VALUES (?,?,?,?,?,?)")
        for (index, one) in changes.remedies.enumerated() {
            try remedy.execute(arguments: [
                index + 1, one.attribute, one.separated, one.exposures, one.hitRate?.rounded6,
                one.hitRateWith?.rounded6,
            ])
        }
    }

    func write(_ affected: AffectedAccounts) throws {
        var accounts: [String: [Int32]] = [:]
        for (account, reason) in affected.reasons {
            let word = reason == .requester ? "requester" : reason == .cameraOwner ? "camera owner" : "both"
            accounts[word, default: []].append(account.rawValue)
        }
        // One statement for each reason: there may be millions of accounts.
        for (word, numbers) in accounts.sorted(by: { $0.key < $1.key }) {
            var list = "["
            for number in numbers.sorted() {
                if list.utf8.count > 1 { list += "," }
                list += String(number)
            }
            list += "]"
            try db.execute(sql: "INSERT INTO affected SELECT value, ? FROM json_each(?)", arguments: [word, list])
        }
        let neighbour = try db.makeStatement(sql: "INSERT INTO neighbour VALUES (?,?,?,?,?,?,?,?,?)")
        for (index, one) in affected.neighbours.enumerated() {
            try neighbour.execute(arguments: [
                index + 1, one.change, one.terms.isEmpty ? nil : one.terms, one.accounts, one.requesters,
                one.cameraOwners, one.deliveries, one.exposuresCertain, one.exposuresPossible,
            ])
        }
    }

    func write(_ rates: ExposureRates) throws {
        let rate = try db.makeStatement(sql: "INSERT INTO rollout_rate VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
        for group in rates.byRollout {
            for (index, one) in group.enumerated() {
                let (count, interval) = (one.count, one.interval)
                try rate.execute(arguments: [
                    one.node == nil, one.node?.stored, index, one.rollout.stored, one.from, one.until,
                    count.deliveries, count.certain, count.possible,
                    count.deliveries > 0 ? (Double(count.certain) / Double(count.deliveries)).rounded6 : nil,
                    interval?.lowerBound.rounded6, interval?.upperBound.rounded6, one.before?.deliveries,
                    one.before?.certain, one.pValue?.rounded6, count.units.rounded6,
                ])
            }
        }
        let insert = try db.makeStatement(sql: "INSERT INTO change_point VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)")
        for change in rates.changes {
            try insert.execute(arguments: [
                change.node == nil, change.node?.stored, change.kind.rawValue, change.from, change.until, change.end,
                change.before.deliveries, change.before.exposures,
                change.before.rate.rounded6, change.after.deliveries, change.after.exposures,
                change.after.rate.rounded6, change.pValue.rounded6,
            ])
        }
    }

    func write(_ ledger: Ledger) throws {
        let insert = try db.makeStatement(sql: "INSERT INTO assumption VALUES (?,?,?,?,?,?,?)")
        for (index, entry) in ledger.entries.enumerated() {
            try insert.execute(arguments: [
                index + 1, entry.assumption.rawValue, entry.assumption.statement, entry.status.rawValue, entry.checked,
                entry.against, entry.detail,
            ])
        }
    }

    /// - Parameter isCorrected: whether the times were corrected by the offsets.
    func write(_ offsets: [ClockOffset], isCorrected: Bool) throws {
        let insert = try db.makeStatement(sql: "INSERT INTO clock_offset VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        for offset in offsets {
            try insert.execute(arguments: [
                offset.clock.stored, offset.basis.rawValue,
                isCorrected && (offset.basis == .proved || offset.basis == .likely), offset.range.lowerBound,
                offset.range.upperBound, offset.bound, offset.samples, offset.rejected,
            ])
        }
    }

    func write(_ collisions: [KeyCollisions.Collision], _ rollouts: RolloutSchedule, _ names: StringInterner) throws {
        let insert = try db.makeStatement(sql: "INSERT INTO collision VALUES (?,?,?,?,?,?,?,?,?,?,?,?)")
        for one in collisions.sorted(by: { ($0.place.key, $0.place.node) < ($1.place.key, $1.place.node) }) {
            let rollout = rollouts.inForce(on: one.place.node, at: one.since)
            try insert.execute(arguments: [
                one.place.node.stored, one.place.key.stored, KeyTemplate.of(names.text(one.place.key)), one.owners,
                one.cameras, one.fills, one.first, one.last, one.since, one.sinceFill.rawValue, rollout.stored,
                one.version.stored,
            ])
        }
    }
}

extension Double {
    /// To six significant digits: what lies behind them may differ from one system's mathematics to another's.
    /// A chance too small for a normal number is 0.
    fileprivate var rounded6: Double {
        magnitude < 1e-300 ? 0 : isFinite ? Double(String(format: "%.6g", self)) ?? self : self
    }
}
