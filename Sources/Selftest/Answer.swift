import Casefile
import Foundation
import GRDB

/// What the tool found in an incident, as it stands in its report files; of the case file alone come the lines that it left
/// unresolved, which no report lists.
struct Answer {
    struct Exposure: Decodable {
        var id: String
        var path: String
        var line: Int
        var sha256: String
        var time: String
        var certainty: String
        var requester: String
        /// Nil if there are several possible ones.
        var owner: String?
        var possibleOwners: String?
        var rolloutAtFill: String?
        var rolloutAtDelivery: String?

        var place: String { "\(path):\(line)" }
        var isCertain: Bool { certainty == "certain" }
        /// Every account whose frame it may have been.
        var owners: [String] { owner.map { [$0] } ?? possibleOwners?.components(separatedBy: ";") ?? [] }
    }
    struct Account: Decodable {
        var account: String
        var certainty: String?
    }
    struct Condition: Decodable {
        var conditions: String
    }
    struct Summary: Decodable {
        struct Rollout: Decodable {
            var name: String
            var from: String
        }
        var deliveries: Int
        var exposuresCertain: Int
        var exposuresPossible: Int
        var exposuresAtMost: Int
        var affectedAccounts: Int
        var firstExposure: String?
        var lastExposure: String?
        var rejectedLines: Int
        var rollouts: [Rollout]
    }

    let summary: Summary
    let exposures: [Exposure]
    let exposed: [Account]
    let receiving: [Account]
    let affected: [Account]
    /// The likeliest cause first.
    let conditions: [Condition]
    /// Places whose delivery is unresolved, and who received it.
    let unresolved: [String: String]

    init(reports: URL, casePath: String) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        func table<T: Decodable>(_ name: String) throws -> [T] {
            try Data(contentsOf: reports.appending(path: name)).split(separator: UInt8(ascii: "\n")).map {
                try decoder.decode(T.self, from: $0)
            }
        }
        summary = try decoder.decode(Summary.self, from: Data(contentsOf: reports.appending(path: "summary.json")))
        exposures = try table("exposures.jsonl")
        exposed = try table("exposed_accounts.jsonl")
        receiving = try table("receiving_accounts.jsonl")
        affected = try table("affected_accounts.jsonl")
        conditions = try table("conditions.jsonl")
        let rows = try CaseFile(reading: casePath).read {
            try Row.fetchAll($0, sql: "SELECT path, line, requester FROM unresolved_deliveries")
        }
        unresolved = Dictionary(
            try rows.map {
                (
                    "\(try $0.decode(String.self, atIndex: 0)):\(try $0.decode(Int.self, atIndex: 1))",
                    try $0.decode(String?.self, atIndex: 2) ?? ""
                )
            }, uniquingKeysWith: { $1 })
    }
}
