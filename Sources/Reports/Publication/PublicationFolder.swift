public import Foundation

extension OutputFolder {
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
}
