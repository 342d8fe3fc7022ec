import CZstd
import Foundation
import Testing

@testable import Simulation

/// A dump as it lies on the disk, read in the plainest way.
struct WrittenDump {
    /// A log line with its place.
    struct Line {
        let file: String
        let number: Int
        let text: String

        /// The line's JSON object, or nil if it is none.
        var fields: [String: Any]? { try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] }
    }

    let folder: URL

    /// All files below the folder by their path, as they are.
    func contents() throws -> [String: Data] {
        let base = folder.standardizedFileURL.path + "/"
        let paths = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
        var contents: [String: Data] = [:]
        for case let file as URL in try #require(paths) {
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
            contents[String(file.standardizedFileURL.path.dropFirst(base.count))] = try Data(contentsOf: file)
        }
        return contents
    }

    /// The logs' lines of a kind (`relay` or `cache`), by file.
    func lines(of kind: String) throws -> [Line] {
        let logs = try contents().filter { $0.key.hasPrefix("dump/\(kind)/") }.sorted { $0.key < $1.key }
        return logs.flatMap { path, data in
            let texts = String(decoding: unpack(data), as: UTF8.self).split(separator: "\n")
            return texts.enumerated().map {
                Line(file: String(path.dropFirst("dump/".count)), number: $0.offset + 1, text: String($0.element))
            }
        }
    }

    /// A CSV file's rows as header to value.
    func rows(of path: String) throws -> [[String: String]] {
        let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
        let rows = text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let header = rows[0].map(String.init)
        return rows.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(header, $0.map(String.init))) }
    }

    /// Writes below a new temporary folder, hands the dump over and removes it.
    static func temporary<Result>(
        _ write: (String) throws -> Void, then body: (WrittenDump) throws -> Result
    ) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "simulate-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try write(folder.path)
        return try body(WrittenDump(folder: folder))
    }
}

/// The bytes inside zstd frames, or the data itself if it is not packed.
func unpack(_ data: Data) -> [UInt8] {
    let packed = [UInt8](data)
    guard packed.starts(with: [0x28, 0xB5, 0x2F, 0xFD]), let context = ZSTD_createDCtx() else { return packed }
    defer { ZSTD_freeDCtx(context) }
    return packed.withUnsafeBytes { source in
        var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        var bytes: [UInt8] = []
        while input.pos < input.size {
            chunk.withUnsafeMutableBytes { target in
                var output = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                let left = ZSTD_decompressStream(context, &output, &input)
                precondition(ZSTD_isError(left) == 0)
                bytes += target[..<output.pos]
            }
        }
        return bytes
    }
}
