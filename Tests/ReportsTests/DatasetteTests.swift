import Casefile
import Foundation
import Queries
import Testing

@testable import Reports

/// What Datasette shows of a case, with the metadata that `query --datasette` prints.
@Suite(.serialized, .enabled(if: PageTools.program("datasette") != nil, "\(PageTools.absence)"))
struct DatasetteTests {
    private func smallCase() throws -> (SmallCase, metadata: URL) {
        let small = try SmallCase([
            ("relay.log", delivery("20", to: "bob") + delivery("21", to: "bob") + delivery("22", to: "carol")),
            ("cache.log", fill("19", "cam-a")), ("cameras.csv", cameras),
            ("rollouts.csv", "rollout,node,from,note\nv1,,2019-12-26T10:00:00Z,\n"),
        ])
        let tables = try small.caseFile.tableNames()
        let file = small.folder.appending(path: "metadata.json")
        try Data(try DatasetteMetadata(forCase: small.caseFile.path, tables: tables).json().utf8).write(to: file)
        return (small, file)
    }

    /// Asks Datasette in its own process, without a port.
    private static let reader = """
        import asyncio, json, sys
        from datasette.app import Datasette
        async def main():
            app = Datasette([], immutables=[sys.argv[1]], metadata=json.load(open(sys.argv[2])))
            found = {}
            for path in json.loads(sys.argv[3]):
                answer = await app.client.get(path)
                found[path] = answer.text if answer.status_code == 200 else f"{answer.status_code} {answer.text}"
            print(json.dumps(found))
        asyncio.run(main())
        """

    private func answers(_ paths: [String], _ small: SmallCase, _ metadata: URL) throws -> [String: String] {
        let python = try #require(PageTools.program("python3"))
        let list = String(decoding: try JSONEncoder().encode(paths), as: UTF8.self)
        let text = try PageTools.output(
            python, ["-c", Self.reader, small.caseFile.path, metadata.path, list], in: small.folder)
        return try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
    }

    @Test("every bundled query is a canned one, and answers what 'strayframe query' does")
    func queries() throws {
        let (small, metadata) = try smallCase()
        let given = ["account": "bob", "limit": "1"]
        func address(_ query: BundledQuery, _ values: [String: String]) -> String {
            "/case/\(query.name).json?_shape=array" + values.sorted { $0.key < $1.key }.map { "&\($0)=\($1)" }.joined()
        }
        var asked: [String: (BundledQuery, [String: String])] = [:]
        for query in BundledQuery.all {
            if query.requiredParameters.isEmpty { asked[address(query, [:])] = (query, [:]) }
            let values = given.filter { query.parameters.contains($0.key) }
            asked[address(query, values)] = (query, values)
        }
        let found = try answers(asked.keys.sorted(), small, metadata)
        for (path, (query, values)) in asked {
            let text = try #require(found[path])
            let shown = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSArray
            let own = try QueryOutput(query, values, small.caseFile).text(.json)
            let expected = try JSONSerialization.jsonObject(with: Data(own.utf8)) as? NSArray
            #expect(shown == expected, "\(path): \(text.prefix(300))")
        }
        #expect(Set(asked.values.map(\.0.name)) == Set(BundledQuery.all.map(\.name)))
    }

    @Test("the views have titles and units and are filtered by what they hold; tables of numbers are hidden")
    func views() throws {
        let (small, metadata) = try smallCase()
        let found = try answers(
            ["/case.json", "/case/exposures", "/case/deliveries", "/case/exposures.json?_facet=certainty"], small,
            metadata)
        let text = try #require(found["/case.json"])
        let base = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let tables = try #require(base["tables"] as? [[String: Any]])
        #expect(
            tables.contains { $0["name"] as? String == "delivery" }
                && tables.allSatisfy { $0["hidden"] as? Bool == true })
        // No view is described that is not there.
        let views = Set((base["views"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String })
        let described = try #require(
            DatasetteMetadata(forCase: small.caseFile.path, tables: []).databases["case"]?.tables.keys)
        #expect(views.isSuperset(of: described), "\(Set(described).subtracting(views))")
        let page = try #require(found["/case/exposures"])
        #expect(page.contains("not entitled to it"))
        #expect(found["/case/exposures.json?_facet=certainty"]?.contains("\"facet_results\"") == true)
        #expect(found["/case/deliveries"]?.contains("9&nbsp;B<") == true)
    }

    @Test(
        "a browser is served the case on loopback, and runs a query with a parameter",
        .enabled(if: Chromium.executable != nil, "\(Chromium.absence)"))
    func browser() throws {
        let (small, metadata) = try smallCase()
        let (server, errors) = (Process(), Pipe())
        server.executableURL = URL(fileURLWithPath: try #require(PageTools.program("datasette")))
        server.arguments = ["--immutable", small.caseFile.path, "--metadata", metadata.path, "--port", "0"]
        server.standardError = errors
        server.standardOutput = FileHandle.nullDevice
        try server.run()
        defer {
            // A child of the suite's threads has their blocked signals: it would not hear of SIGTERM.
            kill(server.processIdentifier, SIGKILL)
            server.waitUntilExit()
        }
        // It says where it listens: "Uvicorn running on http://127.0.0.1:45127 (Press CTRL+C to quit)".
        var told = ""
        while true {
            let more = errors.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Chromium.Failure(description: "Datasette ended: \(told)") }
            told += String(decoding: more, as: UTF8.self)
            if told.contains("Uvicorn running on"), told.contains("(Press") { break }
        }
        let place = try #require(told.firstMatch(of: /Uvicorn running on (http:\/\/127\.0\.0\.1:[0-9]+)/)).1
        let browser = try Chromium()
        try browser.open(try #require(URL(string: "\(place)/case")))
        let text = try #require(browser.value("document.body.innerText") as? String)
        #expect(text.contains("pairs") && text.contains("exposures"))
        try browser.open(try #require(URL(string: "\(place)/case/account-story?account=bob")))
        let rows = try browser.texts(
            "[...document.querySelectorAll('table.rows-and-columns tbody tr')].map(r => r.innerText)")
        #expect(rows.count == 2 && rows.allSatisfy { $0.contains("received") && $0.contains("alice") })
        #expect(browser.complaints == [])
    }
}
