import Foundation
import Reports
import Testing

/// What a page must stand: hostile names, no exposure at all, thousands of rows, readers without eyes or a mouse.
@Suite(.serialized, .enabled(if: Chromium.executable != nil, "\(Chromium.absence)"))
struct HostilePageTests {
    private static let hostile = [
        "<script>window.broken = 1</script>", "</script><script>window.broken = 2</script>",
        // A combining mark joins the quote before it to one character.
        "\"\u{301} onmouseover=\"window.broken = 3", "'\"><img src=x onerror=window.broken=4>",
        "{{#sections}}{{title}}{{/sections}}",
        "evil\u{202e}moc.elgoog", "long" + String(repeating: "x", count: 10_000), "<!--", "]]>&lt;&amp;",
    ]

    /// A dump in which everybody sees everybody, and every name is hostile somewhere.
    private static let dump: [(name: String, text: String)] = {
        func quoted(_ text: String) -> String {
            String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
        }
        var cache = ""
        var relay = ""
        for (index, name) in hostile.enumerated() {
            let other = hostile[(index + 1) % hostile.count]
            let key = quoted("k" + name)
            let second = "1\(index)"
            cache +=
                "{\"ts\":\"2019-12-26T10:00:\(second)Z\",\"node\":\(quoted(name)),\"op\":\"FILL\",\"key\":\(key),\"frame\":\(quoted("f" + name)),\"camera\":\"cam-\(index)\"}\n"
            for step in 1...3 {
                relay +=
                    "{\"ts\":\"2019-12-26T10:00:\(second).\(step)Z\",\"node\":\(quoted(name)),\"requester\":\(quoted(other)),\"camera\":\"cam-\(index)\",\"key\":\(key),"
                    + "\"cache\":\"HIT\",\"status\":200,\"bytes\":9,\"client\":\(quoted(name)),\"network\":\(quoted(other))}\n"
            }
        }
        relay += "<img src=x onerror=window.broken=5>\n"
        let cameras =
            "camera,owner,from,until,model\n"
            + hostile.enumerated().map { index, name in
                let doubled = name.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined()
                return "cam-\(index),\"\(doubled)\",,,\"<b>model</b>\"\n"
            }.joined()
        return [
            ("relay<b>.log", relay), ("cache.log", cache), ("cameras.csv", cameras),
            ("rollouts.csv", "rollout,node,from,note\n<u>v1</u>,,2019-12-26T10:00:00Z,\n"),
        ]
    }()

    private func page(_ dump: [(name: String, text: String)]) throws -> (SmallCase, URL) {
        let small = try SmallCase(dump)
        _ = try small.reports()
        return (small, small.folder.appending(path: "reports/report.html"))
    }

