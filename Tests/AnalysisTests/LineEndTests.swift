import Analysis
import Casefile
import Foundation
import Testing

/// Small dumps whose lines, stamps and members are written in unusual ways.
@Suite struct LineEndTests {
    private static let squid = (0..<6).map { index in
        "177235920\(index).123     50 192.0.2.\(index) TCP_MISS/200 5300 GET http://c.example/v1/cameras/cam-a/snap "
            + (index == 4 ? "bob" : "alice") + " HIER_DIRECT/10.0.0.1 image/jpeg"
    }

    private func verdicts(_ log: String, end: String = "\n", name: String = "access.log") throws -> [Int: String] {
        let scratch = try Scratch()
        try scratch.write("dump/accounts.csv", "account\nalice\nbob\ncarol\n".replacing("\n", with: end))
        try scratch.write(
            "dump/cameras.csv",
            "camera,owner,from,until,model\ncam-a,alice,,,m\ncam-b,bob,,,m\ncam-c,carol,,,m\n".replacing(
                "\n", with: end))
        try scratch.write(
            "dump/grants.csv", "owner,camera,grantee,from,until\ncarol,cam-c,bob,,\n".replacing("\n", with: end))
        try scratch.write("dump/\(name)", log)
        return try scratch.analyze([scratch.path("dump")], options: .init()).verdictsByLine()
    }

    /// Bob's line is the fifth; his grant counts only if the table is read.
    @Test("lines end in any way", arguments: ["\n", "\r\n", "\r", "\r\r\n"])
    func lineEnd(_ end: String) throws {
        let granted = Self.squid[4].replacing("1772359204", with: "1772359206").replacing("cam-a", with: "cam-c")
        #expect(try verdicts((Self.squid + [granted]).map { $0 + end }.joined(), end: end) == [5: "certain"])
    }

    @Test("a carriage return in place of one line feed loses no line", arguments: 0..<5)
    func oneReturn(_ place: Int) throws {
        let log = Self.squid.enumerated().map { $1 + ($0 == place ? "\r" : "\n") }.joined()
        #expect(try verdicts(log) == [5: "certain"])
    }

    private static func line(_ requester: String, _ camera: String, owner: String = "\"alice\"") -> String {
        #"{"ts":"2026-03-01T10:00:05.000Z","node":"n1","requester":\#(requester),"camera":\#(camera),"key":"k1","cache":"HIT","status":200,"bytes":5000,"owner":\#(owner)}"#
            + "\n"
    }

    @Test("a list of accounts in a log is nobody of whom anything is certain")
    func lists() throws {
        let single = #"["cam-a"]"#
        #expect(
            try verdicts(Self.line(#"["bob"]"#, single, owner: #"["alice","alice"]"#), name: "l.ndjson") == [
                1: "certain"
            ])
        #expect(try verdicts(Self.line(#"["bob","alice"]"#, single), name: "l.ndjson") == [1: "possible"])
        #expect(try verdicts(Self.line(#"["alice","bob"]"#, single), name: "l.ndjson") == [1: "possible"])
        #expect(
            try verdicts(Self.line("\"bob\"", single, owner: #"["bob","alice"]"#), name: "l.ndjson") == [1: "possible"])
        #expect(
            try verdicts(Self.line("\"bob\"", single, owner: #"["alice","bob"]"#), name: "l.ndjson") == [1: "possible"])
        #expect(
            try verdicts(Self.line("\"bob\"", single, owner: "\"alice, bob\""), name: "l.ndjson") == [1: "possible"])
    }

    @Test("a number with a comma is no number of bytes")
    func thousands() throws {
        let scratch = try Scratch()
        try scratch.write("dump/l.ndjson", Self.line("\"bob\"", "\"cam-a\"").replacing("5000", with: "\"5,000\""))
        let caseFile = try scratch.analyze([scratch.path("dump")])
        #expect(try caseFile.count("SELECT coalesce(bytes, -1) FROM deliveries") == -1)
    }
}
