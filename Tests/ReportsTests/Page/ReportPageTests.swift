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
        try zooms(browser, caseFile)
        try sorts(browser, caseFile)
        try filters(browser, caseFile)
        try proofs(browser, caseFile)
        expectQuiet(browser, file)
        try origin(browser, caseFile)
        try pictures(browser, file, caseFile)
        expectQuiet(browser, file)
    }

    /// The first screen has the rollouts and what the count rests on; the foot names the input as `sha256sum` does.
    private func origin(_ browser: Chromium, _ caseFile: CaseFile) throws {
        #expect(
            try browser.texts("[...document.querySelectorAll('.spark .flag')].map(e => e.textContent)").contains(
                "rollout 2019.12.26"))
        #expect(
            try browser.value("document.querySelector('.spark').getBoundingClientRect().bottom + scrollY <= 900")
                as? Bool == true)
        let ledger = try browser.texts("[...document.querySelectorAll('.ledger li')].map(e => e.textContent)")
        let counts = try caseFile.read {
            try Row.fetchAll($0, sql: "SELECT status, count(*) AS count FROM assumptions GROUP BY status")
        }
        #expect(
            ledger.compactMap { Int($0.split(separator: " ")[0]) }.reduce(0, +)
                == counts.reduce(0) { $0 + ($1["count"] as Int) })
        let listing = try PageTools.output(
            "/bin/sh",
            ["-c", "find dump -type f -exec sha256sum {} + | LC_ALL=C sort | sha256sum | cut -c1-64"],
            in: Self.repository.appending(path: "Fixtures/xiaomi-2019-12-26"))
        #expect(try text("footer", browser).contains(listing.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(try text("footer", browser).contains("\(Tool.name) \(Tool.version)"))
    }

    /// On paper each sheet has its number, no ID is broken, and the tables' headings come again on each sheet.
    private func paper(_ pdf: Data, _ caseFile: CaseFile) throws {
        let program = "/usr/bin/pdftotext"
        guard FileManager.default.isExecutableFile(atPath: program) else {
            print("NOT TESTED: the page on paper; on Debian: apt-get install poppler-utils")
            return
        }
        let text = try PageTools.output(
            program, ["-layout", Self.pictures.appending(path: "incident.pdf").path, "-"], in: Self.pictures)
        let sheets = text.split(separator: "\u{0c}").filter { $0.contains("Page ") }
        #expect(sheets.count > 5)
        for (index, sheet) in sheets.enumerated() {
            #expect(sheet.contains("Page \(index + 1) of \(sheets.count)"))
        }
        // Of whatever rows come first in the table's order, a hundred.
        let ids = try caseFile.read { try String.fetchAll($0, sql: "SELECT id FROM exposures ORDER BY ts, id") }
        #expect(ids.count { text.contains("\($0) ") } == 100)
        for sheet in sheets where ids.contains(where: { sheet.contains($0) }) {
            #expect(sheet.contains("Received by") && sheet.contains("Certainty"))
        }
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
        _ = try browser.value("view.showAll()")
    }

    /// The timeline's bins, from what the pointer is told of each: the words of its time, and its exposures.
    private func bins(_ browser: Chromium) throws -> [(time: String, count: Int)] {
        let tips = try browser.texts(
            "[...document.querySelectorAll('svg.timeline .hit')].map(e => e.dataset.tip).filter(t => t.includes('certain'))"
        )
        return tips.map { tip in
            let parts = tip.split(separator: " UTC: ")
            let numbers = parts[1].replacing(",", with: "").split(separator: " ").compactMap { Int($0) }
            return (String(parts[0]), numbers.reduce(0, +))
        }
    }

    private func text(_ selector: String, _ browser: Chromium) throws -> String {
        try #require(browser.value("document.querySelector('\(selector)').textContent") as? String)
    }

    /// Bins and axis at every zoom, and that a range and an account reach every picture and table by the URL's hash.
    private func zooms(_ browser: Chromium, _ caseFile: CaseFile) throws {
        func press(_ what: String) throws {
            _ = try browser.value("document.querySelector('[data-zoom=\(what)]').click()")
        }
        let whole = try bins(browser)
        try press("in")
        // The middle half of 21 days: from 25 December, 06:00, to 4 January, 18:00.
        #expect(try text(".shown", browser).hasPrefix("25 Dec 2019, 06:00:00 to 4 Jan, 18:00:00 UTC: 312 certain"))
        #expect(try bins(browser).reduce(0) { $0 + $1.count } == 312)
        for _ in 0..<7 { try press("in") }
        // 21 days / 2^8: not two hours, whose bins are of seconds.
        #expect(try text("#timeline figcaption", browser).contains("second"))
        #expect(
            try browser.texts("[...document.querySelectorAll('svg.timeline .tick.time')].map(e => e.textContent)").count
                > 4)
        try press("all")
        #expect(try bins(browser).map(\.time) == whole.map(\.time) && whole.reduce(0) { $0 + $1.count } == 312)
        try follows(browser, caseFile)
        #expect(try browser.value("document.querySelector('.chosen').hidden") as? Bool == true)
    }

    /// What is counted is asked of the case, in SQL of its own.
    private func follows(_ browser: Chromium, _ caseFile: CaseFile) throws {
        let range = "time >= '2019-12-26T11:00:00' AND time < '2019-12-28T03:00:00'"
        let (inRange, receiver, ofReceiver, both) = try caseFile.read { db in
            let receiver = try #require(
                try String.fetchOne(
                    db, sql: "SELECT requester FROM exposures WHERE \(range) GROUP BY 1 ORDER BY count(*) DESC, 1"))
            func count(_ condition: String) throws -> Int {
                try #require(
                    try Int.fetchOne(
                        db, sql: "SELECT count(*) FROM exposures WHERE \(condition)",
                        arguments: condition.contains("?") ? [receiver] : []))
            }
            let isItsOwn = "(requester = ?1 OR owner = ?1)"
            return (
                try count(range), receiver, try count(isItsOwn), try count("\(isItsOwn) AND \(range)")
            )
        }
        #expect(inRange > 20 && inRange < 312 && both > 0)
        func expect(_ count: Int, _ place: Comment) throws {
            #expect(try bins(browser).reduce(0) { $0 + $1.count } == count, place)
            let cells = try browser.texts(
                "[...document.querySelectorAll('svg.heat rect[data-tip]')].map(e => e.dataset.tip.split(': ').pop())")
            #expect(cells.compactMap { Int($0.split(separator: " ")[0]) }.reduce(0, +) == count, place)
            #expect(try text("#exposures-table output", browser) == "\(count) of 312 rows", place)
            #expect(try text(".chosen output", browser).contains(": \(count) of 312 exposures"), place)
        }
        // A link with a range, which the bins need not begin at.
        _ = try browser.value(
            "(location.hash = '#timeline?from=2019-12-26T11:00:00.000000Z&until=2019-12-28T03:00:00.000000Z', new Promise(done => setTimeout(done, 200)))"
        )
        try expect(inRange, "range")
        let shown = try text("#accounts-table output", browser)
        let accounts = try caseFile.read {
            try Int.fetchOne(
                $0,
                sql:
                    "SELECT count(*) FROM (SELECT requester FROM exposures WHERE \(range) UNION SELECT owner FROM exposures WHERE \(range))"
            )
        }
        #expect(shown == "\(accounts ?? 0) of 1,044 rows")
        // An account is added where it stands in the table; the hash has both.
        _ = try browser.value(
            "[...document.querySelectorAll('#accounts-table tbody button')].find(b => b.textContent === '\(receiver)').click()"
        )
        try expect(both, "range and account")
        let hash = try #require(browser.value("location.hash") as? String)
        #expect(
            hash
                == "#exposures?from=2019-12-26T11:00:00.000000Z&until=2019-12-28T03:00:00.000000Z&account=\(receiver)")
        _ = try browser.value("view.choose({ from: null, until: null })")
        try expect(ofReceiver, "account")
        _ = try browser.value("document.querySelector('.chosen button').click()")
        #expect(try browser.value("location.hash") as? String == "#exposures")
        // What is no time, or none of the logs', chooses nothing and breaks nothing.
        _ = try browser.value(
            "(location.hash = '#timeline?from=2019-99-99T11:00:00Z&until=x&account=', new Promise(done => setTimeout(done, 200)))"
        )
        #expect(try text("#exposures-table output", browser) == "0 of 312 rows")
        _ = try browser.value(
            "(location.hash = '#timeline?from=1999-01-01T00:00:00Z&until=1999-01-02T00:00:00Z', new Promise(done => setTimeout(done, 200)))"
        )
        #expect(try text("#exposures-table output", browser) == "0 of 312 rows")
        _ = try browser.value("view.showAll()")
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
    private func pictures(_ browser: Chromium, _ file: URL, _ caseFile: CaseFile) throws {
        let pdf = try browser.pdf()
        #expect(pdf.starts(with: Data("%PDF".utf8)))
        try keep(pdf, "incident.pdf")
        try paper(pdf, caseFile)
        try browser.open(file, width: 1440, height: 2600, dark: true)
        try keep(browser.screenshot(), "incident-dark.png")
        try browser.open(file, width: 420, height: 2400)
        try keep(browser.screenshot(), "incident-narrow.png")
        #expect(try browser.value("document.documentElement.scrollWidth <= 420") as? Bool == true, "nothing sticks out")
        // Letters of the pictures are as large as drawn: nothing is shrunk to fit.
        let widths = try browser.texts(
            "[...document.querySelectorAll('svg.timeline, svg.heat')].map(e => `${Math.round(e.getBoundingClientRect().width)} ${e.getAttribute('width')}`)"
        )
        #expect(widths.count == 2 && widths.allSatisfy { $0.split(separator: " ")[0] == $0.split(separator: " ")[1] })
    }
}
