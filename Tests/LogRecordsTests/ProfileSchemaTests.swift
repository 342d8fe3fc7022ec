import Foundation
import Testing

@testable import LogRecords

@Suite struct ProfileSchemaTests {
    private func schema() throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(ProfileSchema.json.utf8)) as? [String: Any])
    }

    @Test("the schema that ships is the one that the tool prints")
    func shipped() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = try String(contentsOf: root.appending(path: "Docs/profile.schema.json"), encoding: .utf8)
        #expect(file == ProfileSchema.json + "\n")
    }

    @Test("the schema has every key that a shipped profile uses, and no other is allowed")
    func complete() throws {
        let schema = try schema()
        #expect(schema["additionalProperties"] as? Bool == false)
        let keys = Set((schema["properties"] as? [String: Any] ?? [:]).keys)
        let record = (schema["$defs"] as? [String: Any])?["record"] as? [String: Any]
        let roles = Set((record?["properties"] as? [String: Any] ?? [:]).keys)
        let kinds = Set(Profile.RecordKind.allCases.map(\.rawValue))
        for profile in try ProfileLibrary().profiles {
            var section = ""
            for line in profile.text.split(separator: "\n") where !line.hasPrefix("#") {
                let name = line.trimmingPrefix("  ").prefix { $0.isLetter || $0 == "_" }
                guard !name.isEmpty, line.dropFirst(line.hasPrefix("  ") ? 2 : 0).dropFirst(name.count).first == ":"
                else {
                    continue
                }
                if line.hasPrefix("  ") {
                    if kinds.contains(section) { #expect(roles.contains(String(name)), "\(profile.name): \(name)") }
                } else {
                    section = String(name)
                    #expect(keys.contains(section), "\(profile.name): \(name)")
                }
            }
        }
    }
}
