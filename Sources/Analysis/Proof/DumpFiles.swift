public import Casefile
import GRDB
import LogBytes

/// The files below a folder that are sources of a case, told by their digests wherever they lie. They are only read.
public struct DumpFiles: Sendable {
    public let folder: String
    private var places: [String: String] = [:]
    /// Files of a source's size that could not be read, each with its reason.
    public private(set) var unreadable: [(path: String, reason: String)] = []

    /// Hashes each file that is as long as a source of the case.
    ///
    /// - Throws: `LogBytesError` if the folder is not there, `CaseFileError`.
    public init(_ folder: String, for caseFile: CaseFile) throws {
        self.folder = folder
        let sources = try caseFile.read { try SourceRow.all($0) }
        let sizes = Set(sources.filter { $0.sha256 != nil }.map { UInt64(clamping: $0.size) })
        for file in try LogTree.find([folder]).files where !file.isPipe && sizes.contains(file.size) {
            do {
                let digest = try LogFile(path: file.path, limits: .widest).forEachMember { _ in }.sha256
                if places[digest] == nil { places[digest] = file.path }
            } catch {
                unreadable.append((file.name, "\(error)"))
            }
        }
    }

    /// Where a source lies now; nil if it is not there.
    public func place(of source: SourceRow) -> String? { source.sha256.flatMap { places[$0] } }
}
