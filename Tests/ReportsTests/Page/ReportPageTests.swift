import Analysis
import Casefile
import Foundation
import GRDB
import Reports
import Testing

/// `report.html` as a browser shows it.
@Suite(.serialized, .enabled(if: Chromium.executable != nil, "\(Chromium.absence)"))
struct ReportPageTests {
    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Where pictures of the pages are left for people to look at: beside the tests' program.
    private static let pictures = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appending(path: "report-pages")

    private func keep(_ data: Data, _ name: String) throws {
        try FileManager.default.createDirectory(at: Self.pictures, withIntermediateDirectories: true)
        try data.write(to: Self.pictures.appending(path: name))
    }

    /// Nothing went wrong, and nothing but the file itself was asked for.
    private func expectQuiet(_ browser: Chromium, _ file: URL) {
        #expect(browser.complaints == [])
        #expect(browser.requested.filter { !$0.hasPrefix("data:") } == [file.absoluteString])
    }

    /// The figures on the page by name, without their commas.
    private func figures(_ browser: Chromium, _ attribute: String) throws -> [String: Int] {
        let found = try browser.value(
            "Object.fromEntries([...document.querySelectorAll('[data-\(attribute)]')].map(e => [e.dataset.\(attribute), e.textContent]))"
        )
        let texts = try #require(found as? [String: String])
        return texts.compactMapValues { Int($0.replacing(",", with: "")) }
    }

    /// Scrolls to a long table and waits until it is there.
    private func bring(_ name: String, _ browser: Chromium) throws {
        _ = try browser.value(
            """
            new Promise(done => {
                document.getElementById('\(name)').scrollIntoView();
                const wait = () => document.querySelector('#\(name)-table tbody tr') ? done(true) : setTimeout(wait, 20);
                wait();
            })
            """)
    }

