import Foundation
import GRDB
import Reports
import Testing

/// Every dump that a real cache wrote, against what its client really received, request by request.
@Suite struct LabTests {
    /// A variant of a dump, and how its log tells what it tells.
    struct Variant: CustomTestStringConvertible, Sendable {
        var server: String
        var name: String
        var stem: String
        var twin: (variant: String, stem: String)?
        /// Whether the log names every frame and its owner truthfully, so that only a right that ends meanwhile is left open.
        var isExact = false
        /// The shipped profile to ask for, where nothing on the lines says which column is which.
        var profile: String?
        var testDescription: String { "\(server)/\(name)" }
    }

    static let all: [Variant] = {
        let squidTwin = ("stated", "access.log")
        return [
            Variant(server: "nginx", name: "stated-json", stem: "relay-access.json", isExact: true),
            Variant(server: "nginx", name: "stated-frameid", stem: "relay-access.log"),
            Variant(
                server: "nginx", name: "inferred", stem: "relay-access.log", twin: ("stated-json", "relay-access.json"),
                profile: "nginx-thin"),
            Variant(server: "varnish", name: "stated", stem: "varnishncsa.log", isExact: true),
            Variant(
                server: "varnish", name: "inferred", stem: "varnishncsa.log", twin: ("stated", "varnishncsa.log"),
                profile: "varnishncsa-thin"),
            Variant(server: "ats", name: "stated", stem: "stated.log", isExact: true),
            Variant(
                server: "ats", name: "inferred", stem: "relay.log", twin: ("stated", "stated.log"),
                profile: "trafficserver-thin"),
            Variant(server: "squid", name: "stated", stem: "access.log"),
            Variant(server: "squid", name: "inferred", stem: "access.log", twin: squidTwin, profile: "squid-thin"),
            Variant(server: "squid-flaky-key", name: "stated", stem: "access.log"),
            Variant(
                server: "squid-flaky-key", name: "inferred", stem: "access.log", twin: squidTwin, profile: "squid-thin"),
        ]
    }()

    @Test("the fixture's counts hold the truth", arguments: all.filter { $0.server == "nginx" })
    func fixture(_ variant: Variant) throws {
        try check(variant, in: LabDump.repository.appending(path: "Fixtures/nginx-lab"))
    }

    @Test(
        "the laboratory's counts hold the truth", .enabled(if: LabDump.isLaboratoryThere, "\(LabDump.absence)"),
        arguments: all.filter { $0.server != "nginx" })
    func laboratory(_ variant: Variant) throws {
        try check(variant, in: LabDump.laboratory.appending(path: variant.server))
    }

