import Analysis
import Casefile
import Foundation
import GRDB
import LogRecords
import Testing

/// What was read into a case is not read on in another way.
@Suite struct OtherReadingTests {
    private func ingest(
        _ scratch: Scratch, sessions: String? = nil, longest: Int64? = nil, nodes: String? = nil
    ) throws {
        var library = try ProfileLibrary()
        var roots = [scratch.path("dump")]
        if let sessions {
            let path = try scratch.write("tables/sessions.csv", "session,address,account,from,until\n" + sessions)
            library.sessions = try SessionFiles.table([path], library)
            roots.append(path)
        }
        if let longest { library.longestAnswer = longest }
        if let nodes { library.nodeFromPath = try NodeFromPath(nodes) }
        let caseFile = try CaseFile(writingTo: scratch.path("case.sqlite"))
        _ = try Ingest(caseFile, Ingest.Options(roots: roots, library: library)).run()
    }

    private static let one = "s1,,alice,2019-01-01T00:00:00Z,\ns2,,bob,2019-01-01T00:00:00Z,\n"

    @Test("a table of sessions that is new, left out or another is refused; the same in another order is not")
    func sessions() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 3)
        try ingest(scratch, sessions: Self.one)
        for other in [nil, Self.one.replacing("alice", with: "carol"), Self.one + "s3,,bob,2019-01-01T00:00:00Z,\n"] {
            let error = #expect(throws: AnalysisError.self) { try ingest(scratch, sessions: other) }
            #expect(error?.description.contains("--sessions") == true)
            #expect(error?.description.contains("new case of the whole dump") == true)
        }
        try ingest(scratch, sessions: Self.one.split(separator: "\n").reversed().joined(separator: "\n") + "\n")
        let second = try Scratch()
        try StrayDump.write(to: second, relay: 3)
        try ingest(second)
        #expect(throws: AnalysisError.self) { try ingest(second, sessions: Self.one) }
        try ingest(second)
    }

    @Test("so is another bound on how long an answer takes")
    func longest() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 3)
        try ingest(scratch, longest: 1_500_000)
        for other in [nil, 2_000_000] as [Int64?] {
            let error = #expect(throws: AnalysisError.self) { try ingest(scratch, longest: other) }
            #expect(error?.description.contains("--longest 1.5") == true)
        }
        try ingest(scratch, longest: 1_500_000)
    }

    @Test("and another way to name nodes by paths")
    func nodes() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch, relay: 3)
        try ingest(scratch)
        let error = #expect(throws: AnalysisError.self) { try ingest(scratch, nodes: "edge-{value}/") }
        #expect(error?.description.contains("--node-from-path") == true)
        try ingest(scratch)
    }
}
