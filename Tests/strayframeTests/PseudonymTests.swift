import Foundation
import Testing

/// What is given away names nobody, and counts as the case does.
@Suite struct PseudonymTests {
    /// Names that must not be found, and words of keys: a room, and a token of a URL.
    private static let secrets = [
        "alicia", "bobbin", "cam-lobby", "cam-nursery", "frame-one", "frame-two", "kitchen", "tokQzJwX",
    ]
    private static let key = "b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfef"
    private static let otherKey = "6d6f9d3f2c1e0b4a5968778695a4b3c2d1e0f00112233445566778899aabbccd"

    /// A case whose texts name somebody wherever a log, a table, a file or a command may do that: in keys with and without
    /// numbers, in other cases, percent-encoded, in a client's name, in a line that cannot be read.
    private func analyzed() throws -> Folder {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try folder.write("key", Self.key + "\n")
        try folder.write("other", Self.otherKey + "\n")
        try folder.shell(
            """
            for name in $(find dump -type f); do
                sed -i 's/alice/alicia/; s/bob/bobbin/; s/cam-a/cam-lobby/; s/cam-b/cam-nursery/; s/f-1/frame-one/; s/f-2/frame-two/
                    s|slot/1|Kitchen/Alicia/tokQzJwX/1?of=%62obbin|' $name
            done
            sed 's|/1?of=%62obbin|/live|; s/10:00:/10:01:/; s/nest-hub/hub of ALICIA/' dump/relay/edge.ndjson >dump/relay/%41licia.ndjson
            sed 's|/1?of=%62obbin|/live|; s/10:00:/10:01:/' dump/cache/edge.ndjson >dump/cache/of-Bobbin.ndjson
            echo 'alicia was here' >>dump/relay/edge.ndjson
            echo 'alicia is no log' >dump/notes.txt
            printf 'rollout,node,from,note\\nv1,,2019-12-26T09:00:00Z,a rule for ALICIA alone\\n' >dump/rollouts.csv
            """)
        let run = try Tool.run(
            ["analyze", "dump", "--case", "bobbin.sqlite", "--reports", "reports", "-q"], in: folder.url)
        try #require(run.status == 0, "\(run.errors)")
        return folder
    }

