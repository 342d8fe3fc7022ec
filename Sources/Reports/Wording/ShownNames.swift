import GRDB
import LogRecords

/// The names of a case as people are to see them. Every account, camera, node or key that the page or a notice shows
/// passes through here.
final class ShownNames {
    private let select: Statement
    private let selectFrame: Statement
    private var known: [Int64: String] = [:]

    init(_ db: Database) throws {
        select = try db.makeStatement(sql: "SELECT text FROM name WHERE id = ?")
        selectFrame = try db.makeStatement(sql: "SELECT text FROM frame WHERE id = ?")
    }

    /// - Parameter id: as the case's tables hold it; nil gives nil.
    func text(_ id: Int64?) throws -> String? {
        guard let id else { return nil }
        if let text = known[id] { return text }
        let text = Self.visible(try String.fetchOne(select, arguments: [id]) ?? "")
        known[id] = text
        return text
    }

    /// - Parameter id: a frame id's, as the case's tables hold it; nil gives nil.
    func frame(_ id: Int64?) throws -> String? {
        try id.map { Self.visible(try String.fetchOne(selectFrame, arguments: [$0]) ?? "") }
    }

    /// Controls, separators and marks that turn the direction of writing are named (`[U+202E]`), so that a name cannot
    /// hide or disguise anything.
    static func visible(_ text: String) -> String {
        // Almost every name is plain ASCII.
        guard !text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }), text.unicodeScalars.contains(where: isInvisible)
        else { return text }
        var shown = ""
        for scalar in text.unicodeScalars {
            if isInvisible(scalar) {
                let digits = String(scalar.value, radix: 16, uppercase: true)
                shown += "[U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "]"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    /// What is of private use looks different on every machine.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        VisibleText.isInvisible(scalar) || scalar.properties.generalCategory == .privateUse
    }
}