    private func check(_ variant: Variant, in folder: URL) throws {
        let dump = try LabDump(folder)
        let scratch = try Scratch()
        let caseFile = try scratch.analyze(
            [dump.path(variant.name), dump.path("origin"), dump.path("directory")],
            profiles: variant.profile.map { Scratch.shipped($0) } ?? [])
        let requests = try dump.requests(of: variant.name, variant.stem, twin: variant.twin)
        let summary = try Summary(of: caseFile)
        #expect(summary.unrecognizedFiles == 0)
        #expect(summary.rejectedLines == 0)
        // No detector fires on what one sound cache wrote.
        #expect(summary.assumptions.filter { $0.status == "contradicted" }.map(\.detail) == [])

        var certain: Set<String> = []
        var possible: Set<String> = []
        try caseFile.read { db in
            for row in try Row.fetchAll(db, sql: "SELECT path, line, certainty, owner, requester FROM exposures") {
                let line: Int = row["line"]
                let request = try #require(requests[row["path"]]?[line - 1] ?? nil, "\(row)")
                let truth = try #require(dump.truth[request])
                #expect(truth.requester == row["requester"])
                if row["certainty"] == "possible" {
                    possible.insert(request)
                    continue
                }
                certain.insert(request)
                // A server cannot know that the client hung up on an answer it had sent.
                #expect(truth.isExposure || !truth.wasDelivered, "\(row) was no exposure")
                if truth.isExposure, let owner = row["owner"] as String? { #expect(owner == truth.owner) }
            }
        }
        let known = Set(requests.values.joined().compactMap { $0 })
        let truth = dump.exposures.filter { known.contains($0.key) }
        let missed = truth.filter { !certain.contains($0.key) && !possible.contains($0.key) }
        let unexplained = try missed.filter { try !endedOnTheWay($0.value, dump) }
        #expect(unexplained.isEmpty)
        #expect(missed.count <= 2)

        let owners = Set(truth.values.map(\.owner)).count
        let receivers = Set(truth.values.map(\.requester)).count
        #expect(summary.exposedAccountsCertain <= owners)
        #expect(owners <= summary.exposedAccountsCertain + summary.exposedAccountsPossible)
        #expect(summary.receivingAccountsCertain <= receivers)
        #expect(receivers <= summary.receivingAccountsCertain + summary.receivingAccountsPossible)
        let real = certain.filter { truth[$0] != nil }
        if variant.isExact {
            // All that is left open is a right that ended within what the clocks may differ by.
            #expect(possible.count <= 2)
            #expect(missed.isEmpty && real.count >= truth.count - possible.count)
        } else {
            #expect(Double(real.count) >= 0.98 * Double(truth.count))
            #expect(Double(possible.count) <= 0.03 * Double(truth.count))
        }
    }

    /// The text log stamps whole seconds and names frames, the thin one stamps milliseconds and names keys.
    @Test("two logs of one server count together as well as the better of them, by the client's word")
    func together() throws {
        let dump = try LabDump(LabDump.repository.appending(path: "Fixtures/nginx-lab"))
        let scratch = try Scratch()
        func counts(_ variants: [String]) throws -> (certain: Set<String>, possible: Set<String>) {
            let caseFile = try scratch.analyze(
                (variants + ["origin", "directory"]).map(dump.path), case: variants.joined(separator: "-") + ".sqlite",
                profiles: variants.contains("inferred") ? Scratch.shipped("nginx-thin") : [])
            #expect(try Summary(of: caseFile).assumptions.filter { $0.status == "contradicted" }.map(\.detail) == [])
            let requests = try variants.reduce(into: [String: [String?]]()) { all, variant in
                let twin = (variant: "stated-frameid", stem: "relay-access.log")
                let own = try dump.requests(
                    of: variant, "relay-access.log", twin: variant == twin.variant ? nil : twin)
                all.merge(own) { $1 }
            }
            var found = (certain: Set<String>(), possible: Set<String>())
            try caseFile.read { db in
                for row in try Row.fetchAll(db, sql: "SELECT path, line, certainty FROM exposures") {
                    let (path, line): (String, Int) = (row[0], row[1])
                    let request = try #require(requests[path]?[line - 1] ?? nil, "\(row)")
                    let isNew =
                        row[2] == "certain"
                        ? found.certain.insert(request).inserted : found.possible.insert(request).inserted
                    #expect(isNew, "\(request) counts twice")
                }
            }
            return found
        }
        let (text, thin) = (try counts(["stated-frameid"]), try counts(["inferred"]))
        let both = try counts(["stated-frameid", "inferred"])
        #expect(both.certain.count >= max(text.certain.count, thin.certain.count))
        #expect(both.possible.count <= min(text.possible.count, thin.possible.count))
        for request in both.certain {
            let truth = try #require(dump.truth[request])
            #expect(truth.isExposure || !truth.wasDelivered, "\(request) was no exposure")
        }
        let missed = dump.exposures.filter { !both.certain.contains($0.key) && !both.possible.contains($0.key) }
        #expect(try missed.filter { try !endedOnTheWay($0.value, dump) }.isEmpty)
    }

    @Test(
        "what the key lost is told of each real cache: the update left two digits of the camera in it",
        .enabled(if: LabDump.isLaboratoryThere, "\(LabDump.absence)"),
        arguments: all.filter { ["stated", "stated-json"].contains($0.name) && !$0.server.hasPrefix("squid-") })
    func keys(_ variant: Variant) throws {
        let dump = try LabDump(LabDump.laboratory.appending(path: variant.server))
        let scratch = try Scratch()
        let caseFile = try scratch.analyze(
            [dump.path(variant.name), dump.path("origin"), dump.path("directory")],
            profiles: variant.profile.map { Scratch.shipped($0) } ?? [])
        let sentence = try #require(try Summary(of: caseFile).keyChange)
        // The laboratory's rule: snap/CAMERA, and for a hub on a poor network snap/sNN with the camera's last two digits.
        #expect(
            sentence.hasPrefix(
                "Until rollout 2019.12.3 the key held the camera (snap/{camera}); since then, on the path of the cause, it is "
                    + "snap/s{last 2 of camera} and no longer tells the camera: "), "\(sentence)")
        #expect(sentence.contains(" Adding the camera would separate "), "\(sentence)")
    }

