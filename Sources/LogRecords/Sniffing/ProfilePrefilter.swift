/// Tells quickly and surely that a profile does not fit a file, so that just the few that may are tried in full: a dump can
/// be two hundred thousand small files. Made once for each profile, and shared by all threads.
final class ProfilePrefilter: Sendable {
    private let profile: Profile
    private let json: JSONScanner?
    /// Of each entry one must stand on a line; what is derived or carried is left to the trial in full.
    private let required: [[Int]]
    /// Of each entry of a JSON profile's one must stand in the text, between quotes; nil for another syntax.
    let members: [[[UInt8]]]?

    init(_ profile: Profile) {
        self.profile = profile
        json = profile.jsonScanner
        let later = Set(profile.derivations.map(\.output) + (profile.carry?.fields ?? []))
        let isOpen = profile.required.isEmpty && !later.isEmpty
        required =
            isOpen
            ? []
            : (profile.required.isEmpty ? [Array(profile.fields.indices)] : profile.required).filter { group in
                !group.contains(where: later.contains)
            }
        members = json == nil ? nil : required.map { $0.map { Self.member(profile.fields[$0]) } }
    }

    /// A member's name as it stands in JSON: the last one of a path.
    private static func member(_ path: String) -> [UInt8] {
        path.split(separator: ".", omittingEmptySubsequences: false).last.map { Array($0.utf8) } ?? []
    }

    /// Whether at least half of the lines can be of use to the profile.
    ///
    /// - Parameters:
    ///   - slices: room for the profile's fields.
    ///   - scanner: of the profile, at the beginning of a source; nil: one is made.
    func mayFit(_ lines: [[UInt8]], _ slices: FieldSlices, _ scanner: LineScanner? = nil) -> Bool {
        guard hasMembers(lines) else { return false }
        let scanner = json == nil ? scanner ?? LineScanner(profile) : nil
        var misses = 0
        for line in lines {
            if !mayUse(line, scanner, slices) { misses += 1 }
            if misses * 2 > lines.count { return false }
        }
        return true
    }

    /// Whether the names that a JSON profile asks for stand anywhere at all: a look that costs little.
    func hasMembers(_ lines: [[UInt8]]) -> Bool {
        (members ?? []).allSatisfy { group in
            lines.contains { line in
                // A name may be written with escapes.
                line.withUnsafeBytes { bytes in
                    Bytes.contain(bytes, Self.escape) || group.contains { Bytes.contain(bytes, $0 + [0x22]) }
                }
            }
        }
    }

    private static let escape = Array("\\".utf8)

    private func mayUse(_ line: [UInt8], _ scanner: LineScanner?, _ slices: FieldSlices) -> Bool {
        line.withUnsafeBytes { bytes in
            if case .varnishlog = profile.syntax {
                // "*   << Request  >>", "-   ReqMethod", or a number.
                return bytes.first { $0 != 0x20 }.map { $0 == 0x2a || $0 == 0x2d || $0 &- 48 < 10 } ?? false
            }
            do {
                if let json {
                    guard bytes.first(where: { $0 != 0x20 && $0 != 0x09 }) == UInt8(ascii: "{") else { return false }
                    slices.clear()
                    try json.scan(bytes, into: slices)
                } else if try scanner?.scan(bytes, into: slices) == false {
                    // A header or a directive.
                    return true
                }
            } catch {
                // It may be a part of a record, of which the columns say enough.
                guard case .delimited(let table) = scanner, table.spansLines else { return false }
                return required.allSatisfy { group in group.contains { table.knownFields.contains($0) } }
            }
            return required.allSatisfy { group in group.contains { slices.has($0) } }
        }
    }
}
