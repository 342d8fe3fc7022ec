import Casefile
import Crypto
package import Foundation
package import Simulation

/// One incident, written to the disk, given to the tool, and what came of it.
package struct Trial: Encodable, Sendable {
    package let name: String
    package let seed: UInt64
    package let planted: String
    /// The SHA-256 of the dump's files, unpacked, one after the other in the order of their paths.
    package let dump: String
    package private(set) var assertions: [Assertion]

    package var holds: Bool { assertions.allSatisfy(\.holds) }

    /// - Parameters:
    ///   - folder: for the dump, its truth, the cases and the reports; empty.
    ///   - proofs: how many exposures `explain` has to prove.
    /// - Throws: ``TestedTool/Stopped``; what Foundation says if a file cannot be written or the program not be started.
    package init(_ incident: KnownIncident, of tool: TestedTool, in folder: URL, proofs: Int = 25) throws {
        (name, seed, planted) = (incident.name, incident.seed, incident.planted)
        var hash = SHA256()
        for file in incident.contents { hash.update(data: Data(file.text.utf8)) }
        dump = hash.finalize().hexadecimal
        assertions = []
        try incident.write(to: folder.path)
        func path(_ name: String) -> String { folder.appending(path: name).path }
        func analyze(_ name: String, jobs: Int) throws -> TestedTool.Run {
            try tool.run(
                [
                    "analyze", path("dump"), "--case", path("\(name).sqlite"), "--reports", path(name), "--jobs",
                    "\(jobs)", "--format", "csv", "--format", "jsonl", "--quiet",
                ] + (incident.scope.map { ["--scope", $0.terms] } ?? []))
        }
        let runs = [("analyze", try analyze("reports", jobs: 2)), ("a second analyze", try analyze("again", jobs: 1))]
        assertions = runs.map { Assertion("run", $0, endsWith: 0, $1) }
        let answer: Answer
        do {
            answer = try Answer(reports: URL(filePath: path("reports")), casePath: path("reports.sqlite"))
        } catch {
            assertions.append(Assertion("run", none: "reports that cannot be read", ["\(error)"]))
            return
        }
        assertions += Comparison(incident, answer).assertions
        assertions += try Self.evidence(incident, answer, tool, folder, proofs)
        assertions.append(try Self.repetition(folder))
        assertions += try Self.custody(incident, tool, folder)
    }

    /// That exposures lead back to their raw lines.
    private static func evidence(
        _ incident: KnownIncident, _ answer: Answer, _ tool: TestedTool, _ folder: URL, _ proofs: Int
    ) throws -> [Assertion] {
        var digests: [String: String] = [:]
        let lines = Dictionary(
            uniqueKeysWithValues: incident.contents.map { ($0.path, $0.text.components(separatedBy: "\n")) })
        for path in lines.keys {
            digests[path] = SHA256.hash(data: try Data(contentsOf: folder.appending(path: path))).hexadecimal
        }
        let strange = answer.exposures.filter { $0.sha256 != digests[$0.path] }
        let count = min(proofs, answer.exposures.count)
        let proved = (0..<count).map { answer.exposures[$0 * answer.exposures.count / count] }
        let casePath = folder.appending(path: "reports.sqlite").path
        let unproved = try proved.filter { exposure in
            let run = try tool.run(["explain", exposure.id, "--case", casePath])
            let quoted = run.output.matches(of: #/(?m)^([a-z]+): (.+), line ([0-9]+), SHA-256 ([0-9a-f]+)\n  (.*)$/#)
            let isEachTrue = quoted.allSatisfy { quote in
                guard let number = Int(quote.3), let all = lines[String(quote.2)], all.indices.contains(number - 1)
                else {
                    return false
                }
                return all[number - 1] == quote.5 && digests[String(quote.2)].map { $0 == quote.4 } ?? false
            }
            let isDelivery = quoted.first.map { $0.1 == "delivery" && "\($0.2):\($0.3)" == exposure.place } ?? false
            return run.status != 0 || !isDelivery || !isEachTrue
        }
        return [
            Assertion("V1", none: "exposures with another SHA-256 than their file", strange.map(\.place)),
            Assertion(
                "V1", none: "of \(count) exposures, those whose proof is not of raw lines", unproved.map(\.place)),
        ]
    }

    private static func repetition(_ folder: URL) throws -> Assertion {
        let manifests = ["reports", "again"].map { name in
            (try? Data(contentsOf: folder.appending(path: "\(name)/manifest.json"))).map {
                String(SHA256.hash(data: $0).hexadecimal.prefix(16))
            }
        }
        return Assertion(
            "V2", "reports of another run, by manifest", expected: manifests[0] ?? "none",
            found: manifests[1] ?? "none", holds: manifests[0] != nil && manifests[0] == manifests[1])
    }

    /// That a case is verified as it is, and no longer once a byte of the dump is another one.
    private static func custody(_ incident: KnownIncident, _ tool: TestedTool, _ folder: URL) throws -> [Assertion] {
        let verify = ["verify", "--case", folder.appending(path: "reports.sqlite").path]
        let whole = try tool.run(verify)
        let file = folder.appending(path: incident.contents[0].path)
        let bytes = try Data(contentsOf: file)
        var changed = bytes
        changed[changed.count / 2] ^= 1
        try changed.write(to: file)
        let edited = try tool.run(verify)
        try bytes.write(to: file)
        return [
            Assertion("V3", "verify", endsWith: 0, whole),
            Assertion("V3", "verify, a byte of the dump changed,", endsWith: 1, edited),
        ]
    }
}