    /// Whether a right to some camera ended between the client's request and the arrival of the answer: the server's
    /// log puts the delivery before that moment, the client's clock puts the arrival behind it.
    private func endedOnTheWay(_ truth: LabDump.Truth, _ dump: LabDump) throws -> Bool {
        let ends = try ["grants.csv", "cameras.csv"].flatMap { try LabDump.lines(dump.path("directory/\($0)")) }
            .flatMap { $0.components(separatedBy: ",") }.filter { $0.hasSuffix("Z") }
        return ends.contains { truth.sent.prefix(23) < $0.prefix(23) && $0.prefix(23) <= truth.received.prefix(23) }
    }

    @Test("a redisplay of a stranger's frame is counted apart and agrees with the client")
    func redisplays() throws {
        let folder = LabDump.repository.appending(path: "Fixtures/nginx-lab")
        let dump = try LabDump(folder)
        let scratch = try Scratch()
        let caseFile = try scratch.analyze([dump.path("stated-json"), dump.path("origin"), dump.path("directory")])
        let truth =
            try JSONSerialization.jsonObject(
                with: Data(contentsOf: folder.appending(path: "truth/summary.json"))) as? [String: Any]
        #expect(try Summary(of: caseFile).redisplays == truth?["redisplays_304_not_entitled"] as? Int)
    }

    @Test(
        "varnishlog's transactions, grouped or raw, become the deliveries that varnishncsa logged",
        .enabled(if: LabDump.isLaboratoryThere, "\(LabDump.absence)"),
        arguments: ["varnishlog-request.txt.zst", "varnishlog-raw.txt.zst"])
    func transactions(_ file: String) throws {
        let dump = try LabDump(LabDump.laboratory.appending(path: "varnish"))
        let scratch = try Scratch()
        let transactions = try scratch.analyze(
            [dump.path("stated-varnishlog/\(file)"), dump.path("directory")], case: "transactions.sqlite")
        let lines = try scratch.analyze([dump.path("stated"), dump.path("directory")], case: "lines.sqlite")
        let sql = """
            SELECT substr(time, 1, 19) || ' ' || requester || ' ' || camera || ' ' || key || ' ' || frame || ' ' || owner || ' '
                || frame_camera || ' ' || cache_status || ' ' || status || ' ' || client || ' ' || network FROM deliveries
            WHERE content = 'frame' AND requester IS NOT NULL
            """
        let found = try transactions.read { try Set(String.fetchAll($0, sql: sql)) }
        let logged = try lines.read { try Set(String.fetchAll($0, sql: sql)) }
        #expect(found.count > 300)
        #expect(found.subtracting(logged) == [])
        #expect(try transactions.count("SELECT count(*) FROM fills WHERE kind = 'sent'") > 30)
        #expect(try transactions.count("SELECT count(*) FROM fills WHERE kind = 'revalidated'") > 10)
    }
}
