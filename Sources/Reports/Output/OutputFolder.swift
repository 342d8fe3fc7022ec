public import Foundation

/// A folder that files are written to: made by this program, or empty, unless somebody asks for another.
///
/// What was written before is known by the file that is written last (`manifest.json`, `aggregates.json`), and while that one
/// is not there by a mark that is written first.
public enum OutputFolder {
    /// Lies in a folder while files are written to it, so that a run that was killed finds its own folder again.
    static let mark = ".strayframe-writing"
    /// How many files a message names.
    private static let mostNamed = 4

    /// Makes sure that reports may go to a folder, without writing to it.
    ///
    /// - Throws: `ReportError.foreignFiles` if files lie there that are no reports, and no reports do; or if one that is none has
    ///   the name of a report.
    public static func requireReports(_ folder: URL) throws(ReportError) {
        var own: Set<String>?
        if let data = try? Data(contentsOf: folder.appending(path: Manifest.fileName)),
            let manifest = try? JSONDecoder().decode(Manifest.self, from: data)
        {
            own = Set(manifest.files.map(\.name) + [Manifest.fileName, Manifest.signatureName])
        }
        try require(folder, own: own, written: Reports.names)
    }

    /// As `requireReports`, for the files of a publication.
    public static func requirePublication(_ folder: URL) throws(ReportError) {
        let data = try? Data(contentsOf: folder.appending(path: Publication.files[1]))
        let isOwn = data.map { (try? JSONDecoder().decode(PublicationHead.self, from: $0)) != nil } ?? false
        try require(folder, own: isOwn ? Set(Publication.files) : nil, written: Set(Publication.files))
    }

    /// What `aggregates.json` has and other files of that name do not.
    private struct PublicationHead: Decodable {
        let k: Int
        let tool: String
        let counted: String
    }

    /// - Parameters:
    ///   - own: the files that were written there before; nil: none is known.
    ///   - written: the names that files written there may get.
    private static func require(_ folder: URL, own: Set<String>?, written: Set<String>) throws(ReportError) {
        let found = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        if found.contains(mark) { return }
        let foreign = found.filter { name in
            // What a draft is called until it is whole.
            let stem = name.hasSuffix(".new") ? String(name.dropLast(4)) : name
            return own.map { written.contains(stem) && !$0.contains(stem) } ?? true
        }.sorted()
        guard !foreign.isEmpty else { return }
        throw .foreignFiles(
            folder: folder.path, names: Array(foreign.prefix(mostNamed)), count: foreign.count, option: "--overwrite")
    }

    /// Marks a folder as one that is being written to.
    static func begin(_ folder: URL) throws(ReportError) {
        try ReportFile.makeFolder(folder)
        try ReportFile.write(Data(), to: folder, mark, isLasting: false)
    }

    /// Takes the mark away when all is written.
    static func end(_ folder: URL) { unlink(folder.appending(path: mark).path) }
}
