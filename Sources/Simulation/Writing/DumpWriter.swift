internal import Foundation

/// Writes a dump and its truth below one folder.
struct DumpWriter {
    /// The folder that holds `dump/` and `truth/`; it is made if it is not there.
    let folder: String
    /// zstd's compression level.
    var level = 19

    /// Writes the logs and the directory below `dump/`.
    func write(_ files: [LogFile], world: World, rollouts: [Rollout]) throws {
        for file in files {
            var bytes: [UInt8] = []
            for line in file.lines {
                bytes += line.text.utf8
                bytes.append(0x0A)
            }
            try write(file.packing.pack(bytes, level: level), to: "dump/" + file.path)
        }
        for (name, text) in world.directory(rollouts: rollouts) { try write(Array(text.utf8), to: "dump/" + name) }
    }

    func write(_ text: String, to path: String) throws {
        try write(Array(text.utf8), to: path)
    }

    /// Writes a value as JSON with sorted keys.
    func write(json value: some Encodable, to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try write(Array(encoder.encode(value)) + [0x0A], to: path)
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(filePath: make(path)))
    }

    /// Makes an empty file and the folders above it.
    ///
    /// - Returns: Its path from where the process runs.
    func make(_ path: String) throws -> String {
        let file = URL(filePath: folder, directoryHint: .isDirectory).appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data().write(to: file)
        return file.path
    }
}
