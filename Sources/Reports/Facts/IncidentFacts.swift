public import Casefile
import GRDB
import LogRecords

/// What people know of an incident and no log does. It is kept in the case's journal, so that every draft of the notices has it.
public struct IncidentFacts: Sendable, Equatable {
    /// Who is responsible, and whom to ask: name, data protection officer, contact.
    public var controller: String?
    /// When the controller became aware, microseconds since 1970 UTC.
    public var aware: Int64?
    public var detected: Int64?
    public var contained: Int64?

    public init() {}

    /// What was last stated in a case.
    ///
    /// - Throws: `CaseFileError`; `DatabaseError` if the journal has a time that is none.
    public init(of caseFile: CaseFile) throws {
        let stated = try caseFile.read { try Journal.statedFacts($0) }
        func moment(_ name: String) throws -> Int64? {
            guard let text = stated[name] else { return nil }
            guard let stamp = Timestamp(text) else {
                throw CaseFileError.damaged(path: caseFile.path, what: "journal: '\(name)' is no time: \(text)")
            }
            return stamp.microseconds
        }
        controller = stated["controller"]
        (aware, detected, contained) = (try moment("aware"), try moment("detected"), try moment("contained"))
    }

    /// How long after it became aware the controller has for the notification (GDPR Article 33(1)), microseconds.
    static let allowed: Int64 = 72 * 3600 * 1_000_000

    /// Until when the authority is to be notified; nil if it is not known since when the controller is aware.
    var deadline: Int64? {
        aware.flatMap { $0.addingReportingOverflow(Self.allowed).overflow ? nil : $0 + Self.allowed }
    }
}
