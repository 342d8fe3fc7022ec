import Casefile
import Crypto
import Foundation
import GRDB
import Mustache

/// `report.html`: the whole answer in one file that asks nobody for anything.
///
/// Its Content-Security-Policy admits the one style sheet and the one script that stand in it, by their SHA-256 (CSP
/// Level 3, 6.7.2.3), and no request at all.
struct Page {
    private static let style = text(PackageResources.page_css)
    private static let script = [
        PackageResources.table_js, PackageResources.proof_js, PackageResources.view_js, PackageResources.counts_js,
        PackageResources.drawing_js, PackageResources.timeline_js, PackageResources.heat_js, PackageResources.page_js,
    ].map(text).joined(separator: "\n")

    let style: String
    let script = Page.script
    let styleHash: String
    let scriptHash = Page.hash(Page.script)
    let answer: Answer
    let logs: String
    /// Nil if there is no exposure to draw.
    let spark: Sparkline?
    let sections: [Section]
    /// What the script draws the timeline and the heat map from, as JSON; nil if there is no delivery.
    let times: String?
    let origin: Origin
    let accounts: LongTable
    let exposures: LongTable

    /// A table that the page's script fills.
    struct LongTable {
        let json: String
        let total: String
        /// What the page leaves out, if it does.
        let left: String?
        /// Whether there is a row.
        let isFilled: Bool
    }

    static func write(_ summary: Summary, _ db: Database, to folder: URL) throws {
        let page = try Page(summary, db)
        try ReportFile.write(Data(try page.html().utf8), to: folder, "report.html")
    }

    private init(_ summary: Summary, _ db: Database) throws {
        let names = try ShownNames(db)
        let stretches = try Stretches(db, names)
        answer = try Answer(summary, db, names)
        logs =
            answer.window.logs.map {
                "Deliveries from \(Wording.time($0.lowerBound)) to \(Wording.time($0.upperBound))"
            }
            ?? "No deliveries"
        let timeline = try stretches.map { try TimelinePlot($0, db, names) }
        if let stretches, let timeline {
            spark = Sparkline(stretches, timeline.marks, answer.window)
            times = try PageData.json(Times(stretches, timeline))
        } else {
            (spark, times) = (nil, nil)
        }
        origin = try Origin(db)
        style = Page.style + origin.style
        styleHash = Page.hash(style)
        sections = [
            timeline?.section(summary),
            stretches.flatMap { HeatMap(stretches: $0).section() },
            PairPlot(pairs: try Pairs(db, names)).section(),
            try Causes(db, names).section(summary),
            try RolloutRates(db, names).section(),
            try EvidenceCounts(db).section(summary),
            try Crossings(db).section(),
            try AnnotationData.section(db),
            AssumptionLedger(assumptions: summary.assumptions).section(),
            try Coverage(db, names, stretches?.scale).section(summary),
        ].compactMap { $0 }
        let accountData = try AccountData(db, names)
        accounts = LongTable(
            json: try PageData.json(accountData), total: Wording.number(accountData.total),
            left: Self.left(
                accountData.total, AccountData.most, "accounts with the most exposures",
                "exposed_accounts.csv, receiving_accounts.csv and affected_accounts.csv have"),
            isFilled: accountData.total > 0)
        let exposureData = try ExposureData(db, names)
        exposures = LongTable(
            json: try PageData.json(exposureData), total: Wording.number(exposureData.total),
            left: Self.left(
                exposureData.total, ExposureData.most,
                "certain ones before the possible ones, then the earliest", "exposures.csv has"),
            isFilled: exposureData.total > 0)
    }

    private static func left(_ total: Int, _ most: Int, _ which: String, _ files: String) -> String? {
        total > most
            ? "This page holds \(Wording.number(most)) of \(Wording.number(total)): the \(which); \(files) all of them."
            : nil
    }

    private func html() throws -> String {
        MustacheContentTypes.register(Markup(), named: "PAGE")
        var library = MustacheLibrary()
        try library.register(Self.text(PackageResources.page_mustache), named: "page")
        try library.register(Self.text(PackageResources.table_mustache), named: "table")
        return library.render(self, withTemplate: "page") ?? ""
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func hash(_ text: String) -> String {
        "sha256-" + Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
    }
}
