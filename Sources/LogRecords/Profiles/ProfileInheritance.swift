internal import Yams

/// A profile's YAML, on top of the one that it inherits from.
enum ProfileInheritance {
    /// The text's mapping. What it does not say is as its base says; a section that both have is merged key by key, and
    /// a key without a value takes away what the base says.
    ///
    /// - Parameter base: the text of the profile of that name.
    static func mapping(_ text: String, base: (String) -> String?) throws(ProfileProblem) -> Node.Mapping {
        try mapping(text, base: base, depth: 0)
    }

    private static func mapping(
        _ text: String, base: (String) -> String?, depth: Int
    ) throws(ProfileProblem) -> Node.Mapping {
        let own = try parse(text)
        guard let node = own["inherits"] else { return own }
        guard let name = node.string, depth < 8, let text = base(name) else {
            throw ProfileProblem("inherits '\(node.string ?? "")', which is no profile", line: node.mark?.line)
        }
        var merged = try mapping(text, base: base, depth: depth + 1)
        for (key, value) in own { merge(value, at: key, into: &merged) }
        // A name is a profile's own.
        if own["name"] == nil { merged[Node("name")] = nil }
        return merged
    }

    private static func merge(_ value: Node, at key: Node, into merged: inout Node.Mapping) {
        if value.null != nil {
            merged[key] = nil
        } else if var section = merged[key]?.mapping, let own = value.mapping {
            for (key, value) in own { section[key] = value.null == nil ? value : nil }
            merged[key] = .mapping(section)
        } else {
            merged[key] = value
        }
    }

    private static func parse(_ text: String) throws(ProfileProblem) -> Node.Mapping {
        try checkSize(text)
        let root: Node?
        do {
            // All that a profile says is text: what else a scalar may look like need not be asked.
            root = try compose(yaml: text, .basic)
        } catch {
            throw ProfileProblem("not YAML: \(error)", line: line(of: error))
        }
        guard let mapping = root?.mapping else { throw ProfileProblem("is not a YAML mapping", line: 1) }
        return mapping
    }

    static let maxBytes = 256 << 10
    private static let maxAliases = 16

    /// Refuses what would cost more than any profile can be worth: an alias stands for all that its anchor holds, so a few
    /// lines of aliases for aliases stand for billions of nodes ("billion laughs").
    ///
    /// Sixteen aliases make at most some hundred times of what is written out; whatever may be one is counted.
    private static func checkSize(_ text: String) throws(ProfileProblem) {
        guard text.utf8.count <= maxBytes else {
            throw ProfileProblem("has \(text.utf8.count) bytes; a profile has \(maxBytes) at most", line: 1)
        }
        var aliases = 0
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let bytes = Array(line.utf8)
            for (place, byte) in bytes.enumerated() where byte == UInt8(ascii: "*") && place + 1 < bytes.count {
                let before = place == 0 ? UInt8(ascii: " ") : bytes[place - 1]
                if " \t\r[]{},:\"'".utf8.contains(before) && bytes[place + 1] > 0x20 { aliases += 1 }
            }
            if aliases > maxAliases {
                throw ProfileProblem("has more than \(maxAliases) aliases (*name); write them out", line: number + 1)
            }
        }
    }

    private static func line(of error: any Error) -> Int? {
        switch error as? YamlError {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        case .duplicatedKeysInMapping(_, let context): context.mark.line
        default: nil
        }
    }
}

extension Node.Mapping {
    /// The value of a key. Compares texts alone: the library's own look-up compares tags and styles as well, of each key in
    /// turn, and took a third of the time of reading the profiles.
    subscript(key: String) -> Node? { first { $0.key.scalar?.string == key }?.value }
}
