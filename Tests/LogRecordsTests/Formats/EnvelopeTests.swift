import Interning
import Testing

@testable import LogRecords

/// One line of nginx in every envelope that a collector puts around it.
@Suite struct EnvelopeTests {
    static let line =
        #"127.0.0.1 - acct-7 [25/Nov/2026:02:02:41 +0000] "GET /v1/cameras/5525/snapshot HTTP/1.1" 200 34 "-" "MiHome/5.6" "HIT""#
    static let inJSON = line.replacing("\"", with: "\\\"")
    static let reads = ["requester": "acct-7", "camera": "5525", "cache": "hit", "time": "2026-11-25T02:02:41.000000Z"]

    static func sample(_ envelopes: Envelope..., lines: String...) -> FormatSample {
        FormatSample(profile: "nginx-combined", backing: .documented, envelopes: envelopes, lines: lines, reads: reads)
    }

    /// A syslog message with its length before it.
    private static func frame(_ message: String) -> String { "\(message.utf8.count) \(message)" }

    static let samples = [
        // docs.docker.com, JSON File logging driver.
        sample(
            .docker,
            lines: "{\"log\":\"\(inJSON)\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-25T02:02:41.123456789Z\"}"),
        // A piece of a line of one stream, a line of the other, and the rest of the first.
        sample(
            .docker,
            lines:
                "{\"log\":\"\(inJSON.prefix(40))\",\"stream\":\"stdout\",\"time\":\"2026-11-25T02:02:41.1Z\"}",
            "{\"log\":\"[warn] buffered\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-25T02:02:41.2Z\"}",
            "{\"log\":\"\(inJSON.dropFirst(40))\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-25T02:02:41.3Z\"}"),
        sample(
            .cri, lines: "2026-11-25T02:02:41.669794202Z stdout P \(line.prefix(50))",
            "2026-11-25T02:02:41.669794202Z stderr F [warn] buffered",
            "2026-11-25T02:02:41.669794202Z stdout F \(line.dropFirst(50))"),
        // Docker's fluentd driver: two lines in pieces at once.
        sample(
            .fluentBit,
            lines:
                "{\"source\":\"stdout\",\"log\":\"other \",\"partial_message\":\"true\",\"partial_id\":\"a2\",\"partial_ordinal\":\"1\",\"partial_last\":\"false\"}",
            "{\"source\":\"stdout\",\"log\":\"\(inJSON.prefix(40))\",\"partial_message\":\"true\",\"partial_id\":\"a1\",\"partial_ordinal\":\"1\",\"partial_last\":\"false\"}",
            "{\"source\":\"stdout\",\"log\":\"line\",\"partial_message\":\"true\",\"partial_id\":\"a2\",\"partial_ordinal\":\"2\",\"partial_last\":\"true\"}",
            "{\"source\":\"stdout\",\"log\":\"\(inJSON.dropFirst(40))\",\"partial_message\":\"true\",\"partial_id\":\"a1\",\"partial_ordinal\":\"2\",\"partial_last\":\"true\"}"
        ),
        // Fluent Bit's parser of a container's lines keeps the tag.
        sample(
            .fluentBit,
            lines: "{\"stream\":\"stdout\",\"_p\":\"P\",\"log\":\"\(inJSON.prefix(40))\"}",
            "{\"stream\":\"stdout\",\"_p\":\"F\",\"log\":\"\(inJSON.dropFirst(40))\"}"),
        sample(
            .fluentBit,
            lines: "{\"stream\":\"stdout\",\"logtag\":\"P\",\"log\":\"\(inJSON.prefix(40))\"}",
            "{\"stream\":\"stdout\",\"logtag\":\"F\",\"log\":\"\(inJSON.dropFirst(40))\"}"),
        // docker compose logs, plain and coloured; kubectl logs --prefix.
        sample(.compose, lines: "relay-1  | \(line)"),
        sample(.compose, lines: "\u{1b}[36mrelay-1  | \u{1b}[0m\(line)"),
        // docker-compose 1.
        sample(.compose, lines: "\u{1b}[36mrelay_1  |\u{1b}[0m \(line)"),
        sample(.compose, .cloudWatch, lines: "relay-1  | 2026-11-25T02:02:41.669794202Z \(line)"),
        sample(.kubectl, lines: "[pod/relay-7c9/nginx] \(line)"),
        // RFC 6587 section 3.4.1, with a line break behind each message and without.
        sample(.syslogFrames, lines: frame("<190>Nov 25 02:02:41 relay nginx: \(line)")),
        sample(
            .syslogFrames,
            lines: frame("<190>1 2026-11-25T02:02:41.003Z relay nginx - - - \(line)\n").dropLast(1).description),
        // RFC 5424 section 6.4: a byte order mark before a message in UTF-8.
        sample(.syslog, lines: "<190>1 2026-11-25T02:02:41.003Z relay nginx - - - \u{feff}\(line)"),
        // RFC 3164 section 4.3.2: what is no tag belongs to the message.
        sample(.syslogWithoutTag, lines: "<190>Nov 25 02:02:41 relay \(line)"),
        sample(.syslogWithoutTag, lines: "Nov 25 02:02:41 relay \(line)"),
        // With a year, as Cisco's and rsyslog's templates write it.
        sample(.syslog, lines: "<190>Nov 25 2026 02:02:41 relay nginx: \(line)"),
        sample(.syslog, lines: "2026 Nov 25 02:02:41 relay nginx: \(line)"),
        sample(.syslog, lines: "Nov 25 02:02:41 2026 relay nginx: \(line)"),
        // journalctl(1): short, short-precise, short-iso, short-iso-precise, short-full, short-unix, short-monotonic,
        // short-delta.
        sample(
            .syslog, lines: "-- Boot 1a2b3c4d5e6f --", "Nov 25 02:02:41 relay nginx[77]: \(line)"),
        sample(.syslog, lines: "Nov 25 02:02:41.123456 relay nginx[77]: \(line)"),
        sample(.syslog, lines: "2026-11-25T02:02:41+0000 relay nginx[77]: \(line)"),
        sample(.syslog, lines: "2026-11-25T02:02:41.123456+0000 relay nginx[77]: \(line)"),
        sample(.syslog, lines: "Wed 2026-11-25 02:02:41 UTC relay nginx[77]: \(line)"),
        sample(.syslog, lines: "1795572161.123456 relay nginx[77]: \(line)"),
        sample(.syslog, lines: "[ 1234.567890] relay nginx[77]: \(line)"),
        sample(.syslog, lines: "[ 1234.567890 <    0.000012 >] relay nginx[77]: \(line)"),
        // A message that is not UTF-8 is an array of its bytes.
        sample(
            .journalJSON,
            lines:
                "{\"__REALTIME_TIMESTAMP\":\"1795572161000000\",\"MESSAGE\":[\(line.utf8.map(String.init).joined(separator: ","))]}"
        ),
        // What is longer than 16 KiB comes in pieces; only the last ends with a newline.
        sample(
            .docker,
            lines:
                "{\"log\":\"\(inJSON.prefix(40))\",\"stream\":\"stdout\",\"time\":\"2026-11-25T02:02:41.123456789Z\"}",
            "{\"log\":\"\(inJSON.dropFirst(40))\\r\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-25T02:02:41.123456789Z\"}"
        ),
        // Kubernetes design proposals, kubelet CRI logging: F for a full line, P for a part.
        sample(.cri, lines: "2026-11-25T02:02:41.669794202Z stdout F \(line)"),
        sample(
            .cri, lines: "2026-11-25T02:02:41.669794202Z stdout P \(line.prefix(50))",
            "2026-11-25T02:02:41.669794202Z stdout F \(line.dropFirst(50))"),
        // systemd.io, Journal Export Formats: an empty line ends an entry.
        sample(
            .journalExport,
            lines: "__CURSOR=s=739ad463348b4ceca5a9e69c95a3c93f;i=4ece7", "__REALTIME_TIMESTAMP=1795572161000000",
            "_HOSTNAME=relay", "PRIORITY=6", "MESSAGE=\(line)", "_PID=7", ""),
        // A value that is no plain text: the name alone, its length in eight bytes, the value.
        sample(
            .journalExport,
            lines: "__REALTIME_TIMESTAMP=1795572161000000", "MESSAGE",
            String(decoding: [UInt8(line.utf8.count), 0, 0, 0, 0, 0, 0, 0], as: UTF8.self) + line, "_PID=7", ""),
        sample(
            .journalJSON,
            lines: "{\"__REALTIME_TIMESTAMP\":\"1795572161000000\",\"_HOSTNAME\":\"relay\",\"MESSAGE\":\"\(inJSON)\"}"
        ),
        // Fluent Bit's tail input without a parser.
        sample(
            .fluentBit, lines: "{\"date\":1795572161.5,\"log\":\"\(inJSON)\",\"kubernetes\":{\"pod_name\":\"relay-0\"}}"
        ),
        // Vector's file source.
        sample(
            .vector,
            lines:
                "{\"file\":\"/var/log/a.log\",\"host\":\"relay\",\"message\":\"\(inJSON)\",\"source_type\":\"file\",\"timestamp\":\"2026-11-25T02:02:41.5Z\"}"
        ),
        // logcli -o jsonl.
        sample(
            .loki,
            lines:
                "{\"labels\":{\"job\":\"nginx\"},\"line\":\"\(inJSON)\",\"timestamp\":\"2026-11-25T02:02:41.123456789Z\"}"
        ),
        // logcli's own way to print, with labels that have a brace and a quote in them, and without any.
        sample(.logcli, lines: "2026-11-25T02:02:41Z {app=\"nginx\", pod=\"a}\\\"b\"} \(line)"),
        sample(.logcli, lines: "2026-11-25T02:02:41Z {}                 \(line)"),
        // go2docs.graylog.org, GELF payload specification.
        sample(
            .gelf,
            lines:
                "{\"version\":\"1.1\",\"host\":\"relay\",\"short_message\":\"\(inJSON)\",\"timestamp\":1795572161.5,\"level\":6,\"_container_name\":\"nginx\"}"
        ),
        // Splunk's REST API, export of a search in JSON, and an event's fields alone.
        sample(
            .splunk,
            lines:
                "{\"preview\":false,\"offset\":0,\"result\":{\"_time\":\"2026-11-25T02:02:41.000+00:00\",\"host\":\"relay\",\"_raw\":\"\(inJSON)\"}}"
        ),
        sample(.splunk, lines: "{\"_raw\":\"\(inJSON)\",\"_time\":1795572161.5}"),
        // Google Cloud Logging, LogEntry.
        sample(
            .cloudLogging,
            lines:
                "{\"insertId\":\"x1\",\"textPayload\":\"\(inJSON)\",\"resource\":{\"type\":\"k8s_container\"},\"timestamp\":\"2026-11-25T02:02:41.5Z\",\"logName\":\"projects/x/logs/stdout\"}"
        ),
        // docs.fluentd.org, file output plugin: its default format.
        sample(.fluentd, .fluentBit, lines: "2026-11-25T02:02:41+00:00\tnginx.access\t{\"log\":\"\(inJSON)\"}"),
        // syslog-ng, the template function format-json; rsyslog, a template of its properties, whose message keeps the blank.
        sample(
            .syslogNG,
            lines:
                "{\"PROGRAM\":\"nginx\",\"PRIORITY\":\"info\",\"MESSAGE\":\"\(inJSON)\",\"HOST\":\"relay\",\"FACILITY\":\"local7\",\"DATE\":\"Nov 25 02:02:41\"}"
        ),
        sample(
            .vector,
            lines:
                "{\"timestamp\":\"2026-11-25T02:02:41+00:00\",\"host\":\"relay\",\"severity\":\"info\",\"message\":\" \(inJSON)\",\"programname\":\"nginx\"}"
        ),
        // Splunk, HTTP Event Collector; Datadog, archives and the search's answers.
        sample(
            .splunkHEC,
            lines:
                "{\"time\":1795572161,\"host\":\"e1\",\"source\":\"access\",\"sourcetype\":\"nginx\",\"event\":\"\(inJSON)\"}"
        ),
        sample(
            .datadog,
            lines:
                "{\"_id\":\"x\",\"date\":\"2026-11-25T02:02:41.000Z\",\"service\":\"nginx\",\"source\":\"nginx\",\"message\":\"\(inJSON)\",\"attributes\":{}}"
        ),
        sample(
            .datadog,
            lines:
                "{\"id\":\"x0\",\"content\":{\"timestamp\":\"2026-11-25T02:02:41Z\",\"service\":\"nginx\",\"message\":\"\(inJSON)\"}}"
        ),
        // AWS CLI, aws logs tail.
        sample(.logsTail, lines: "2026-11-25T02:02:41.000000+00:00 nginx/i-0abc \(line)"),
        // CloudWatch Logs, export to Amazon S3.
        sample(.cloudWatch, lines: "2026-11-25T02:02:41.123Z \(line)"),
        // RFC 3164 section 4.1, with the priority and without.
        sample(.syslog, lines: "<190>Nov 25 02:02:41 relay nginx: \(line)"),
        sample(.syslog, lines: "Nov  5 02:02:41 relay nginx[77]: \(line)"),
        // rsyslog's default file format, and RFC 5424 section 6.5.
        sample(.syslog, lines: "2026-11-25T02:02:41.123456+00:00 relay nginx: \(line)"),
        sample(
            .syslog,
            lines: "<190>1 2026-11-25T02:02:41.003Z relay nginx 77 - [origin ip=\"a]b\" x=\"\\\"]\"] \(line)"),
        sample(.syslog, lines: "<190>1 2026-11-25T02:02:41.003Z relay nginx - - - \(line)"),
        // One inside the other: a container's line, shipped by Fluent Bit, in a dump of an index.
        sample(
            .elasticsearch, .fluentBit,
            lines:
                "{\"_index\":\"logs\",\"_id\":\"x1\",\"_score\":1,\"_source\":{\"log\":\"\(inJSON)\\n\",\"stream\":\"stdout\"}}"
        ),
        sample(
            .elasticsearch, .ecs,
            lines:
                "{\"_index\":\"logs\",\"_id\":\"x1\",\"_source\":{\"@timestamp\":\"2026-11-25T02:02:41Z\",\"event\":{\"original\":\"\(inJSON)\"},\"message\":\"parsed\"}}"
        ),
    ]

