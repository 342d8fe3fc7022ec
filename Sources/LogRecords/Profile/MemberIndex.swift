internal import CBytes

/// The members that JSON profiles ask for, as hashes in one place, so that a line is held against all profiles at once without
/// looking through its text for each of them.
struct MemberIndex: Sendable {
    private var hashes: [UInt64] = []
    /// Ranges of `hashes`: of each one must stand on a line.
    private var groups: [Range<Int>] = []
    /// By profile: its groups; nil if it reads no JSON.
    private var ofProfile: [Range<Int>?] = []

    init(_ scouts: [Scout]) {
        for scout in scouts {
            guard let members = scout.members else {
                ofProfile.append(nil)
                continue
            }
            let first = groups.count
            for group in members {
                let start = hashes.count
                hashes += group.map { member in member.withUnsafeBytes(Self.hash) }
                groups.append(start..<hashes.count)
            }
            ofProfile.append(first..<groups.count)
        }
    }

    /// Whether a line may have what a profile asks for.
    ///
    /// - Parameter strings: as `strings(of:)` has them.
    func mayFit(_ profile: Int, _ strings: [UInt64]) -> Bool {
        guard let own = ofProfile[profile] else { return true }
        for group in groups[own] where !hashes[group].contains(where: strings.contains) { return false }
        return true
    }

    /// The hashes of all that stands between quotes on a line; nil if some may be written with escapes.
    static func strings(of line: UnsafeRawBufferPointer) -> [UInt64]? {
        var strings: [UInt64] = []
        var start: Int?
        for (index, byte) in line.enumerated() {
            if byte == UInt8(ascii: "\\") { return nil }
            guard byte == UInt8(ascii: "\"") else { continue }
            if let first = start {
                let text = line[first..<index]
                strings.append(hash(UnsafeRawBufferPointer(rebasing: text)))
                // A member may be written as its path.
                if let dot = text.lastIndex(of: UInt8(ascii: ".")) {
                    strings.append(hash(UnsafeRawBufferPointer(rebasing: text[(dot + 1)...])))
                }
                start = nil
            } else {
                start = index + 1
            }
        }
        return strings
    }

    private static func hash(_ text: UnsafeRawBufferPointer) -> UInt64 {
        digest_of_bytes(text.baseAddress?.assumingMemoryBound(to: UInt8.self), text.count)
    }
}
