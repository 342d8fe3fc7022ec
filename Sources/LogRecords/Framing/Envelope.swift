/// What a collector or a logging service wrapped around a server's line.
///
/// An envelope is told from the lines themselves, and may hold another: a container's log in an index's dump.
public enum Envelope: String, Sendable, CaseIterable {
    /// Docker's `json-file` driver: `{"log":"…\n","stream":"stdout","time":"…"}`.
    case docker = "docker-json-file"
    /// Kubernetes' container runtimes (kubelet CRI logging format): `2019-12-26T09:12:57.1Z stdout F …`.
    case cri = "kubernetes-cri"
    /// systemd's Journal Export Format, as `journalctl -o export` writes it.
    case journalExport = "journal-export"
    /// `journalctl -o json`.
    case journalJSON = "journal-json"
    /// A document of Elasticsearch or OpenSearch with its source, as elasticdump and scroll exports write it.
    case elasticsearch
    /// `logcli query -o jsonl`.
    case loki
    /// `logcli query` as it comes: a stamp, the stream's labels, the line.
    case logcli
    /// Graylog Extended Log Format, as Docker's driver of that name sends it.
    case gelf
    /// Splunk's search results in JSON lines: the line is `_raw`.
    case splunk
    /// Splunk's HTTP Event Collector: the line is `event`, or the event is one.
    case splunkHEC = "splunk-hec"
    /// Datadog's archives and its search's answers in JSON lines: the line is `message`.
    case datadog
    /// Google Cloud Logging, entries in JSON lines: the line is `textPayload`, or `jsonPayload` is one.
    case cloudLogging = "google-cloud-logging"
    /// Fluent Bit and Fluentd in JSON lines: the line is the member `log`.
    case fluentBit = "fluent-bit"
    /// Fluentd's files: stamp, tag and record with tabs between them.
    case fluentd = "fluentd-file"
    /// Vector in JSON lines: the line is the member `message`; so do rsyslog's templates for JSON.
    case vector
    /// syslog-ng in JSON lines (`$(format-json --scope rfc5424)` and its kin).
    case syslogNG = "syslog-ng-json"
    /// The Elastic Common Schema, as Filebeat writes it: the line is `event.original` or `message`.
    case ecs
    /// CloudWatch Logs exported to S3: `2019-12-26T09:12:57.123Z …`.
    case cloudWatch = "cloudwatch-export"
    /// `aws logs tail`: a stamp, the stream's name, the line.
    case logsTail = "aws-logs-tail"
    /// `docker compose logs`: `relay-1  | …`.
    case compose = "docker-compose"
    /// `kubectl logs --prefix`: `[pod/relay-0/nginx] …`.
    case kubectl = "kubectl-prefix"
    /// Syslog messages with their length before them (RFC 6587 section 3.4.1), line breaks between them or not.
    case syslogFrames = "syslog-octet-counted"
    /// Syslog (RFC 3164 and RFC 5424), and `journalctl -o short` with its kin.
    case syslog
    /// Syslog of RFC 3164 whose message has no tag.
    case syslogWithoutTag = "syslog-without-tag"

    /// Whether a line that has it cannot be a server's own line, so that it comes off before any profile is tried.
    var isUnambiguous: Bool {
        switch self {
        case .docker, .cri, .journalExport, .journalJSON, .elasticsearch, .loki, .logcli, .splunk, .fluentd, .compose,
            .kubectl,
            .syslogFrames, .syslog, .syslogWithoutTag:
            true
        case .fluentBit, .vector, .ecs, .cloudWatch, .logsTail, .gelf, .splunkHEC, .datadog, .cloudLogging, .syslogNG:
            false
        }
    }

    /// How a JSON envelope is told, and where it has the line.
    struct Members: Sendable {
        /// Of each entry one must be there.
        var required: [[String]]
        /// The first that is there holds the line.
        var line: [String]
    }

    /// Nil for an envelope that is no JSON.
    var members: Members? {
        switch self {
        case .docker: Members(required: [["log"], ["stream"], ["time"]], line: ["log"])
        case .journalJSON: Members(required: [["MESSAGE"], ["__REALTIME_TIMESTAMP"]], line: ["MESSAGE"])
        case .elasticsearch: Members(required: [["_source"], ["_index"], ["_id"]], line: ["_source"])
        case .loki: Members(required: [["line"], ["timestamp"], ["labels"]], line: ["line"])
        case .gelf:
            Members(required: [["short_message"], ["version"], ["host"]], line: ["full_message", "short_message"])
        case .splunk: Members(required: [["result._raw", "_raw"]], line: ["result._raw", "_raw"])
        case .splunkHEC: Members(required: [["event"], ["time"], ["sourcetype", "source", "host"]], line: ["event"])
        case .datadog:
            Members(
                required: [
                    ["message", "content.message"], ["date", "content.timestamp"], ["service", "content.service"],
                ],
                line: ["message", "content.message"])
        case .cloudLogging:
            Members(
                required: [["textPayload", "jsonPayload"], ["logName"], ["timestamp"]],
                line: ["textPayload", "jsonPayload"])
        case .fluentBit: Members(required: [["log"]], line: ["log"])
        case .vector: Members(required: [["message"], ["source_type", "timestamp"]], line: ["message"])
        case .syslogNG:
            Members(
                required: [["MESSAGE"], ["HOST", "PROGRAM"], ["DATE", "ISODATE", "PRIORITY", "FACILITY"]],
                line: ["MESSAGE"])
        case .ecs:
            Members(required: [["event.original", "message"], ["@timestamp"]], line: ["event.original", "message"])
        case .cri, .journalExport, .logcli, .fluentd, .cloudWatch, .logsTail, .compose, .kubectl, .syslogFrames,
            .syslog,
            .syslogWithoutTag:
            nil
        }
    }

    /// Where a collector says that a line goes on in another record: which members belong together, and what says that a
    /// piece is not the last.
    static let pieces: (by: [String], marks: [(member: String, value: String)]) = (
        // Docker's fluentd driver; Docker; Fluent Bit.
        by: ["partial_id", "stream"],
        // Docker's fluentd driver says which piece is the last, Fluent Bit's parser keeps the tag of a container's line.
        marks: [("partial_last", "false"), ("logtag", "P"), ("_p", "P")]
    )
}
