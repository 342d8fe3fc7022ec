public import Foundation

extension OutputFolder {
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
}