    @Test("a line is the same in every envelope", arguments: samples)
    func envelope(_ sample: FormatSample) throws { try sample.check() }

    @Test("every envelope has a line here")
    func complete() { #expect(Set(Self.samples.flatMap(\.envelopes)) == Set(Envelope.allCases)) }

    private func parser(_ envelope: Envelope) throws -> LineParser {
        var profile = try #require(try ProfileLibrary().profile(named: "nginx-combined"))
        profile.envelopes = [envelope]
        return LineParser(profile: profile, names: StringInterner())
    }

    @Test("a record stands on the line of the file that its own line began on")
    func lineNumbers() throws {
        var parser = try parser(.cri)
        var batch = RecordBatch()
        let lines = [
            "2026-11-25T02:02:41.6Z stdout F \(Self.line)", "2026-11-25T02:02:41.6Z stdout P \(Self.line.prefix(9))",
            "2026-11-25T02:02:41.6Z stdout P \(Self.line.dropFirst(9).prefix(9))",
            "2026-11-25T02:02:41.6Z stdout F \(Self.line.dropFirst(18))",
            "2026-11-25T02:02:41.6Z stdout F \(Self.line)",
        ]
        for (index, line) in lines.enumerated() {
            let id = EventID(source: 1, line: Int64(index + 1))
            #expect(parser.parse(Array(line.utf8).span.bytes, id: id, into: &batch) == .accepted)
        }
        #expect(batch.deliveries.map(\.id.line) == [1, 2, 5])
    }

    @Test("a line outside the envelope is refused, and a part whose end does not come is named")
    func strangers() throws {
        var parser = try parser(.docker)
        var batch = RecordBatch()
        let bare = parser.parse(Array(Self.line.utf8).span.bytes, id: EventID(source: 1, line: 1), into: &batch)
        #expect(bare == .rejected(.malformedJSON, offset: 0))
        let part = #"{"log":"half a line","stream":"stdout","time":"2026-11-25T02:02:41Z"}"#
        #expect(
            parser.parse(Array(part.utf8).span.bytes, id: EventID(source: 1, line: 2), into: &batch) == .accepted)
        #expect(parser.finish(source: 1, into: &batch) == [2])
        #expect(batch.count == 0)
    }

