import Foundation
import Testing

/// What the manual tells people to type.
@Suite struct ManualTests {
    private static let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardizedFileURL

    /// README and Docs, by their path.
    private static let pages: [(name: String, text: String)] = {
        let docs = (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Docs").path)) ?? []
        let names =
            ["README.md", "CONTRIBUTING.md"] + docs.filter { $0.hasSuffix(".md") }.sorted().map { "Docs/\($0)" }
        return names.map { ($0, (try? String(contentsOf: root.appending(path: $0), encoding: .utf8)) ?? "") }
    }()

    /// The pages that have a block of shell, and their blocks.
    static let tasks: [(page: String, blocks: [String])] = pages.compactMap { page in
        let blocks = page.text.matches(of: #/(?m)^```sh\n((?s).*?)^```$/#).map { String($0.1) }
        return blocks.isEmpty ? nil : (page.name, blocks)
    }

    @Test("every block of commands runs as it stands, one after the other", arguments: tasks.map(\.page))
    func blocks(_ page: String) throws {
        let blocks = try #require(Self.tasks.first { $0.page == page }).blocks
        let folder = try Folder()
        try folder.shell("ln -s '\(Self.root.path)/Fixtures' '\(Self.root.path)/Queries' .")
        let path = Tool.executable.deletingLastPathComponent().path
        for block in blocks {
            try folder.write("block.sh", "set -e\nPATH='\(path)':$PATH\n\(block)")
            let status = try folder.status("bash -o pipefail block.sh >out 2>&1 </dev/null")
            let output = String(decoding: try folder.data("out"), as: UTF8.self)
            #expect(status == 0, "\(block)\n\(output.suffix(2000))")
        }
    }

    @Test("there is a page for each task, and the index names every page")
    func index() throws {
        #expect(Self.tasks.map(\.page).contains("Docs/Incident.md"))
        let index = try #require(Self.pages.first { $0.name == "Docs/README.md" }).text
        for page in Self.pages where page.name.hasPrefix("Docs/") && page.name != "Docs/README.md" {
            #expect(index.contains("(\(page.name.dropFirst(5)))"), "\(page.name)")
        }
    }

    @Test("every suite that the page on validation names is there")
    func suites() throws {
        let page = try #require(Self.pages.first { $0.name == "Docs/Validation.md" }).text
        let tests = try FileManager.default.subpathsOfDirectory(atPath: Self.root.appending(path: "Tests").path)
        let names = Set(page.matches(of: #/`([A-Za-z]+Tests)`/#).map { String($0.1) })
        #expect(names.count > 30)
        for name in names { #expect(tests.contains { $0.hasSuffix("/\(name).swift") }, "\(name)") }
    }

    @Test("every link to a file of the repository leads to one")
    func links() throws {
        for page in Self.pages {
            let folder = Self.root.appending(path: page.name).deletingLastPathComponent()
            for link in page.text.matches(of: #/\]\(([^)#:]+)(#[^)]*)?\)/#) {
                let target = folder.appending(path: String(link.1)).standardizedFileURL.path
                #expect(FileManager.default.fileExists(atPath: target), "\(page.name): \(link.1)")
            }
        }
    }

    @Test("every command and option that a page mentions in passing is one")
    func mentions() throws {
        let folder = try Folder()
        var help: [String: String] = [:]
        func helpText(_ words: [String]) throws -> String {
            let key = words.joined(separator: " ")
            if let known = help[key] { return known }
            let run = try Tool.run(words + ["--help"], in: folder.url)
            help[key] = run.status == 0 ? run.output : ""
            return help[key] ?? ""
        }
        var seen = 0
        for page in Self.pages {
            for mention in page.text.matches(of: #/`strayframe ([a-z]+)((?: [^`\n]*)?)`/#) {
                let command = String(mention.1)
                let rest = mention.2.split(separator: " ").map(String.init)
                var words = [command]
                if command == "profiles", let next = rest.first, next.contains(/^[a-z]+$/) { words.append(next) }
                let text = try helpText(words)
                #expect(
                    text.contains("USAGE: strayframe \(words.joined(separator: " "))"), "\(page.name): \(mention.0)")
                for option in rest where option.hasPrefix("--") {
                    let name = option.prefix { $0 == "-" || $0.isLetter || $0.isNumber }
                    #expect(text.contains(name), "\(page.name): \(mention.0)")
                }
                seen += 1
            }
        }
        #expect(seen > 20)
    }
}
