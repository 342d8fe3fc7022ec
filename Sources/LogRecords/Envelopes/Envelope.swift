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
    /// Fluent Bit and Fluentd in JSON lines: the line is the member `log`.
    case fluentBit = "fluent-bit"
    /// Vector in JSON lines: the line is the member `message`.
    case vector
    /// The Elastic Common Schema, as Filebeat writes it: the line is `event.original` or `message`.
    case ecs
    /// CloudWatch Logs exported to S3: `2019-12-26T09:12:57.123Z …`.
    case cloudWatch = "cloudwatch-export"
    /// Syslog (RFC 3164 and RFC 5424).
    case syslog

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
        case .fluentBit: Members(required: [["log"]], line: ["log"])
        case .vector: Members(required: [["message"], ["source_type", "timestamp"]], line: ["message"])
        case .ecs:
            Members(required: [["event.original", "message"], ["@timestamp"]], line: ["event.original", "message"])
        case .cri, .journalExport, .cloudWatch, .syslog: nil
        }
    }
}
