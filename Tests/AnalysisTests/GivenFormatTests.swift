import Analysis
import LogRecords
import ProfileAuthoring
import Testing

/// A format that the user gave is used, or the run says why it is not.
@Suite struct GivenFormatTests {
    private static let line =
        #"192.0.2.9 - bob [07/Feb/2020:11:48:51 +0000] "GET /v1/cameras/78/snap HTTP/1.1" 200 59 "-" "App/1" HIT"#

    private func ingest(_ scratch: Scratch, _ profiles: [(file: String, text: String)]) throws {
        try scratch.write("dump/relay.log", Self.line + "\n")
        try scratch.write("dump/cameras.csv", "camera,owner,from,until,model\n78,bob,2010-01-01T00:00:00Z,,m\n")
        _ = try scratch.analyze([scratch.path("dump")], profiles: profiles, isPart: true)
    }

    private func format(_ text: String) throws -> (file: String, text: String) {
        (file: "'\(text)'", text: try FormatString(.nginx, text).profile())
    }

    @Test("a format that fits no file is an error that says where it stops fitting, and nothing is read")
    func misfit() throws {
        let scratch = try Scratch()
        let given = try format(
            #"$remote_addr - $remote_user [$time_local] "$request" $upstream_cache_status $body_bytes_sent"#)
        let error = #expect(throws: AnalysisError.self) { try ingest(scratch, [given]) }
        guard case .formatFitsNothing(let format, let stop) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(format == given.file)
        // "200" stands where the verdict should: behind 78 bytes.
        let offset = Self.line.utf8.count - #"200 59 "-" "App/1" HIT"#.utf8.count
        #expect(stop.contains("relay.log") && stop.contains("byte \(offset) of line 1"), "\(stop)")
        #expect(stop.contains("'upstream_cache_status' is not of type verdict"), "\(stop)")
        // Corrected, it reads the file that no other profile has read meanwhile.
        let right = try self.format(
            #"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $upstream_cache_status"#
        )
        try ingest(scratch, [right])
    }

    @Test("of several each must fit a file, and the directory's tables ask for none")
    func several() throws {
        let fitting = try format(
            #"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $upstream_cache_status"#
        )
        try ingest(try Scratch(), [fitting])
        try ingest(try Scratch(), Scratch.shipped("nginx-combined"))
        let stranger = (
            file: "mine.yaml", text: "name: mine\nsyntax: json\nrecognize: [when]\ndelivery: {time: when}\n"
        )
        let error = #expect(throws: AnalysisError.self) { try ingest(try Scratch(), [fitting, stranger]) }
        #expect("\(error.map { "\($0)" } ?? "")".hasPrefix("mine.yaml fits the first lines of no file"))
    }
}