    private func contents(_ folder: Folder, _ name: String) throws -> [(name: String, data: Data)] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.url.appending(path: name).path).compactMap { path in
            (try? folder.data("\(name)/\(path)")).map { (path, $0) }
        }
    }

    /// The secrets that stand in some bytes, in any case, percent-encoded, as UTF-16 or in base64 at any place.
    private func found(in data: Data) -> [String] {
        let texts = [data, Self.decoded(data), data.filter { $0 != 0 }].map { Data($0.map(Self.lower)) }
        return Self.secrets.filter { secret in
            if texts.contains(where: { $0.range(of: Data(secret.utf8.map(Self.lower))) != nil }) { return true }
            return (0..<3).contains { shift in
                // Of whole groups of three bytes, base64 has the same four characters wherever they stand.
                let bytes = Array(secret.utf8.dropFirst(shift))
                let whole = Data(bytes.prefix(bytes.count / 3 * 3)).base64EncodedString()
                return whole.utf8.count >= 8 && data.range(of: Data(whole.utf8)) != nil
            }
        }
    }

    private static func lower(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte }

    private static func decoded(_ data: Data) -> Data {
        let bytes = [UInt8](data)
        var decoded = Data()
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x25, index + 2 < bytes.count,
                let value = UInt8(String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
            {
                decoded.append(value)
                index += 3
            } else {
                decoded.append(bytes[index])
                index += 1
            }
        }
        return decoded
    }

    private func pseudonym(of name: String, _ folder: Folder) throws -> String {
        try folder.shell(
            "printf '\(name)' | openssl dgst -sha256 -hmac \"$(cat key)\" | sed 's/.*= //' | cut -c1-20 >hmac")
        return "p-" + String(decoding: try folder.data("hmac"), as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    @Test("reports and notices name nobody, have the same counts, and OpenSSL's HMAC for each account")
    func reports() throws {
        let folder = try analyzed()
        let plain = try folder.data("reports/summary.json")
        #expect(try contents(folder, "reports").contains { !found(in: $0.data).isEmpty })
        let report = try Tool.run(
            [
                "report", "--case", "bobbin.sqlite", "--reports", "public", "--pseudonymize", "key", "--format", "csv",
                "--format", "jsonl", "--format", "l2tcsv",
            ], in: folder.url)
        try #require(report.status == 0, "\(report.errors)")
        let notice = try Tool.run(
            ["notice", "--case", "bobbin.sqlite", "--out", "notice", "--pseudonymize", "key"], in: folder.url)
        try #require(notice.status == 0, "\(notice.errors)")
        for folderName in ["public", "notice"] {
            let files = try contents(folder, folderName)
            #expect(files.count >= 3)
            for file in files {
                #expect(found(in: file.data + Data(file.name.utf8)) == [], "\(folderName)/\(file.name)")
            }
        }
        // But for what it says of the scope, it is counts.
        let figures = try [plain, folder.data("public/summary.json")].map {
            String(decoding: $0, as: UTF8.self).split(separator: "\n").filter {
                $0.contains(#/" ?: ?[0-9]/#) && !$0.contains("\"key_change\"")
            }
        }
        #expect(figures[0].count > 20 && figures[0] == figures[1])
        let exposed = String(decoding: try folder.data("public/exposed_accounts.csv"), as: UTF8.self)
        #expect(exposed.contains("\n\(try pseudonym(of: "bobbin", folder)),certain,"))
        // The case is as it was, knows what was written of it, and nothing lies beside it.
        #expect(
            try Tool.run(["verify", "--manifest", "public/manifest.json", "--case", "bobbin.sqlite"], in: folder.url)
                .status == 0)
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(!left.contains { $0.contains("pseudonyms") || $0.hasSuffix(".new") })
    }

    @Test("a copy holds no name anywhere in its bytes, is sound, answers, and is for reading alone")
    func copy() throws {
        let folder = try analyzed()
        func run(_ words: String...) throws -> Tool.Result { try Tool.run(words, in: folder.url) }
        func copy(_ key: String, _ out: String) throws -> Tool.Result {
            try run("pseudonymize", "--case", "bobbin.sqlite", "--key", key, "--out", out)
        }
        try #require(try copy("key", "public.sqlite").status == 0)
        #expect(try found(in: folder.data("public.sqlite")) == [])
        #expect(try found(in: folder.data("bobbin.sqlite")).count == Self.secrets.count)
        #expect(try run("verify", "--case", "public.sqlite").status == 0)
        let pairs = try run("query", "pairs", "--case", "public.sqlite", "--format", "csv").output
        let (owner, requester) = (try pseudonym(of: "bobbin", folder), try pseudonym(of: "alicia", folder))
        #expect(pairs.contains("\(owner),\(requester),stranger,2,"), "\(pairs)")
        // Of a key's shape the signs between its words stay, and where it has numbers.
        let shapes = try run("query", "collisions", "--case", "public.sqlite", "--format", "csv").output
        let words = try ["Kitchen", "Alicia", "tokQzJwX", "of", "live"].map { try pseudonym(of: $0, folder) }
        let beginning = words[0...2].joined(separator: "/")
        #expect(shapes.contains("\(beginning)/{n}?\(words[3])=%{n}"), "\(shapes)")
        #expect(shapes.contains("\(beginning)/\(words[4])"), "\(shapes)")
        // What is written of the copy, and into it, names nobody either.
        let report = try run("report", "--case", "public.sqlite", "--reports", "bobbin-reports", "-q")
        try #require(report.status == 0, "\(report.errors)")
        for file in try contents(folder, "bobbin-reports") { #expect(found(in: file.data) == [], "\(file.name)") }
        #expect(try found(in: folder.data("public.sqlite")) == [])
        #expect(try run("correlate", "--case", "public.sqlite").status == 64)
        #expect(try run("ingest", "dump", "--case", "public.sqlite").status == 64)
        #expect(try copy("key", "public.sqlite").status == 73)
        // A name has the same pseudonym in another case, under the same key alone.
        try #require(try copy("key", "again.sqlite").status == 0)
        #expect(try run("query", "pairs", "--case", "again.sqlite", "--format", "csv").output == pairs)
        try #require(try copy("other", "other.sqlite").status == 0)
        #expect(try run("query", "pairs", "--case", "other.sqlite", "--format", "csv").output != pairs)
    }

    @Test("a key that is none is refused before anything is done")
    func keys() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try folder.write("short", "secret\n")
        for key in ["short", "missing"] {
            let run = try Tool.run(["analyze", "dump", "--pseudonymize", key], in: folder.url)
            #expect(run.status == 64 && run.errors.contains("openssl rand"), "\(run.errors)")
        }
        #expect(!folder.exists("case.sqlite"))
    }

    @Test("of a case with one exposure nothing is published, and a k that singles out is refused")
    func publish() throws {
        let folder = try analyzed()
        let run = try Tool.run(["publish", "--case", "bobbin.sqlite", "--k", "2", "--out", "counts"], in: folder.url)
        #expect(run.status == 0, "\(run.errors)")
        let files = try contents(folder, "counts")
        #expect(files.map(\.name).sorted() == ["aggregates.csv", "aggregates.json"])
        for file in files { #expect(found(in: file.data) == [], "\(file.name)") }
        let table = String(decoding: try folder.data("counts/aggregates.csv"), as: UTF8.self)
        #expect(table.split(separator: "\r\n").count == 1)
        #expect(
            try Tool.run(["publish", "--case", "bobbin.sqlite", "--k", "1", "--out", "one"], in: folder.url).status
                == 64)
        #expect(!folder.exists("one"))
    }
}
