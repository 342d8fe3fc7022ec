import Testing

@testable import LogRecords

@Suite struct ProfileProblemTests {
    /// A profile with one fault, the line it stands on and what the message must say.
    struct Fault: Sendable, CustomTestStringConvertible {
        var yaml: String
        var line: Int
        var says: String
        var testDescription: String { says }
    }

    @Test(
        "a fault in a profile is named with its line",
        arguments: [
            Fault(yaml: "just text", line: 1, says: "is not a YAML mapping"),
            Fault(yaml: "name: x\nsyntax: json\ndelivery: {time: [a\n", line: 4, says: "not YAML"),
            Fault(yaml: "syntax: json\ndelivery: {time: a}", line: 1, says: "has no name"),
            Fault(yaml: "name: x\nsyntax: json", line: 1, says: "says of no line what it is"),
            Fault(yaml: "name: x\nsyntax: xml\ndelivery: {time: a}", line: 2, says: "syntax 'xml' is not one of json"),
            Fault(yaml: "name: x\ndelivery: {time: a}", line: 1, says: "syntax '' is not one of json"),
            Fault(
                yaml: "name: x\nsyntax: json\ncolour: red\ndelivery: {time: a}", line: 3,
                says: "'colour' is not one of name"),
            Fault(
                yaml: "name: x\nsyntax: json\ndelivery:\n  time: a\n  requestor: b", line: 5,
                says: "'requestor' is not one of when"),
            Fault(yaml: "name: x\nsyntax: json\ndelivery: a", line: 3, says: "'delivery' is not a mapping"),
            Fault(yaml: "name: x\nsyntax: json\ndelivery:\n  time: {of: a}", line: 4, says: "'of' is not one of field"),
            Fault(
                yaml: "name: x\nsyntax: json\ndelivery:\n  time: {unit: s}", line: 4, says: "needs a field or a value"),
            Fault(
                yaml: "name: x\nsyntax: json\ndelivery:\n  time: a\n  rtt: {field: b, unit: min}", line: 5,
                says: "unit 'min'"),
            Fault(
                yaml: "name: x\nsyntax: json\ndelivery:\n  time: a\n  camera:\n    field: b\n    extract: '/{camera}/'",
                line: 7,
                says: "exactly one {value}"),
            Fault(
                yaml: "name: x\nsyntax: json\ndelivery:\n  time: a\n  camera:\n    field: b\n    extract: '/{value'",
                line: 7,
                says: "'{' without '}'"),
            Fault(
                yaml: "name: x\nsyntax: json\ncache_status:\n  fresh: hot\ndelivery: {time: a}", line: 4,
                says: "'hot' is not one of unknown, hit"),
            Fault(yaml: "name: x\nsyntax: delimited\ndelivery: {time: a}", line: 2, says: "needs a delimiter"),
            Fault(yaml: "name: x\nsyntax: pattern\ndelivery: {time: a}", line: 2, says: "needs a pattern"),
            Fault(
                yaml: "name: x\nsyntax: pattern\npattern: '{a} {b}'\ndelivery: {time: c}", line: 3,
                says: "field 'c' is not in the pattern"),
            Fault(
                yaml: "name: x\nsyntax: csv\ncolumns: [a, b]\ndelivery: {time: c}", line: 3,
                says: "field 'c' is not in the columns"),
            Fault(
                yaml: "name: x\nsyntax: json\nignore:\n  - a\ndelivery: {time: a}", line: 4,
                says: "a condition is {field: value}"),
            Fault(
                yaml: "name: x\nsyntax: json\ndelivery:\n  when: {b: {is: c}}\n  time: a", line: 4,
                says: "is not text or a list of texts"),
            Fault(
                yaml: "name: x\nsyntax: json\ndelivery:\n  marks: begin\n  time: a", line: 4,
                says: "marks 'begin' is not one of start, end"),
            Fault(
                yaml: "name: x\nsyntax: json\nheaders: lie\ndelivery: {time: a}", line: 3,
                says: "headers 'lie' is not one of replaceable"),
            Fault(
                yaml: "name: x\nsyntax: json\nvalidators: mine\ndelivery: {time: a}", line: 3,
                says: "validators 'mine' is not one of client"),
            Fault(
                yaml: "name: x\nsyntax: json\nfills: send\ndelivery: {time: a}", line: 3,
                says: "fills 'send' is not one of stored, sent"),
            Fault(
                yaml: "name: x\nsyntax: pattern\npattern: '{a}'\nescapes: off\ndelivery: {time: a}", line: 4,
                says: "escapes 'off' is not one of none, backslash"),
        ])
    func fault(_ fault: Fault) throws {
        let problem = try #require(throws: ProfileProblem.self) { try ProfileLibrary(own: [("my.yaml", fault.yaml)]) }
        #expect(problem.message.contains(fault.says), "\(problem)")
        #expect(problem.line == fault.line, "\(problem)")
        #expect("\(problem)".hasPrefix("my.yaml:\(fault.line): "))
    }

