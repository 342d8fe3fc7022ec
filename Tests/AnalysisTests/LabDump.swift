import Foundation
import LogBytes

/// A dump that a real cache wrote, with the truth that its client recorded from each body it received.
struct LabDump {
    /// One request, as the client saw it.
    struct Truth {
        var requester: String
        var owner: String
        var outcome: String
        var isExposure: Bool
        var sent: String
        var received: String
        /// Whether a frame reached the client.
        var wasDelivered: Bool { outcome == "full" || outcome == "partial" }
    }

    let folder: URL
    let truth: [String: Truth]

    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    /// The laboratory beside the repository, with all its caches; the nginx dump is a fixture of the repository's own.
    static let laboratory = repository.deletingLastPathComponent().appending(path: "shared/lab")
    static let isLaboratoryThere = FileManager.default.fileExists(atPath: laboratory.path)
    /// Why tests of it are skipped.
    static let absence = "NOT TESTED: the dumps of the other caches are not there; 'make lab' makes such"

    init(_ folder: URL) throws {
        self.folder = folder
        var truth: [String: Truth] = [:]
        let rows = try Self.lines(folder.appending(path: "truth/truth.csv.zst").path).map {
            $0.components(separatedBy: ",")
        }
        let columns = Dictionary(uniqueKeysWithValues: rows[0].enumerated().map { ($1, $0) })
        func value(_ row: [String], _ name: String) -> String { row[columns[name] ?? 0] }
        for row in rows.dropFirst() {
            let outcome = value(row, "outcome")
            truth[value(row, "request_id")] = Truth(
                requester: value(row, "requester"), owner: value(row, "true_owner"), outcome: outcome,
                isExposure: (outcome == "full" || outcome == "partial") && value(row, "entitled") == "0",
                sent: value(row, "ts_send"), received: value(row, "ts_recv"))
        }
        self.truth = truth
    }

    /// Where the exposures of the truth stand, by request.
    var exposures: [String: Truth] { truth.filter(\.value.isExposure) }

    func path(_ name: String) -> String { folder.appending(path: "dump/\(name)").path }

    /// The request of every line of a variant: by file as the case names it, then by line.
    ///
    /// A thin log names no request; its lines stand in the order of its twin's, which does, and each pair must name the
    /// same account.
    func requests(of variant: String, _ stem: String, twin: (variant: String, stem: String)?) throws -> [String:
        [String?]]
    {
        var twins: ArraySlice<String> = []
        if let twin { twins = try files(twin.variant, twin.stem).flatMap { try Self.lines($0.path) }[...] }
        var requests: [String: [String?]] = [:]
        for file in try files(variant, stem) {
            requests["\(variant)/\(file.lastPathComponent)"] = try Self.lines(file.path).map { line in
                guard twin != nil else { return Self.request(line) }
                guard let full = twins.popFirst(), let id = Self.request(full), let known = truth[id] else {
                    return nil
                }
                guard line.contains(known.requester) else { throw Mismatch(line: line, twin: full) }
                return id
            }
        }
        return requests
    }

    struct Mismatch: Error {
        var line: String
        var twin: String
    }

    /// Rotated files, the oldest first.
    private func files(_ variant: String, _ stem: String) throws -> [URL] {
        func age(_ name: String) -> Int { name.split(separator: ".").compactMap { Int($0) }.last ?? 0 }
        return try FileManager.default.contentsOfDirectory(
            at: folder.appending(path: "dump/\(variant)"), includingPropertiesForKeys: nil
        ).filter { $0.lastPathComponent.hasPrefix(stem + ".") }.sorted {
            age($0.lastPathComponent) > age($1.lastPathComponent)
        }
    }

    private static func request(_ line: String) -> String? {
        line.firstMatch(of: /rid"?[=:]"?([0-9a-f]{16})/).map { String($0.1) }
    }

    static func lines(_ path: String) throws -> [String] {
        var lines: [String] = []
        _ = try LogFile(path: path).forEachMember { member in
            member.forEachLine { bytes, _ in
                lines.append(bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
                return true
            }
        }
        return lines
    }
}
