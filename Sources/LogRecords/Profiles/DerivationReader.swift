internal import Yams

/// How a profile says where a value comes from, beyond a field's name. A mapping's keys work in this order:
///
/// ```yaml
/// field: cs(Cookie)              # or a list: the first that gives a value
/// join: [date, time]             # or several fields together,
/// with: ' '                      # with this between them (a blank if not given)
/// decode: percent                # percent, base64, haproxy; a list for one after the other
/// query: acct                    # this parameter of the URL
/// cookie: sid                    # this cookie
/// jwt: sub                       # this claim of the token
/// cache_status: key              # this parameter of a Cache-Status field
/// members: feed_id               # this member of all objects in the JSON array, with ', ' between them
/// extract: '/v1/{value}/{_}'     # this part
/// normalize: url                 # url, lower
/// words: {true: HIT}             # other words; a value that is not listed is none
/// account_by: session            # the account that the session table has: session, address
/// ```
extension ProfileReader {
    private static let derivingKeys = [
        "join", "decode", "query", "cookie", "jwt", "cache_status", "members", "normalize", "words", "account_by",
    ]
    static let sourceKeys = ["field", "value", "extract", "unit", "yes", "sum", "with", "dash"] + derivingKeys

    static func derives(_ mapping: Node.Mapping) -> Bool { derivingKeys.contains { mapping[$0] != nil } }

    /// The section `derive`: values by name, which every other section may use like fields of the line.
    mutating func readDerivedFields(_ node: Node) throws(ProfileProblem) {
        guard let mapping = node.mapping else {
            throw ProfileProblem("'derive' is not a mapping of names", line: node.mark?.line)
        }
        for (key, value) in mapping {
            let name = key.string ?? ""
            let outputs = try outputs(value)
            guard !fields.contains(name) else {
                throw ProfileProblem("'\(name)' is a field already", line: key.mark?.line)
            }
            // Alternatives are one value each; together they are the first that is there.
            fields.append(name)
            derivations.append(Derivation(inputs: outputs, output: fields.count - 1))
        }
    }

    mutating func readCarry(_ node: Node) throws(ProfileProblem) -> Carry {
        guard let mapping = node.mapping, let by = mapping["by"]?.string, let names = mapping["fields"] else {
            throw ProfileProblem("carry needs 'by', a field, and 'fields', a list", line: node.mark?.line)
        }
        try check(mapping, allowed: ["by", "fields", "added"])
        var carry = Carry(by: numbers([by])[0], fields: numbers(try strings(names)))
        if let added = mapping["added"] {
            guard let (output, list) = added.mapping?.first, added.mapping?.count == 1, let name = output.string,
                let list = list.string
            else { throw ProfileProblem("added is {name: field}, one of 'fields'", line: added.mark?.line) }
            let numbers = numbers([name, list])
            guard carry.fields.contains(numbers[1]), numbers[0] != numbers[1] else {
                throw ProfileProblem("'\(list)' is none of the fields that are carried", line: added.mark?.line)
            }
            carry.added = (numbers[0], numbers[1])
        }
        return carry
    }

    /// The fields that hold what a node says, in order of preference.
    mutating func outputs(_ node: Node) throws(ProfileProblem) -> [Int] {
        if let sequence = node.sequence {
            var all: [Int] = []
            for item in sequence { all += try outputs(item) }
            return all
        }
        guard let mapping = node.mapping else { return numbers(try strings(node)) }
        try check(mapping, allowed: Self.sourceKeys.filter { !["yes", "unit", "sum", "dash"].contains($0) })
        return [try derive(mapping, node)]
    }

    /// Adds a derivation; returns the field that receives its value.
    mutating func derive(_ mapping: Node.Mapping, _ node: Node) throws(ProfileProblem) -> Int {
        var derivation = Derivation()
        if let field = mapping["field"] { derivation.inputs = try outputs(field) }
        if let join = mapping["join"] {
            derivation.inputs = try outputs(join)
            derivation.joiner = Array((mapping["with"]?.string ?? " ").utf8)
        }
        derivation.constant = mapping["value"]?.string.map { Array($0.utf8) }
        guard !derivation.inputs.isEmpty || derivation.constant != nil else {
            throw ProfileProblem("needs a field, fields to join, or a value", line: node.mark?.line)
        }
        derivation.steps = try steps(mapping)
        // No line has a field of this name.
        fields.append("\u{0}\(derivations.count)")
        derivation.output = fields.count - 1
        derivations.append(derivation)
        return derivation.output
    }

    private func steps(_ mapping: Node.Mapping) throws(ProfileProblem) -> [Derivation.Step] {
        var steps: [Derivation.Step] = []
        if let decode = mapping["decode"] {
            for word in try strings(decode) {
                switch word {
                case "percent": steps.append(.percent)
                case "base64": steps.append(.base64)
                case "haproxy": steps.append(.haproxy)
                default:
                    throw ProfileProblem(
                        "decode '\(word)' is not one of percent, base64, haproxy", line: decode.mark?.line)
                }
            }
        }
        if let name = mapping["query"]?.string { steps.append(.query(Array(name.utf8))) }
        if let name = mapping["cookie"]?.string { steps.append(.cookie(Array(name.utf8))) }
        if let name = mapping["jwt"]?.string {
            steps.append(.claim(name, JSONScanner(fields: [name], takesFirst: true)))
        }
        if let name = mapping["cache_status"]?.string { steps.append(.cacheParameter(name)) }
        if let name = mapping["members"]?.string {
            steps.append(.members(name, JSONScanner(fields: [name], takesFirst: true)))
        }
        if let extract = mapping["extract"] { steps.append(.extract(try valueTemplate(extract))) }
        switch try word("normalize", of: ["url", "lower"], mapping) {
        case "url": steps.append(.url)
        case "lower": steps.append(.lowercase)
        default: break
        }
        if let words = mapping["words"] {
            guard let list = words.mapping else {
                throw ProfileProblem("words is {value: word, …}", line: words.mark?.line)
            }
            var meanings: [[UInt8]: [UInt8]] = [:]
            for (value, word) in list { meanings[Array((value.string ?? "").utf8)] = Array((word.string ?? "").utf8) }
            steps.append(.words(meanings))
        }
        if let column = try word("account_by", of: SessionTable.Column.allCases.map(\.rawValue), mapping) {
            steps.append(.account(column == "address" ? .address : .session))
        }
        return steps
    }
}
