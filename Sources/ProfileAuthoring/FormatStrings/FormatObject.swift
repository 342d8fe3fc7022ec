import LogRecords
internal import Yams

/// A format that writes JSON objects: `{"account":"$http_x_account","request":"$request"}`.
struct FormatObject {
    /// The members that the lines have, by their paths.
    private(set) var members: [String] = []
    /// The values that they hold, some as parts of them.
    private(set) var fields: [FormatString.Field] = []
    /// For the profile's section `derive`: parts of members, by name.
    private(set) var derived: [(Node, Node)] = []

    /// - Throws: `ProfileProblem` if no member holds a value.
    init(_ tokens: [FormatString.Token], _ server: FormatString.Server) throws(ProfileProblem) {
        var walk = Walk()
        for token in tokens {
            switch token {
            case .text(let text): for character in text { walk.take(character) }
            case .variable: walk.take(token)
            }
        }
        walk.endValue()
        for member in walk.members {
            members.append(member.path)
            add(member, server)
        }
        guard !fields.isEmpty else { throw ProfileProblem("the format's JSON names no member") }
    }

    private mutating func add(_ member: Member, _ server: FormatString.Server) {
        if member.value.count == 1, let variable = member.value[0].variable {
            fields.append(
                FormatString.Field(name: member.path, variable: variable, value: server.value(of: variable)))
            return
        }
        // Values and texts by turns: each value is a part of the member's.
        for (place, token) in member.value.enumerated() {
            guard let variable = token.variable, !variable.isEmpty else { continue }
            let found = server.value(of: variable)
            guard found.meaning != .other, !server.isBeforeTarget(member.value, place),
                !fields.contains(where: { $0.variable == variable })
            else { continue }
            let pattern = member.value.enumerated().map { other, token -> String in
                switch token {
                case .text(let text): return text.replacing("{", with: "{{").replacing("}", with: "}}")
                case .variable where server.isBeforeTarget(member.value, other): return "{_:segment}"
                case .variable(let variable):
                    // The member's escapes are off by then: a quote in a target is the client's.
                    let own = server.value(of: variable).type
                    let type = own.flatMap { $0 == .target ? nil : ":\($0.rawValue)" } ?? ""
                    return other == place ? "{value\(type)}" : "{_\(type)}"
                }
            }.joined()
            let name = FormatString.fieldName("\(member.path) \(variable)", among: members + fields.map(\.name))
            derived.append(
                (Node(name), ["field": Node(member.path), "extract": Node(pattern, Tag(.str), .singleQuoted)]))
            fields.append(FormatString.Field(name: name, variable: variable, value: found))
        }
    }

    /// A member with the pieces of its value, of which one is a variable at least.
    private struct Member {
        var path: String
        var value: [FormatString.Token]
    }

    /// Follows the format's own JSON, in which variables stand for what they will hold.
    private struct Walk {
        private(set) var members: [Member] = []
        private var path: [String] = []
        /// The text between quotes read last or being read.
        private var text = ""
        private var isQuoted = false
        private var isEscaped = false
        /// The name of the member whose value comes or is being read.
        private var name: String?
        private var value: [FormatString.Token] = []

        mutating func take(_ character: Character) {
            if isQuoted {
                if character == "\"", !isEscaped {
                    isQuoted = false
                    if name != nil { endValue() }
                    return
                }
                isEscaped = character == "\\" && !isEscaped
                if name == nil { text.append(character) } else { append(character) }
                return
            }
            switch character {
            case "\"":
                isQuoted = true
                if name == nil { text = "" }
            case ":": if name == nil { name = text }
            case "{", "[":
                path.append(name ?? "")
                name = nil
            case ",": endValue()
            case "}", "]":
                endValue()
                _ = path.popLast()
            default: break
            }
        }

        mutating func take(_ variable: FormatString.Token) { if name != nil { value.append(variable) } }

        mutating func endValue() {
            if let name, value.contains(where: { $0.variable != nil }) {
                members.append(
                    Member(path: (path + [name]).filter { !$0.isEmpty }.joined(separator: "."), value: value))
            }
            (name, value) = (nil, [])
        }

        private mutating func append(_ character: Character) {
            if case .text(let before)? = value.last {
                value[value.count - 1] = .text(before + String(character))
            } else {
                value.append(.text(String(character)))
            }
        }
    }
}