    /// Each of nine lists holds the one before nine times: a third of a billion texts when written out.
    private static let laughs =
        "a0: &a0 [x]\n"
        + (1...9).map { "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ","))]\n" }
        .joined()

    @Test(
        "a profile that would cost more than it can be worth is refused at once",
        .timeLimit(.minutes(5)),
        arguments: [
            ("name: x\nsyntax: json\n\(laughs)recognize: *a9\ndelivery: {time: t}\n", "aliases"),
            ("name: x\nsyntax: json\n\(laughs)? *a9\n: y\ndelivery: {time: t}\n", "aliases"),
            ("[" + String(repeating: "[", count: 200_000), "not YAML"),
            ("a:\n" + (1..<600).map { String(repeating: " ", count: $0) + "a:\n" }.joined(), "'a' is not one of"),
            ("name: x\n# " + String(repeating: "x", count: 300_000), "262144 at most"),
            (
                "name: x\nsyntax: pattern\npattern: '{a}\(String(repeating: "a", count: 5000))b'\ndelivery: {time: a}",
                "4096 at most"
            ),
        ])
    func bomb(_ yaml: String, _ says: String) throws {
        let problem = try #require(throws: ProfileProblem.self) { try ProfileLibrary(own: [("my.yaml", yaml)]) }
        #expect(problem.message.contains(says), "\(problem)")
    }

    @Test("a few aliases are welcome, and asterisks that are none")
    func aliases() throws {
        let yaml = """
            name: x
            syntax: pattern
            pattern: ['*   << {a} >> {_}', '{a} * {b}']
            delivery: &it {time: a, requester: b}
            fill: *it
            """
        #expect(try ProfileLibrary(own: [("my.yaml", yaml)]).profiles[0].recordKinds == [.delivery, .fill])
    }

    /// What makes a backtracking engine try every split of the line.
    @Test("the longest line that nearly fits a pattern of many values is told at once", .timeLimit(.minutes(5)))
    func nearlyFitting() throws {
        let values = (0..<40).map { "{v\($0)}a" }.joined()
        let yaml = "name: x\nsyntax: pattern\npattern: '\(values)b'\ndelivery: {time: v0}\n"
        let profile = try ProfileLibrary(own: [("my.yaml", yaml)]).profiles[0]
        let parsed = Parsed([Array(repeating: UInt8(ascii: "a"), count: 1 << 20)], profile)
        #expect(parsed.batch.deliveries.isEmpty)
    }

    @Test("every shipped profile says what it reads, and can be read again from its own text")
    func shipped() throws {
        let library = try ProfileLibrary()
        for profile in library.profiles {
            #expect(
                !profile.title.isEmpty && !profile.recordKinds.isEmpty && !profile.mapping.isEmpty, "\(profile.name)")
            #expect(try ProfileReader.read(profile.text) { library.profile(named: $0)?.text }.name == profile.name)
        }
    }
}
