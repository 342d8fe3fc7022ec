import Analysis
import Casefile
import Correlation
import Foundation
import GRDB
import Reports
import Testing

/// Tags and notes, from the case to the page.
struct AnnotationTests {
    /// bob sees two frames of alice's camera, carol one.
    private func smallCase() throws -> (SmallCase, ids: [String]) {
        let small = try SmallCase([
            ("relay.log", delivery("20", to: "bob") + delivery("21", to: "bob") + delivery("22", to: "carol")),
            ("cache.log", fill("19", "cam-a")), ("cameras.csv", cameras),
        ])
        return (small, try small.caseFile.read { try String.fetchAll($0, sql: "SELECT id FROM exposures ORDER BY ts") })
    }

    private func problems(_ caseFile: CaseFile) throws -> [String] {
        try caseFile.read { try Custody.checks($0) }.flatMap(\.problems)
    }

    @Test("what is said of an exposure or an account stands in CSV, timeline and page, and changes no count")
    func shown() throws {
        let (small, ids) = try smallCase()
        #expect(ids.count == 3)
        let before = try small.reports()["summary.json"]
        let numbers = try small.caseFile.annotate(
            [.exposure(ids[1]), .account("bob")], tags: ["confirmed", "=minor"], note: "<script>1</script> said so")
        #expect(numbers == [1, 2, 3, 4])
        #expect(try problems(small.caseFile) == [])
        let files = try small.reports()
        #expect(files["summary.json"] == before)
        let exposures = try small.rows("exposures.csv")
        #expect(exposures.map { $0["tags"] } == ["", "=minor;confirmed", ""])
        #expect(exposures.map { $0["notes"] } == ["", "<script>1</script> said so", ""])
        // A spreadsheet takes no tag as a formula.
        let csv = String(decoding: try #require(files["exposures.csv"]), as: UTF8.self)
        #expect(csv.contains(",'=minor;confirmed,"))
        #expect(try small.rows("receiving_accounts.csv").map { $0["tags"] } == ["=minor;confirmed", ""])
        #expect(try small.rows("exposed_accounts.csv").map { $0["tags"] } == [""])
        #expect(
            try small.rows("annotations.csv").map { $0["standing"] } == ["exposure", "exposure", "account", "account"])
        let entries = try small.rows("timeline.csv").filter { $0["timestamp_desc"] == "Annotation" }
        // The exposure's own time, and the first of the account's.
        #expect(
            entries.map { $0["datetime"] }
                == ["20", "20", "21", "21"].map { "2019-12-26T10:00:\($0).000000+00:00" })
        #expect(entries[3]["message"]?.hasPrefix("Annotation of exposure \(ids[1]) [") == true)
        let page = String(decoding: try #require(files["report.html"]), as: UTF8.self)
        #expect(page.contains("What was noted") && page.contains("&lt;script&gt;1&lt;/script&gt; said so"))
        #expect(!page.contains("<script>1"))
    }

