internal import CBytes

/// The members that JSON profiles ask for, in one place, so that a line is held against all profiles at once without looking
/// through its text for each of them.
struct MemberIndex: Sendable {
    /// By a member's hash: the groups that it stands in.
    private var groups: [UInt64: [Int]] = [:]
    /// Which hashes are there, by their last bits: most members of a line are in no group.
    private var filter = [UInt64](repeating: 0, count: 64)
    private var groupCount = 0
    /// By profile: its groups, of each of which a member must stand on a line; nil if it reads no JSON.
    private var ofProfile: [Range<Int>?] = []

    init(_ scouts: [ProfilePrefilter]) {
        for scout in scouts {
            guard let members = scout.members else {
                ofProfile.append(nil)
                continue
            }
            for (index, group) in members.enumerated() {
                for member in group { add(member.withUnsafeBytes(Self.hash), to: groupCount + index) }
            }
            ofProfile.append(groupCount..<(groupCount + members.count))
            groupCount += members.count
        }
    }

    private mutating func add(_ hash: UInt64, to group: Int) {
        groups[hash, default: []].append(group)
        filter[Int(hash >> 6 & 63)] |= 1 << (hash & 63)
    }

    /// What a line of JSON has of that: a bit for each group.
    struct Members: Equatable {
        fileprivate var found: [UInt64]

        fileprivate func has(_ group: Int) -> Bool { found[group >> 6] >> UInt64(group & 63) & 1 == 1 }
    }

    /// Whether a line may have what a profile asks for.
    func mayFit(_ profile: Int, _ members: Members) -> Bool {
        guard let own = ofProfile[profile] else { return true }
        return own.allSatisfy(members.has)
    }

    /// What stands on a line between quotes and is followed by a colon; nil if some of it may be written with escapes.
    func members(of line: UnsafeRawBufferPointer) -> Members? {
        let quote = UInt8(ascii: "\"")
        if Bytes.index(of: UInt8(ascii: "\\"), in: line) != nil { return nil }
        var members = Members(found: [UInt64](repeating: 0, count: groupCount / 64 + 1))
        var offset = 0
        while let start = Bytes.index(of: quote, in: line, from: offset),
            let end = Bytes.index(of: quote, in: line, from: start + 1)
        {
            offset = end + 1
            // A blank may stand before the colon.
            guard offset < line.count, line[offset] == UInt8(ascii: ":") || line[offset] <= 0x20 else { continue }
            let text = line[(start + 1)..<end]
            note(UnsafeRawBufferPointer(rebasing: text), &members)
            // A member may be written as its path.
            if let dot = text.lastIndex(of: UInt8(ascii: ".")) {
                note(UnsafeRawBufferPointer(rebasing: text[(dot + 1)...]), &members)
            }
        }
        return members
    }

    private func note(_ text: UnsafeRawBufferPointer, _ members: inout Members) {
        let hash = Self.hash(text)
        guard filter[Int(hash >> 6 & 63)] >> (hash & 63) & 1 == 1 else { return }
        for group in groups[hash] ?? [] { members.found[group >> 6] |= 1 << UInt64(group & 63) }
    }

    private static func hash(_ text: UnsafeRawBufferPointer) -> UInt64 {
        digest_of_bytes(text.baseAddress?.assumingMemoryBound(to: UInt8.self), text.count)
    }
}
