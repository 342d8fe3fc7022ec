import Testing

@testable import LogRecords

/// The line syntaxes beside JSON: patterns, delimited values and logfmt.
@Suite struct SyntaxTests {
    /// The template's values by name, or the offset at which the line stops fitting.
    private func match(_ template: String, _ line: String, honoursEscapes: Bool = true) throws -> (
        [String: String], Int?
    ) {
        let template = try LineTemplate(template, honoursEscapes: honoursEscapes)
        var found: [String: String] = [:]
        let stop = Array(line.utf8).withUnsafeBytes { bytes in
            template.match(bytes) { name, range in
                found[template.names[name]] = String(decoding: bytes[range], as: UTF8.self)
            }
        }
        return (found, stop)
    }

    @Test("a pattern's values are what stands between its texts")
    func values() throws {
        let (found, stop) = try match(
            #"{a} - {b} [{time}] "{uri}" {_} {n:digits}"#, #"x - - [26/Dec 09:12] "/v1?a b" junk 42"#)
        #expect(found == ["a": "x", "b": "-", "time": "26/Dec 09:12", "uri": "/v1?a b", "n": "42"])
        #expect(stop == nil)
    }

    @Test("one blank of a pattern fits the padding of a column, and an empty value is a value")
    func padding() throws {
        #expect(
            try match("{ts} {ms} {ip}", "1795475845.450     71 127.0.0.1").0 == [
                "ts": "1795475845.450", "ms": "71", "ip": "127.0.0.1",
            ])
        #expect(try match(#"u="{u}" k={k}"#, #"u="" k="#).0 == ["u": "", "k": ""])
    }

    @Test("a quote that the log escapes does not end a value, unless the log escapes nothing")
    func quotes() throws {
        let line = #"ua="MiHome (\"Küche\" tablet \\ 2)" err=-"#
        #expect(try match(#"ua="{ua}" err={e}"#, line).0 == ["ua": #"MiHome (\"Küche\" tablet \\ 2)"#, "e": "-"])
        #expect(try match(#"ua="{ua}" err={e}"#, #"ua="ends in a backslash \\" err=-"#).0["e"] == "-")
        let bare = try match(#"inm="{inm}" range="{r}""#, #"inm=""7d57699b64d78902"" range="-""#, honoursEscapes: false)
        #expect(bare.0 == ["inm": #""7d57699b64d78902""#, "r": "-"])
    }

    @Test("a line that does not fit says at which byte")
    func stops() throws {
        #expect(try match("[{time}] {a}", "26/Dec x").1 == 0)
        #expect(try match("[{time}] {a}", "[26/Dec x").1 == 1)
        #expect(try match("{a} {n:digits} {b}", "x 4z y").1 == 2)
        #expect(try match("{a} {n:digits} {b}", "x  y").1 == 3)
        #expect(try match("{a}]", "x] tail").1 == 2)
    }

    @Test("a hostile line costs no more than its length")
    func hostile() throws {
        let line = String(repeating: #"\" "#, count: 300_000)
        let begun = ContinuousClock.now
        #expect(try match(#"a "{x}" b "{y}" c"#, line).1 == 0)
        #expect(try match(#"\"{x}" b "{y}" c"#, line).1 != nil)
        let spent = ContinuousClock.now - begun
        #expect(spent < .seconds(5))
    }

    @Test(
        "a pattern that cannot work is a problem with its place",
        arguments: [
            ("{a", "'{' without '}'"), ("{a}{b}", "no text between two values"), ("{}", "is not {name}"),
            ("{a:words}", "is not {name}"),
        ])
    func badPattern(_ pattern: String, _ expected: String) throws {
        let yaml = "name: x\nsyntax: pattern\npattern: '\(pattern)'\ndelivery: {time: a}\n"
        let problem = try #require(throws: ProfileProblem.self) { try ProfileReader.read(yaml) }
        #expect(problem.message.contains(expected), "\(problem)")
        #expect(problem.line == 3)
    }

    // MARK: Delimited values

    /// The requesters and keys of the deliveries, and what became of the other lines.
    private func read(_ head: String, _ lines: [String]) throws -> (rows: [String], outcomes: [LineOutcome]) {
        let yaml = head + "\ndelivery: {time: ts, requester: account, key: key}\n"
        let parsed = Parsed(lines.map { Array($0.utf8) }, try ProfileReader.read(yaml))
        let rows = parsed.batch.deliveries.map { "\(parsed.text($0.requester))|\(parsed.text($0.key))" }
        return (rows, parsed.outcomes.filter { $0 != .accepted })
    }

    @Test(
        "CSV with a header: quotes, doubled quotes, commas inside, columns in any order, a byte order mark and quoted names"
    )
    func csv() throws {
        let (rows, others) = try read(
            "name: x\nsyntax: csv",
            [
                "\u{feff}KEY,\"ts\", account,note", #"k1,1577351577,plain,"#,
                #""k,2",1577351577,"O""Brien, ""Al""","x""#,
                #"k3,1577351577,,"""#,
            ])
        #expect(rows == ["plain|k1", #"O"Brien, "Al"|k,2"#, "|k3"])
        #expect(others == [.ignored])
    }

    @Test("CSV with too few or too many values, or a quote that does not end, is refused with its offset")
    func brokenCSV() throws {
        let (rows, others) = try read(
            "name: x\nsyntax: csv", ["ts,account,key", "1577351577,a", "1577351577,a,k,", #"1577351577,"a"b,k"#])
        #expect(rows.isEmpty)
        #expect(
            others == [
                .ignored, .rejected(.columnCount, offset: 11), .rejected(.columnCount, offset: 15),
                .rejected(.openQuote, offset: 11),
            ])
    }

    @Test("tabs and other delimiters, with the columns that the profile names")
    func delimiters() throws {
        #expect(
            try read("name: x\nsyntax: tsv\ncolumns: [ts, account, key]", ["1577351577\t\"a\"\tk 1"]).rows == [
                #""a"|k 1"#
            ])
        #expect(
            try read(
                "name: x\nsyntax: delimited\ndelimiter: ';'\ncolumns: [key, _, ts, account]", [#""k;1";;1577351577;a"#]
            ).rows
                == ["a|k;1"])
    }

    @Test("W3C columns may change midway; before the first #Fields there are none")
    func w3c() throws {
        let (rows, others) = try read(
            "name: x\nsyntax: w3c",
            [
                "#Version: 1.0", "1577351577\ta\tk", "#Fields: ts account key", "1577351577\ta\tk1",
                "#Fields:\tkey\tsc-bytes\tts\taccount", "k2\t17\t1577351577\tb", "1577351577\ta\tk1",
            ])
        #expect(rows == ["a|k1", "b|k2"])
        #expect(
            others == [
                .ignored, .rejected(.noColumns, offset: 0), .ignored, .ignored, .rejected(.columnCount, offset: 13),
            ])
    }

    @Test("logfmt: quotes, escapes, flags without a value, tabs, the last of two")
    func logfmt() throws {
        let (rows, others) = try read(
            "name: x\nsyntax: logfmt",
            [
                #"ts=1577351577 account="a \"b\" \\" key=k=1 flag level=info"#,
                "flag\tts=1577351577\taccount=x\taccount=y key=\"\"",
                #"ts=1577351577 account="open"#, "no pairs at all",
            ])
        #expect(rows == [#"a "b" \|k=1"#, "y|"])
        #expect(others == [.rejected(.openQuote, offset: 22), .rejected(.patternMismatch, offset: 0)])
    }
}
