import Foundation
import Queries
import Testing

/// What the commands say of themselves: help, manual pages and completions.
@Suite struct HelpTests {
    private static func help(_ words: [String]) throws -> String {
        let folder = try Folder()
        let run = try Tool.run(words + ["--help"], in: folder.url, environment: ["COLUMNS": "80"])
        #expect(run.status == 0, "\(words): \(run.errors)")
        return run.output
    }

    /// The names below a heading of subcommands, by heading.
    private static func commands(_ help: String) -> [String: [String]] {
        var groups: [String: [String]] = [:]
        var group: String?
        for line in help.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty { group = nil }
            if let name = line.wholeMatch(of: #/(?:(.*) )?SUBCOMMANDS:/#) { group = String(name.1 ?? "") }
            if let group, let name = line.firstMatch(of: #/^  ([a-z]+)/#) {
                groups[group, default: []].append(String(name.1))
            }
        }
        return groups
    }

    @Test(
        "commands stand in four groups, and every one says in one sentence what it does, with examples that fit 80 columns"
    )
    func sentences() throws {
        let top = Self.commands(try Self.help([]))
        #expect(Set(top.keys) == ["ANALYSE", "INVESTIGATE", "SHARE AND PRESERVE", "DISTRIBUTED"])
        let profiles = Self.commands(try Self.help(["profiles"])).values.flatMap { $0 }.map { ["profiles", $0] }
        let all = top.values.flatMap { $0 }.map { [$0] } + profiles
        #expect(all.count > 20)
        for words in all {
            let help = try Self.help(words)
            let overview =
                help.dropFirst("OVERVIEW: ".count).prefix { $0 != "\n" || true }
                .split(separator: "\n\n", maxSplits: 1).first.map { $0.replacing("\n", with: " ") } ?? ""
            #expect(help.hasPrefix("OVERVIEW: "))
            // A verb first, one sentence, short enough for a list.
            #expect(overview.contains(#/^[A-Z][a-z]+,? .+\.$/#) && overview.count <= 100, "\(words): \(overview)")
            #expect(!overview.dropLast().contains(". "), "\(words): \(overview)")
            guard words != ["profiles"] else { continue }
            let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
            let start = try #require(lines.firstIndex(of: "EXAMPLES"), "\(words)")
            let examples = lines[(start + 1)...].prefix { !$0.isEmpty }
            #expect(!examples.isEmpty)
            for example in examples {
                #expect(
                    example.hasPrefix("  ") && example.contains("strayframe ")
                        || example.contains(#/^  (openssl|datasette) /#),
                    "\(words): \(example)")
                #expect(
                    example.contains(try Regex("strayframe \(words[0])|openssl|datasette|strayframe report")),
                    "\(words): \(example)")
            }
            #expect(lines.allSatisfy { $0.count <= 80 || $0.contains("[--") }, "\(words)")
        }
    }

    @Test("completions know queries, profiles, cases and folders", arguments: ["bash", "zsh", "fish"])
    func completions(_ shell: String) throws {
        let folder = try Folder()
        let script = try Tool.run(["--generate-completion-script", shell], in: folder.url).output
        for query in BundledQuery.all { #expect(script.contains(query.name), "\(query.name)") }
        #expect(script.contains("sqlite"))
    }

    @Test("every command has a manual page with examples and exit status")
    func manual() throws {
        let folder = try Folder()
        let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardizedFileURL.path
        guard try folder.status("command -v python3 >/dev/null") == 0 else { return }
        try folder.shell("python3 '\(root)/Packaging/manual.py' '\(Tool.executable.path)' man --date 2020-01-01")
        let pages = try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/man").sorted()
        #expect(
            pages.contains("strayframe.1") && pages.contains("strayframe-analyze.1")
                && pages.contains("strayframe-profiles-draft.1"))
        let top = Self.commands(try Self.help([])).values.flatMap { $0 }
        for name in top { #expect(pages.contains("strayframe-\(name).1"), "\(name)") }
        for page in pages {
            let text = String(decoding: try folder.data("man/\(page)"), as: UTF8.self)
            for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "SEE ALSO"] {
                #expect(text.contains(".Sh \(section)\n"), "\(page): \(section)")
            }
            #expect(text.contains(".Sh EXAMPLES\n") || page == "strayframe-profiles.1", "\(page)")
            #expect(!text.contains("EXAMPLES\n  strayframe"), "\(page)")
        }
        if try folder.status("command -v mandoc >/dev/null") == 0 {
            try folder.shell("mandoc -T lint -W error man/*.1")
        }
    }
}