    private func search(_ name: String, _ text: String, _ browser: Chromium) throws -> String {
        let quoted = String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
        return try #require(
            browser.value(
                """
                new Promise(done => {
                    const box = document.querySelector('#\(name)-table input');
                    box.value = \(quoted);
                    box.dispatchEvent(new Event('input'));
                    setTimeout(() => done(document.querySelector('#\(name)-table output').textContent), 400);
                })
                """) as? String)
    }

    /// The texts of a column of the rows in the document.
    private func column(_ name: String, _ index: Int, _ browser: Chromium) throws -> [String] {
        try browser.texts(
            "[...document.querySelectorAll('#\(name)-table tbody tr:not(.space)')].map(row => row.children[\(index)].textContent)"
        )
    }

    @Test(
        "the incident: the figures are those of summary.json, tables sort and filter, and each proof is what explain says"
    )
    func incident() throws {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "strayframe-page-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        let caseFile = try CaseFile(writingTo: scratch.appending(path: "case.sqlite").path)
        let dump = Self.repository.appending(path: "Fixtures/xiaomi-2019-12-26/dump").path
        let trace = try Ingest(caseFile, .init(roots: [dump], library: .init())).run()
        try Correlator(caseFile, .init(), trace: trace).run()
        try Reports.write(caseFile, to: scratch)
        let file = scratch.appending(path: "report.html")
        let summary = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: scratch.appending(path: "summary.json")))
                as? [String: Any])

        let browser = try Chromium()
        try browser.open(file)
        try keep(browser.screenshot(), "incident.png")
        let shown = try figures(browser, "figure")
        for name in [
            "exposed_accounts_certain", "receiving_accounts_certain", "exposures_certain", "affected_accounts",
        ] {
            #expect(shown[name] == summary[name] as? Int && shown[name] ?? 0 > 0, "\(name)")
        }
        let certain = try #require(summary["exposures_certain"] as? Int)
        #expect(shown["exposures"] == certain + (summary["exposures_possible"] as? Int ?? -1))
        let answer = try #require(browser.value("document.getElementById('answer').textContent") as? String)
        #expect(answer.contains(try #require(summary["cause"] as? String)))
        // `date -u -d 2019-12-26T11:52:06` and so on, in words; the truth's README has the stamps.
        #expect(answer.contains("26 Dec 2019, 11:52:06 UTC") && answer.contains("2 Jan 2020, 16:52:16 UTC"))
        #expect(answer.contains("Exact for these logs") && answer.contains("client nest-hub"))

        try bring("exposures", browser)
        #expect(try search("exposures", "", browser) == "\(certain) rows")
        let rows = try #require(browser.value("document.querySelectorAll('#exposures-table tbody tr').length") as? Int)
        #expect(rows < 80, "only rows in sight are in the document")
        try sums(browser, summary)
        try zooms(browser)
        try sorts(browser, caseFile)
        try filters(browser, caseFile)
        try proofs(browser, caseFile)
        expectQuiet(browser, file)
        try pictures(browser, file)
        expectQuiet(browser, file)
    }

    /// Every table that splits the exposures adds up to all of them, and the accounts' roles are as many as the summary has.
    private func sums(_ browser: Chromium, _ summary: [String: Any]) throws {
        let certain = try #require(summary["exposures_certain"] as? Int)
        for caption in ["Exposures per hour", "Exposures by node", "Exposures by evidence", "Exposures by relation"] {
            let sum = try browser.value(
                """
                (() => {
                    const table = [...document.querySelectorAll('table')].find(t => t.caption.textContent === '\(caption)');
                    const column = [...table.tHead.rows[0].cells].findIndex(c => c.textContent === 'certain');
                    return [...table.tBodies[0].rows].reduce((sum, row) => sum + Number(row.cells[column].textContent.replaceAll(',', '')), 0);
                })()
                """)
            #expect(sum as? Int == certain, "\(caption)")
        }
        try bring("accounts", browser)
        for (role, key) in [
            ("exposed", "exposed_accounts_certain"), ("receiving", "receiving_accounts_certain"),
            ("affected", "affected_accounts"),
        ] {
            let found = try browser.value(
                """
                (() => {
                    const box = document.querySelector('#accounts-table select');
                    box.value = '\(role)';
                    box.dispatchEvent(new Event('change'));
                    return document.querySelector('#accounts-table output').textContent.split(' ')[0].replaceAll(',', '');
                })()
                """)
            #expect(found as? String == "\(summary[key] as? Int ?? -1)", "\(role)")
        }
        // An account leads to its exposures.
        let name = try #require(
            browser.value(
                "(() => { const b = document.querySelector('#accounts-table tbody button'); b.click(); return b.textContent; })()"
            ) as? String)
        let requesters = try column("exposures", 4, browser)
        let owners = try column("exposures", 3, browser)
        #expect(!owners.isEmpty && zip(owners, requesters).allSatisfy { $0 == name || $1 == name })
        _ = try search("exposures", "", browser)
    }

    private func zooms(_ browser: Chromium) throws {
        let places =
            "[...document.querySelectorAll('svg.timeline [data-a]')].map(e => `${e.getAttribute('x') ?? e.getAttribute('x1')} ${e.style.display}`)"
        func numbers(_ texts: [String]) -> [Double] { texts.map { Double($0.prefix { $0 != " " }) ?? .nan } }
        func press(_ what: String) throws {
            _ = try browser.value("document.querySelector('[data-zoom=\(what)]').click()")
        }
        let whole = try browser.texts(places)
        try press("in")
        let closer = try browser.texts(places)
        #expect(closer.filter { $0.hasSuffix(" none") }.count > whole.count / 4, "what is out of sight is not drawn")
        #expect(whole.allSatisfy { !$0.hasSuffix("none") })
        // The middle half of 21 days: from 25 December, 06:00, to 4 January, 18:00.
        let shown = try #require(browser.value("document.querySelector('.shown').textContent") as? String)
        #expect(shown.hasPrefix("25 Dec 2019, 06:00:00") && shown.contains("4 Jan 2020, 17:00:00"), "\(shown)")
        try press("all")
        let again = numbers(try browser.texts(places))
        #expect(zip(numbers(whole), again).allSatisfy { abs($0 - $1) < 0.02 } && again.count == whole.count)
    }

    private func sorts(_ browser: Chromium, _ caseFile: CaseFile) throws {
        func press(_ heading: String) throws {
            _ = try browser.value(
                "[...document.querySelectorAll('#exposures-table thead button')].find(b => b.textContent === '\(heading)').click()"
            )
        }
        let receivers = try caseFile.read {
            try String.fetchAll($0, sql: "SELECT requester FROM exposures ORDER BY requester")
        }
        try press("Received by")
        let rising = try column("exposures", 4, browser)
        #expect(rising == Array(receivers.prefix(rising.count)) && rising.count > 10)
        try press("Received by")
        let falling = try column("exposures", 4, browser)
        #expect(falling == Array(receivers.reversed().prefix(falling.count)))
        #expect(
            try browser.texts(
                "[...document.querySelectorAll('#exposures-table th[aria-sort]')].map(e => e.ariaSort + ' ' + e.textContent)"
            )
                == ["descending Received by"])
        // The last row is reached by scrolling, and the rows know their places.
        let last = try browser.value(
            """
            new Promise(done => {
                const scroll = document.querySelector('#exposures-table .scroll');
                scroll.scrollTop = scroll.scrollHeight;
                setTimeout(() => done([...document.querySelectorAll('#exposures-table tr[aria-rowindex]')].pop().ariaRowIndex), 300);
            })
            """)
        #expect(last as? String == "\(receivers.count + 1)")
        #expect(try column("exposures", 4, browser).last == receivers.first)
    }

    private func filters(_ browser: Chromium, _ caseFile: CaseFile) throws {
        let (total, byAccount) = try caseFile.read { db in
            let owner = try #require(
                try String.fetchOne(db, sql: "SELECT owner FROM exposures GROUP BY owner ORDER BY count(*) DESC, owner")
            )
            let count = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM exposures WHERE owner = ?1 OR requester = ?1", arguments: [owner])
            return (try Int.fetchOne(db, sql: "SELECT count(*) FROM exposures"), (owner, count))
        }
        #expect(
            try search("exposures", byAccount.0.uppercased(), browser) == "\(byAccount.1 ?? 0) of \(total ?? 0) rows")
        #expect(try search("exposures", "no such name", browser) == "0 of \(total ?? 0) rows")
        #expect(try search("exposures", "2019-12-31", browser) == "\(try day(caseFile)) of \(total ?? 0) rows")
        _ = try search("exposures", "", browser)
        let frames = try caseFile.read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM exposures WHERE evidence = 'frame'")
        }
        let chosen = try browser.value(
            """
            (() => {
                const box = document.querySelectorAll('#exposures-table select')[1];
                box.value = 'frame';
                box.dispatchEvent(new Event('change'));
                const found = document.querySelector('#exposures-table output').textContent;
                box.value = '';
                box.dispatchEvent(new Event('change'));
                return found;
            })()
            """)
        #expect(chosen as? String == "\(frames ?? 0) of \(total ?? 0) rows")
    }

    private func day(_ caseFile: CaseFile) throws -> Int {
        try caseFile.read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM exposures WHERE time LIKE '2019-12-31%'") ?? 0
        }
    }

    /// The dialogs of some exposures against the proofs that `explain` prints.
    private func proofs(_ browser: Chromium, _ caseFile: CaseFile) throws {
        let ids = try caseFile.read {
            try String.fetchAll($0, sql: "SELECT id FROM exposures WHERE line % 23 = 0 ORDER BY ts, id LIMIT 4")
        }
        #expect(ids.count == 4)
        for id in ids {
            _ = try search("exposures", id, browser)
            _ = try browser.value("document.querySelector('#exposures-table tbody button').click()")
            #expect(try browser.value("document.getElementById('proof').open") as? Bool == true)
            let facts = try browser.texts(
                "[...document.querySelectorAll('#proof dl:first-of-type div')].map(e => [...e.children].map(c => c.textContent).join(' '))"
            )
            let text = try #require(browser.value("document.getElementById('proof').innerText") as? String)
            let proof = try Proof(of: id, in: caseFile)
            let expected = proof.facts.map { "\($0.name) \($0.value)" }
            #expect(facts.filter { $0 != "opened yes" } == expected)
            for candidate in proof.candidates {
                #expect(text.contains(candidate.map { "\($0.name) \($0.value)" }.joined(separator: ", ")))
            }
            for line in proof.lines {
                #expect(line.problem == nil)
                #expect(
                    text.contains("\(line.role): \(line.path), line \(line.line)") && text.contains(line.sha256),
                    "\(line)")
            }
            _ = try browser.value("document.getElementById('proof').close()")
        }
        _ = try search("exposures", "", browser)
    }

    /// Pictures for people, light and dark, narrow and on paper.
    private func pictures(_ browser: Chromium, _ file: URL) throws {
        let pdf = try browser.pdf()
        #expect(pdf.starts(with: Data("%PDF".utf8)))
        try keep(pdf, "incident.pdf")
        try browser.open(file, width: 1440, height: 2600, dark: true)
        try keep(browser.screenshot(), "incident-dark.png")
        try browser.open(file, width: 390, height: 2400)
        try keep(browser.screenshot(), "incident-narrow.png")
        #expect(try browser.value("document.documentElement.scrollWidth <= 390") as? Bool == true, "nothing sticks out")
    }
}
