import Casefile
import GRDB

/// What wrote the page, and of which input: at its foot, and on each sheet of paper, so that an exhibit names its origin.
struct Origin {
    /// Name and version.
    let tool = "\(Tool.name) \(Tool.version)"
    let sources: String
    /// The journal's `input` of the ingest: see ``SourceRow/digest(_:)``.
    let digest: String

    init(_ db: Database) throws {
        sources = Wording.count(try SourceRow.listing(db).count, "file")
        digest = try SourceRow.digest(db)
    }

    /// A style sheet for paper: the foot of each sheet (CSS Paged Media Level 3, section 4).
    var style: String {
        let font = "font: 7pt system-ui, sans-serif; color: #444d58"
        return """
            @page {
              @bottom-left { content: "\(tool), input SHA-256 \(digest)"; \(font); white-space: nowrap }
              @bottom-right { content: "Page " counter(page) " of " counter(pages); \(font); white-space: nowrap }
            }

            """
    }
}