    @Test("messages that follow each other without a line break are records of their own")
    func frames() throws {
        var profile = try #require(try ProfileLibrary().profile(named: "nginx-combined"))
        profile.envelopes = [.syslogFrames]
        var parser = LineParser(profile: profile, names: StringInterner())
        let one = Self.frame("<190>Nov 25 02:02:41 relay nginx: \(Self.line)")
        let bytes = Array((one + one).utf8)
        var batch = RecordBatch()
        #expect(parser.parse(bytes.span.bytes, id: EventID(source: 1, line: 1), into: &batch) == .accepted)
        #expect(parser.rest == one.utf8.count)
        let rest = Array(bytes[one.utf8.count...])
        #expect(parser.parse(rest.span.bytes, id: EventID(source: 1, line: 2), into: &batch) == .accepted)
        #expect(parser.rest == nil)
        #expect(batch.deliveries.count == 2)
    }

    @Test("an envelope comes off before a format of one's own is tried, which would take the stamp for an account")
    func ownFormat() throws {
        let own = """
            name: mine
            syntax: pattern
            pattern: '{account} {remote} [{time}] "{method} {uri} {protocol}" {status} {bytes} {cache} "{agent}"'
            delivery: {time: time, requester: account, key: uri, status: status, cache: cache}
            """
        let library = try ProfileLibrary(own: [("mine.yaml", own)])
        let line =
            #"bob 172.18.0.1 [28/Jan/2022:16:04:05 +0000] "GET /v1/cameras/78/snap HTTP/1.1" 200 13 MISS "curl/7""#
        let recognizer = FormatSniffer(library)
        for (prefix, label) in [
            ("", "mine"), ("2022-01-28T16:04:05.413656027Z stdout F ", "mine in kubernetes-cri"),
            ("Jan 28 16:04:05 edge-1 nginx: ", "mine in syslog"), ("", "mine"),
            ("relay-1  | ", "mine in docker-compose"),
            ("Jan 28 16:04:05 edge-1 ", "mine in syslog-without-tag"), ("[pod/a/b] ", "mine in kubectl-prefix"),
        ] {
            let bytes = Array("\(prefix)\(line)\n\(prefix)\(line)\n".utf8)
            #expect(recognizer.recognize(bytes.span.bytes)?.label == label)
        }
    }

    @Test("a report names the envelopes, the innermost first")
    func label() throws {
        let bytes = try #require(Self.samples.first { $0.envelopes == [.elasticsearch, .fluentBit] }).bytes
        let profile = try ProfileLibrary().recognize(bytes.span.bytes)
        #expect(profile?.label == "nginx-combined in fluent-bit in elasticsearch")
    }
}