    @Test("the browser tells of errors and requests, so that their absence means something")
    func watch() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "strayframe-page-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "bad.html")
        try Data(
            "<!DOCTYPE html><img src=\"gone.png\"><script>console.error('one'); throw new Error('two')</script>".utf8
        ).write(to: file)
        let browser = try Chromium()
        try browser.open(file)
        #expect(
            browser.complaints.contains { $0.contains("one") } && browser.complaints.contains { $0.contains("two") })
        #expect(browser.requested.contains { $0.hasSuffix("gone.png") })
    }

    @Test("hostile names show as text, marks that turn the writing are named, and nothing of them runs")
    func hostile() throws {
        let (small, file) = try page(Self.dump)
        let exposures = try small.rows("exposures.csv")
        #expect(exposures.count == Self.hostile.count * 3)
        let browser = try Chromium()
        try browser.open(file)
        _ = try browser.value("table('accounts'), table('exposures'), true")
        let owners = try browser.texts(
            "[...document.querySelectorAll('#accounts-table tbody th')].map(e => e.textContent)")
        let shown = Self.hostile.map { $0.replacing("\u{202e}", with: "[U+202E]") }
        #expect(Set(owners) == Set(shown))
        _ = try browser.value("document.querySelector('#exposures-table tbody button').click()")
        let proof = try #require(browser.value("document.getElementById('proof').textContent") as? String)
        #expect(shown.contains { proof.contains("owner \($0)") || proof.contains("owner\($0)") })
        let text = try #require(browser.value("document.body.textContent") as? String)
        for name in ["<u>v1</u>", "relay<b>.log", "<b>model</b>", "<img src=x onerror=window.broken=5>"] {
            #expect(text.contains(name), "\(name)")
        }
        #expect(!text.contains("\u{202e}"))
        #expect(try browser.value("typeof window.broken") as? String == "undefined")
        #expect(
            try browser.value("document.querySelectorAll('img, b:not(dd b), u, [onerror], [onmouseover]').length")
                as? Int == 0)
        // The script, three blocks of data, and nothing else.
        #expect(try browser.value("document.scripts.length") as? Int == 4)
        #expect(browser.complaints == [])
        #expect(browser.requested.filter { !$0.hasPrefix("data:") } == [file.absoluteString])
        try browser.look(width: 1440, height: 2400)
        #expect(
            try browser.value("document.documentElement.scrollWidth <= 1440") as? Bool == true,
            "a long name stays in its place")
    }

    @Test("a dump without an exposure says so, and draws nothing that is not there")
    func clean() throws {
        let (small, file) = try page([
            ("relay.log", delivery("20", to: "alice") + delivery("21", to: "alice")),
            ("cache.log", fill("19", "cam-a")),
            ("cameras.csv", cameras),
        ])
        defer { withExtendedLifetime(small) {} }
        let browser = try Chromium()
        try browser.open(file)
        #expect(
            try browser.value("document.querySelector('h1').textContent") as? String
                == "No frame reached an account without a right to it.")
        #expect(
            try browser.value("document.querySelector('[data-figure=exposures_certain]').textContent") as? String == "0"
        )
        #expect(
            try browser.value("document.querySelectorAll('#pairs, #causes, #nodes, #exposures-table').length") as? Int
                == 0)
        #expect(browser.complaints == [])
    }

    @Test("headings, landmarks, captions, names and contrast are there for readers who need them, light and dark")
    func reading() throws {
        let (small, file) = try page(Self.dump)
        defer { withExtendedLifetime(small) {} }
        let browser = try Chromium()
        try browser.open(file)
        _ = try browser.value("table('accounts'), table('exposures'), true")
        #expect(try browser.value("document.documentElement.lang") as? String == "en")
        #expect(
            try browser.texts("[...document.querySelectorAll('header, nav, main, footer')].map(e => e.localName)") == [
                "header", "nav", "main", "footer",
            ])
        let headings = try browser.texts("[...document.querySelectorAll('h1, h2, h3')].map(e => e.localName)")
        #expect(headings.first == "h1" && headings.filter { $0 == "h1" }.count == 1)
        func count(_ selector: String) throws -> Int {
            try #require(browser.value("document.querySelectorAll(\(selector)).length") as? Int)
        }
        #expect(try count("'table'") > 5)
        #expect(try count("'table:not(:has(caption))'") == 0)
        #expect(try count("'thead th:not([scope=col])'") == 0)
        #expect(try count("'section:not([aria-labelledby])'") == 0)
        #expect(try count("'svg:not([aria-label]):not([aria-hidden=true])'") == 0)
        #expect(try count("'figure:not(:has(figcaption))'") == 0)
        #expect(try count("'input:not(label input), select:not(label select)'") == 0)
        #expect(
            try browser.texts(
                "[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)")
                == [])
        #expect(
            try browser.texts(
                "[...document.querySelectorAll('nav a')].map(a => a.hash.slice(1)).filter(id => !document.getElementById(id))"
            ) == [])
        // By keyboard: the first stop is the way past the contents, then the contents.
        try browser.call(
            "Input.dispatchKeyEvent", ["type": "keyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9])
        #expect(try browser.value("document.activeElement.className") as? String == "skip")
        for dark in [false, true] {
            try browser.look(width: 1440, height: 900, dark: dark)
            #expect(try browser.texts(Self.faintTexts) == [], dark ? "dark" : "light")
        }
        #expect(browser.complaints == [])
    }

    @Test(
        "axe-core finds nothing on the page, light, dark, narrow, and with a choice and a proof shown",
        .enabled(if: PageTools.axe != nil, "\(PageTools.absence)"))
    func axe() throws {
        let axe = try #require(PageTools.axe)
        for dump in [Self.dump, [("relay.log", delivery("20", to: "alice")), ("cameras.csv", cameras)]] {
            let (small, file) = try page(dump)
            defer { withExtendedLifetime(small) {} }
            let browser = try Chromium()
            for (width, isDark) in [(1440, false), (1440, true), (420, false)] {
                try browser.open(file, width: width, dark: isDark)
                _ = try browser.value("\(axe); table('accounts'), table('exposures'), true")
                func violations() throws -> [String] {
                    try browser.texts(
                        "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' ').slice(0, 300)))"
                    )
                }
                #expect(try violations() == [], "\(width), \(isDark ? "dark" : "light")")
                guard
                    try browser.value("document.querySelector('#exposures-table tbody button') !== null") as? Bool
                        == true
                else { continue }
                _ = try browser.value(
                    "(view.choose({ account: document.querySelector('#accounts-table tbody button').textContent }), document.querySelector('#exposures-table tbody button').click(), document.querySelectorAll('details').forEach(e => e.open = true))"
                )
                #expect(try violations() == [], "a proof, \(width), \(isDark ? "dark" : "light")")
            }
        }
    }

    /// The texts whose contrast with what is behind them is less than 4.5 (WCAG 2.2, 1.4.3), with its value.
    private static let faintTexts = """
        (() => {
            const channels = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
            const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
                .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
            const behind = (e) => {
                for (; e; e = e.parentElement) {
                    const ground = channels(getComputedStyle(e).backgroundColor);
                    if (ground.length === 3 || ground[3] > 0) return ground;
                }
                return [255, 255, 255];
            };
            const faint = new Set();
            for (const e of document.querySelectorAll('body *')) {
                if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || ['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(e.tagName)) continue;
                const style = getComputedStyle(e);
                const [a, b] = [light(channels(e instanceof SVGElement ? style.fill : style.color)), light(behind(e))].sort((x, y) => y - x);
                const ratio = (a + 0.05) / (b + 0.05);
                if (ratio < 4.5) faint.add(`${e.localName}.${e.getAttribute('class')} ${ratio.toFixed(2)}`);
            }
            return [...faint];
        })()
        """
}
