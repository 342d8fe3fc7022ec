/// A value that does not stand on the line by itself but can be taken out of it: a parameter of a URL, a cookie, a
/// token's claim, two columns put together.
struct Derivation: Sendable {
    /// The fields to look at; the first that has a value counts.
    var inputs: [Int] = []
    /// Put between the inputs, where all of them together are the value.
    var joiner: [UInt8]?
    /// The value where no input has one.
    var constant: [UInt8]?
    var steps: [Step] = []
    /// The field that receives the value.
    var output = 0

    /// One thing done to a value; a value of which it makes nothing is no value.
    enum Step: Sendable {
        /// `%41` is `A` (RFC 3986 section 2.1). CloudFront encodes what was encoded already: it needs two.
        case percent
        case base64
        /// `#41` is `A`: HAProxy's log of captured header fields (its manual, section 8.6).
        case haproxy
        /// A parameter of a URL's query, or of a query alone (WHATWG URL, application/x-www-form-urlencoded).
        case query([UInt8])
        /// A cookie of a Cookie header field (RFC 6265 section 4.2.1).
        case cookie([UInt8])
        /// A claim of a JSON Web Token (RFC 7519), whose signature is not verified; `Bearer` before it is passed over.
        case claim(String, JSONScanner)
        /// A parameter of the last member of a Cache-Status field (RFC 9211).
        case cacheParameter(String)
        /// The values of a member of all objects in a JSON array, each once, with commas and blanks between them; `[]` if none
        /// has it.
        case members(String, JSONScanner)
        /// Takes `{value}` out.
        case extract(LineTemplate)
        case lowercase
        /// As a cache would compare URLs (RFC 3986 section 6.2.2 and 6.2.3).
        case url
        /// Other words for some values; every other value is none.
        case words([[UInt8]: [UInt8]])
        /// The account that a table has for the value at the line's time.
        case account(SessionTable.Column)
    }

    /// Whether it asks the session table, and so needs the line's time first.
    var asksSessions: Bool {
        steps.contains { if case .account = $0 { true } else { false } }
    }
}

/// Values that a line without them takes over from an earlier line of the same session, connection or transaction.
struct Carry: Sendable {
    /// The field that says which.
    var by: Int
    var fields: [Int]
    /// A field that receives what a line adds to a list in another one: of the list's items those that the session did not have
    /// before, and all where the line takes the list over.
    var added: (output: Int, list: Int)?
}

extension Derivation {
    /// What it does, for people: `cookie sid of cs(Cookie)`.
    func summary(_ fields: [String], _ all: [Derivation]) -> String {
        func name(_ field: Int) -> String {
            all.first { $0.output == field }?.summary(fields, all) ?? fields[field]
        }
        let quoted = constant.map { ["'\(String(decoding: $0, as: UTF8.self))'"] } ?? []
        let source = (inputs.map(name) + quoted).joined(separator: joiner == nil ? " or " : " and ")
        let words = steps.reversed().compactMap { step -> String? in
            switch step {
            case .percent, .haproxy: "decoded"
            case .base64: "base64 of"
            case .query(let name): "parameter \(String(decoding: name, as: UTF8.self)) of"
            case .cookie(let name): "cookie \(String(decoding: name, as: UTF8.self)) of"
            case .claim(let name, _): "claim \(name) of the unverified token in"
            case .cacheParameter(let name): "Cache-Status \(name) of"
            case .members(let name, _): "\(name) of all in"
            case .extract: "part of"
            case .lowercase: "lower case of"
            case .url: "normalised"
            case .words: "word for"
            case .account(let column): "account by \(column.rawValue) and time, of"
            }
        }
        return (words + [source]).joined(separator: " ")
    }
}