    @Test("a page shows tags in both tables and the proof, and filters by them")
    func page() throws {
        guard Chromium.executable != nil else { return print(Chromium.absence) }
        let (small, ids) = try smallCase()
        _ = try small.caseFile.annotate([.exposure(ids[2]), .account("carol")], tags: ["confirmed"], note: "by letter")
        _ = try small.reports()
        let browser = try Chromium()
        try browser.open(small.folder.appending(path: "reports/report.html"))
        _ = try browser.value("table('accounts'), table('exposures'), true")
        func rows(_ name: String) throws -> [String] {
            try browser.texts(
                "[...document.querySelectorAll('#\(name)-table tbody tr:not(.space)')].map(r => r.textContent)")
        }
        #expect(try rows("exposures").count { $0.contains("confirmed; by letter") } == 1)
        #expect(
            try rows("accounts").filter { $0.contains("confirmed; by letter") }.map { $0.hasPrefix("carol") } == [true])
        _ = try browser.value(
            "[...document.querySelectorAll('#exposures-table label')].find(l => l.textContent.startsWith('Tag')).querySelector('select').value = 'confirmed', tables.exposures.select()"
        )
        #expect(try rows("exposures").count == 1 && rows("exposures")[0].contains(ids[2]))
        _ = try browser.value("document.querySelector('#exposures-table tbody button').click()")
        let proof = try #require(browser.value("document.getElementById('proof').textContent") as? String)
        #expect(proof.contains("tagsconfirmed") && proof.contains("notesby letter"))
        #expect(browser.complaints == [])
    }

    @Test("annotations outlive another correlation; one that was removed stays in the journal")
    func kept() throws {
        let (small, ids) = try smallCase()
        _ = try small.caseFile.annotate([.exposure(ids[0])], tags: ["a"], note: nil)
        _ = try small.caseFile.annotate([.account("alice")], tags: [], note: "hers")
        var options = Correlator.Options()
        options.statements.areNoGrants = true
        try Correlator(small.caseFile, options).run()
        let all = try small.caseFile.read { try Annotation.all($0) }
        #expect(all.map(\.number) == [1, 2] && all.map(\.target) == [.exposure(ids[0]), .account("alice")])
        #expect(all.map(\.tag) == ["a", nil] && all.map(\.note) == [nil, "hers"])
        try small.caseFile.removeAnnotation(2)
        #expect(try small.caseFile.read { try Annotation.all($0) }.map(\.number) == [1])
        let details = try small.caseFile.read {
            try String.fetchAll($0, sql: "SELECT detail FROM journal WHERE action = 'annotate' ORDER BY seq")
        }
        #expect(
            details == [
                #"{"added":"1","exposure":"\#(ids[0])","tag":"a"}"#, #"{"account":"alice","added":"2","note":"hers"}"#,
                #"{"account":"alice","note":"hers","removed":"2"}"#,
            ])
        #expect(try problems(small.caseFile) == [])
        // What nobody may change unseen.
        try small.caseFile.write { try $0.execute(sql: "UPDATE annotation SET tag = 'b'") }
        #expect(try problems(small.caseFile).contains { $0.contains("annotation") })
        #expect(throws: CaseFileError.self) { try small.caseFile.requireAsWritten() }
    }

    @Test("what is not in the case, and what does not fit a cell, is refused, and nothing is added")
    func refused() throws {
        let (small, ids) = try smallCase()
        let delivery = String(ids[0].prefix(13)) + "99"
        let wrong: [([Annotation.Target], [String], String?, String)] = [
            ([.account("mallory")], ["a"], nil, "no account 'mallory'"),
            ([.account("cam-a")], ["a"], nil, "no account 'cam-a'"),
            ([.exposure(ids[0]), .exposure(delivery)], ["a"], nil, "'\(delivery)' is the ID of no exposure"),
            ([.exposure("")], ["a"], nil, "'' is the ID of no exposure"),
            ([.account("bob")], ["a;b"], nil, "';'"), ([.account("bob")], [" "], nil, "the tag is empty"),
            ([.account("bob")], ["a\u{202e}"], nil, "does not show"), ([.account("bob")], [], "a\nb", "line break"),
            ([.account("bob")], [String(repeating: "x", count: 65)], nil, "64 are allowed"),
        ]
        for (targets, tags, note, reason) in wrong {
            let error = #expect(throws: CaseFileError.self) {
                try small.caseFile.annotate(targets, tags: tags, note: note)
            }
            #expect(error?.description.contains(reason) == true, "\(reason): \(error?.description ?? "")")
        }
        #expect(throws: CaseFileError.self) { try small.caseFile.removeAnnotation(1) }
        #expect(try small.caseFile.read { try Annotation.all($0) }.isEmpty)
        #expect(try problems(small.caseFile) == [])
    }

    @Test("a copy with pseudonyms keeps tags but for the names in them, and no note")
    func pseudonyms() throws {
        let (small, ids) = try smallCase()
        _ = try small.caseFile.annotate(
            [.exposure(ids[0]), .account("bob")], tags: ["seen by alice"], note: "Bob Smith")
        _ = try small.caseFile.annotate([.account("bob")], tags: [], note: "Bob Smith again")
        let key = small.folder.appending(path: "key")
        try Data("0123456789abcdef".utf8).write(to: key)
        let copy = small.folder.appending(path: "copy.sqlite").path
        try small.caseFile.pseudonymized(to: copy, key: PseudonymKey(file: key.path))
        let caseFile = try CaseFile(reading: copy)
        let all = try caseFile.read { try Annotation.all($0) }
        #expect(all.count == 2 && all.allSatisfy { $0.note == nil })
        #expect(all.allSatisfy { $0.tag?.hasPrefix("seen by p-") == true && $0.tag?.contains("alice") == false })
        #expect(all[0].target == .exposure(ids[0]))
        guard case .account(let name) = all[1].target else { throw CaseFileError.notACase(path: "no account") }
        #expect(name.hasPrefix("p-"))
        #expect(try problems(caseFile) == [])
        #expect(try Data(contentsOf: URL(fileURLWithPath: copy)).range(of: Data("Smith".utf8)) == nil)
        #expect(throws: CaseFileError.self) { try caseFile.annotate([.account(name)], tags: ["a"], note: nil) }
    }
}
