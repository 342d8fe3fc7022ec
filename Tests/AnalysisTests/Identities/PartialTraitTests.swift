import Analysis
import Casefile
import Foundation
import GRDB
import Reports
import Testing

/// A session that changed hands is found as well where lines say less of who asked, and in whatever spelling they do.
@Suite struct PartialTraitTests {
    /// Alice's and bob's requests; from the fourth line on bob's device has alice's session, until she asks herself at last.
    private struct Visit {
        var second: Int
        var requester: String
        var owner: String
        /// Whose device it was.
        var at: String
    }

    private static let story = [
        Visit(second: 1, requester: "alice", owner: "alice", at: "alice"),
        Visit(second: 2, requester: "bob", owner: "bob", at: "bob"),
        Visit(second: 3, requester: "bob", owner: "alice", at: "bob"),
        Visit(second: 10, requester: "alice", owner: "alice", at: "bob"),
        Visit(second: 11, requester: "alice", owner: "carol", at: "bob"),
        Visit(second: 12, requester: "bob", owner: "bob", at: "bob"),
        Visit(second: 13, requester: "alice", owner: "alice", at: "alice"),
    ]

    private static let addresses = ["alice": "203.0.113.1", "bob": "203.0.113.2"]

    /// - Parameters:
    ///   - lines: of the story, from 0 on.
    ///   - addressed: which of them name the address, and how.
    ///   - withDevice: which name the device.
    private func verdicts(
        _ lines: [Int] = Array(story.indices), address: (Int, String) -> String? = { $1 },
        withDevice: Set<Int> = [], owner: (Int) -> Bool = { _ in true }
    ) throws -> [Int: String] {
        let scratch = try Scratch()
        try scratch.write(
            "dump/cameras.csv",
            "camera,owner,from,until,model\n" + ["alice", "bob", "carol"].map { "cam-\($0),\($0),,,m\n" }.joined())
        let text = lines.map { index -> String in
            let visit = Self.story[index]
            var line =
                #"{"ts":"2026-03-01T10:00:\#(10 + visit.second).000Z","node":"edge","requester":"\#(visit.requester)","camera":"cam-\#(visit.requester)","key":"k\#(index)","cache":"HIT","status":200,"bytes":5000"#
            if owner(index) { line += #","owner":"\#(visit.owner)","frame_camera":"cam-\#(visit.owner)""# }
            if let found = address(index, Self.addresses[visit.at] ?? "") { line += #","address":"\#(found)""# }
            if withDevice.contains(index) { line += #","device":"device-\#(visit.at)""# }
            return line + "}"
        }
        try scratch.write("dump/relay/edge.ndjson", text.joined(separator: "\n") + "\n")
        let found = try scratch.analyze([scratch.path("dump")]).verdictsByLine()
        // By line of the story.
        return Dictionary(uniqueKeysWithValues: found.map { (lines[$0.key - 1], $0.value) })
    }

    /// Whoever received the fifth answer was not entitled to it; the fourth was either alice's own or not.
    private static let doubt = [2: "certain", 3: "unresolved", 4: "possible"]

    @Test(
        "a device on some lines only takes nothing away from addresses",
        arguments: [[], [0, 6], [1, 2, 5], [0, 1, 2, 5, 6], [1, 2, 3, 4, 5], [0, 3, 4, 6], [0, 1, 2, 3, 4, 5, 6]]
            as [Set<Int>])
    func someDevices(_ devices: Set<Int>) throws {
        #expect(try verdicts(withDevice: devices) == Self.doubt)
    }

    @Test("nor is it surer that alice was not seen before")
    func unseen() throws {
        #expect(try verdicts(Array(1...6)) == Self.doubt)
        #expect(try verdicts(Array(1...5)) == Self.doubt)
    }

    @Test("nor that it is not known whose frame bob was shown")
    func unresolvedStray() throws {
        #expect(try verdicts(owner: { $0 != 2 }) == [2: "unresolved", 3: "unresolved", 4: "possible"])
    }

    @Test(
        "one address in another spelling is the same",
        arguments: [
            ["203.0.113.2", "::ffff:203.0.113.2"], ["203.0.113.2", "::FFFF:cb00:7102"],
            ["203.0.113.2:4711", "203.0.113.2"],
            ["2001:db8:0:0::2", "2001:DB8::2"], ["[2001:db8::2]:443", "2001:0db8:0:0:0:0:0:2"],
        ])
    func spellings(_ two: [String]) throws {
        let found = try verdicts { index, address in
            address == Self.addresses["bob"] ? two[index < 3 ? 0 : 1] : address
        }
        #expect(found == Self.doubt)
    }
}
