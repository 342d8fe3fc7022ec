import Analysis
import Casefile
import Correlation
import Foundation
import Interning
import LogBytes
import LogRecords

/// The dump that all benchmarks share, made by `simulate traffic`; `make bench-micro` names its folder.
enum Sample {
    static let dump: URL = {
        guard let path = ProcessInfo.processInfo.environment["STRAYFRAME_DUMP"] else {
            fatalError("STRAYFRAME_DUMP names no dump; run `make bench-micro`")
        }
        return URL(fileURLWithPath: path)
    }()

    /// A folder for what the benchmarks write.
    static let scratch: URL = {
        let folder = FileManager.default.temporaryDirectory.appending(path: "strayframe-micro-\(getpid())")
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            fatalError("cannot make \(folder.path): \(error)")
        }
        atexit { try? FileManager.default.removeItem(at: Sample.scratch) }
        return folder
    }()

    static let relay = Log(kind: "relay", profile: "native-relay")
    static let cache = Log(kind: "cache", profile: "native-cache")

    static func library() -> ProfileLibrary {
        do { return try ProfileLibrary() } catch { fatalError("\(error)") }
    }

    /// A new case, which replaces one of the same name.
    static func newCase(_ name: String) throws -> CaseFile {
        let file = scratch.appending(path: "\(name).sqlite")
        try? FileManager.default.removeItem(at: file)
        return try CaseFile(writingTo: file.path)
    }

    /// A case that holds the whole dump, correlated.
    static let analyzedCase: CaseFile = {
        do {
            let caseFile = try newCase("analyzed")
            try Ingest(caseFile, .init(roots: [dump.path], library: library())).run()
            try Correlator(caseFile, .init()).run()
            return caseFile
        } catch {
            fatalError("\(error)")
        }
    }()
}

/// The logs of one kind: the files as found, and their lines in memory.
struct Log: Sendable {
    let files: [String]
    let profile: Profile
    /// The lines end to end, each with its `\n`.
    let text: [UInt8]
    /// Where in `text` each line stands.
    let lines: [Range<Int>]

    init(kind: String, profile name: String) {
        do {
            files = try LogTree.find([Sample.dump.appending(path: kind).path]).files.map(\.path)
            guard let profile = Sample.library().profile(named: name) else { fatalError("no profile \(name)") }
            self.profile = profile
            var (text, lines): ([UInt8], [Range<Int>]) = ([], [])
            for path in files {
                _ = try LogFile(path: path).forEachMember { member in
                    member.forEachLine { bytes, _ in
                        bytes.withUnsafeBytes { text.append(contentsOf: $0) }
                        lines.append((text.count - bytes.byteCount)..<text.count)
                        text.append(0x0A)
                        return true
                    }
                }
            }
            guard !lines.isEmpty else { fatalError("no lines in \(Sample.dump.path)/\(kind)") }
            (self.text, self.lines) = (text, lines)
        } catch {
            fatalError("\(error)")
        }
    }

    /// Adds the records of all lines.
    ///
    /// - Parameter source: stands for the log in the records' numbers.
    func parse(_ names: ThreadInternCache, source: Int64 = 1, into batch: inout RecordBatch) {
        var parser = LineParser(profile: profile, known: names)
        text.withUnsafeBytes { bytes in
            for (index, line) in lines.enumerated() {
                let id = EventID(source: source, line: Int64(index + 1))
                let outcome = parser.parse(UnsafeRawBufferPointer(rebasing: bytes[line]).bytes, id: id, into: &batch)
                precondition(outcome == .accepted, "line \(index + 1) of the \(profile.name) sample is not accepted")
            }
        }
        parser.settle(&batch)
    }
}

extension RecordBatch {
    /// The sample's fills and its deliveries, each from a source of its own.
    static func bySource(_ names: StringInterner) -> [RecordBatch] {
        let known = ThreadInternCache(names)
        return [(Sample.cache, 1 as Int64), (Sample.relay, 2)].map { log, source in
            var batch = RecordBatch()
            log.parse(known, source: source, into: &batch)
            return batch
        }
    }

    /// All deliveries and fills of the sample.
    static func sample(_ names: StringInterner) -> RecordBatch {
        var batch = RecordBatch()
        let known = ThreadInternCache(names)
        Sample.cache.parse(known, source: 1, into: &batch)
        Sample.relay.parse(known, source: 2, into: &batch)
        return batch
    }
}
