import LogRecords
import Testing

@Suite struct NodeFromPathTests {
    @Test(
        "the value stands where the template fits at the beginning of a part of the path",
        arguments: [
            ("edge-{value}/", "edge-1/access.log", "1"),
            ("edge-{value}/", "dump/logs/edge-fra2/old/access.log.gz", "fra2"),
            ("{value}/", "fra/access.log", "fra"),
            ("{value}.log", "dump/cache7.log", "cache7"),
            ("logs/{value}/", "dump/logs/fra/access.log", "fra"),
            ("{value}/access.log", "dump/fra/access.log", "fra"),
            ("edge-{value}", "dump/edge-9", "9"),
        ])
    func fits(_ template: String, _ path: String, _ node: String) throws {
        #expect(try NodeFromPath(template).node(of: path) == node)
    }

    @Test(
        "a path that does not fit names no node",
        arguments: [
            ("edge-{value}/", "ledge-1/access.log"), ("edge-{value}/", "edge-/access.log"),
            ("edge-{value}/", "edge-1"), ("edge-{value}.log", "edge-a/b.log"), ("edge-{value}/", ""),
        ])
    func doesNotFit(_ template: String, _ path: String) throws {
        #expect(try NodeFromPath(template).node(of: path) == nil)
    }

    @Test("a template has one {value}", arguments: ["edge/", "{value}-{value}", ""])
    func problem(_ template: String) {
        #expect(throws: ProfileProblem.self) { try NodeFromPath(template) }
    }
}
