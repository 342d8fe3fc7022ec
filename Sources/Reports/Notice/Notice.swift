public import Casefile
public import Foundation
import GRDB
import Mustache

/// What has to be told of a breach: to the supervisory authority (GDPR Article 33), and to each account whose frames were
/// seen (Article 34).
public enum Notice {
    /// Writes `authority.md`, `accounts.csv` and, in `accounts/`, a file for each exposed account.
    ///
    /// - Parameter folder: made if it is not there; a notice of another case must not lie in it.
    /// - Returns: how many accounts have a file.
    /// - Throws: `ReportError`.
    public static func write(_ caseFile: CaseFile, to folder: URL) throws -> Int {
        let summary = try Summary(of: caseFile)
        let accounts = folder.appending(path: "accounts")
        let left = (try? FileManager.default.contentsOfDirectory(atPath: accounts.path)) ?? []
        guard left.isEmpty else { throw ReportError.notEmpty(path: accounts.path) }
        try ReportFile.makeFolder(accounts)
        MustacheContentTypes.register(MarkdownText(), named: "MARKDOWN")
        return try caseFile.read { db in
            let names = try ShownNames(db)
            let authority = try AuthorityNotice(summary, db, names)
            try ReportFile.write(
                Data(try template(PackageResources.authority_mustache).render(authority).utf8), to: folder,
                "authority.md")
            let template = try template(PackageResources.account_mustache)
            var index = try CSVFile(
                header: [
                    "account", "file", "certainty", "exposures_certain", "exposures_possible", "receivers_certain",
                    "receivers_possible", "first_time", "last_time",
                ], into: ReportDraft(in: folder, "accounts.csv"))
            var count = 0
            try AccountNotice.forEach(db, names) { notice in
                count += 1
                let file = "accounts/" + AccountNotice.fileName(count)
                try ReportFile.write(Data(template.render(notice).utf8), to: folder, file, isLasting: false)
                try index.append(texts: [notice.account, file] + notice.figures)
            }
            try index.finish()
            return count
        }
    }

    private static func template(_ bytes: [UInt8]) throws -> MustacheTemplate {
        try MustacheTemplate(string: String(decoding: bytes, as: UTF8.self))
    }
}
