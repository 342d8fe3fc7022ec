public import Casefile
public import Foundation
import GRDB
import Mustache

/// What has to be told of a breach: to the supervisory authority (GDPR Article 33), and to each account whose frames were
/// seen (Article 34).
public enum Notice {
    /// What was drafted.
    public struct Drafted: Sendable {
        /// How many accounts have a file.
        public var accounts = 0
        /// The files that were edited since they were drafted and are as they were, each with the file of its new draft.
        public var kept: [(file: String, draft: String)] = []
        /// Files that were edited and whose account is exposed no more.
        public var stale: [String] = []
    }

    /// Writes `authority.md`, `accounts.csv` and, in `accounts/`, a file for each exposed account; `drafts.jsonl` has what they
    /// hash to, so that none that was edited is written over.
    ///
    /// - Parameters:
    ///   - folder: made if it is not there.
    ///   - facts: what people stated; merged into each draft.
    ///   - identity: what tells the case from others, if `caseFile` is a copy of it; nil: its own.
    /// - Throws: `ReportError`, also if the folder has something else in it.
    @discardableResult
    public static func write(
        _ caseFile: CaseFile, to folder: URL, facts: IncidentFacts = IncidentFacts(), identity: String? = nil
    ) throws -> Drafted {
        let summary = try Summary(of: caseFile)
        MustacheContentTypes.register(MarkdownText(), named: "MARKDOWN")
        return try caseFile.read { db in
            let names = try ShownNames(db)
            var drafts = try DraftFolder(folder, identity: try identity ?? Journal.identity(db))
            try ReportFile.makeFolder(folder.appending(path: "accounts"))
            let authority = try AuthorityNotice(summary, facts, db, names)
            try drafts.write(
                Data(try template(PackageResources.authority_mustache).render(authority).utf8), "authority.md")
            let template = try template(PackageResources.account_mustache)
            var index = try CSVFile(
                header: [
                    "account", "file", "certainty", "exposures_certain", "exposures_possible", "receivers_certain",
                    "receivers_possible", "first_time", "last_time",
                ])
            var drafted = Drafted()
            try AccountNotice.forEach(db, names, facts) { notice in
                drafted.accounts += 1
                let file = drafts.file(of: notice.account)
                try drafts.write(Data(template.render(notice).utf8), file, of: notice.account)
                try index.append(texts: [notice.account, file] + notice.figures)
            }
            try drafts.write(Data(index.string.utf8), "accounts.csv")
            drafted.stale = try drafts.removeOld()
            drafted.kept = drafts.kept
            try ReportFile.settle(folder)
            return drafted
        }
    }

    private static func template(_ bytes: [UInt8]) throws -> MustacheTemplate {
        try MustacheTemplate(string: String(decoding: bytes, as: UTF8.self))
    }
}
