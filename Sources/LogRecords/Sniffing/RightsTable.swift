/// Tells of a file that no profile reads whether it may be a table of rights: what it holds then leaves open who had one.
public enum RightsTable {
    /// What is said of such a file.
    public static let complaint = "it may be a table of rights, so nothing is certain of any account"

    private static let cameras: Set<String> = ["camera", "cameras", "cam"]
    private static let owners: Set<String> = ["owner", "owned", "granted", "grantor", "giver", "sharer"]
    private static let fileNames: Set<String> = [
        "grant", "grants", "share", "shares", "sharing", "permission", "permissions", "rights", "acl", "acls",
        "invitations",
        "invites", "entitlements",
    ]
    /// What a request has: a log may name cameras and accounts, too.
    private static let ofRequests: Set<String> = [
        "uri", "url", "path", "status", "bytes", "method", "ts", "time", "timestamp", "request",
    ]

    /// - Parameters:
    ///   - sample: the file's first bytes.
    ///   - path: its name, with folders or without.
    /// - Returns: the complaint, with the column or member that may name the grantees; nil if nothing says so.
    public static func complaint(of sample: RawSpan, path: String) -> String? {
        if isNamedSo(path) { return complaint }
        let all = FormatSniffer.lines(sample, isWhole: true, most: 8).lazy.compactMap(names)
        guard let names = all.first(where: namesRights) else { return nil }
        let suspect = names.first(where: ForeignColumns.isGrantee) ?? names.first(where: mayNameGrantees)
        return complaint + (suspect.map { ": '\($0)' may name who has one" } ?? "")
    }

    /// Whether a file's name says it, with folders or without: `db/grants.csv.gz`.
    public static func isNamedSo(_ path: String) -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return ColumnMeaning.words(of: name).contains(where: fileNames.contains)
    }

    private static func mayNameGrantees(_ name: String) -> Bool {
        let known = cameras.union(owners).union(["from", "until", "at", "to"])
        guard case .unknown = ColumnMeaning(name, of: .cameras) else { return false }
        return !ColumnMeaning.words(of: name).contains(where: known.contains)
    }

    /// The columns that a line names, or the members that it has; nil if it can name none.
    private static func names(of line: [UInt8]) -> [String]? {
        guard line.count < 4096 else { return nil }
        if line.first(where: { $0 != 0x20 }) == UInt8(ascii: "{") {
            return line.withUnsafeBytes { bytes in
                JSONMembers(bytes)?.all.filter { $0.parent < 0 }.map { String(decoding: bytes[$0.name], as: UTF8.self) }
            }
        }
        let cells = String(decoding: line, as: UTF8.self).split { ",;\t|".contains($0) }
        guard cells.count > 2 else { return nil }
        return cells.map { $0.trimmingPrefix { " \"'".contains($0) } }.map(String.init)
    }

    private static func namesRights(_ names: [String]) -> Bool {
        let words = names.map(ColumnMeaning.words)
        func has(_ known: Set<String>) -> Bool { words.contains { $0.contains(where: known.contains) } }
        let isOfRequests = words.contains { $0.count == 1 && ofRequests.contains($0[0]) }
        // Cells are none of a header's names.
        let areShort = words.allSatisfy { $0.count <= 4 }
        return areShort && !isOfRequests && has(cameras)
            && (has(owners) || names.contains(where: ForeignColumns.isGrantee))
    }
}
