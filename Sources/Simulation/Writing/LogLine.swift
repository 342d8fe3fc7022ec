/// A line of a log on its way into a file.
struct LogLine: Sendable {
    let time: Instant
    let text: String
    /// Which delivery of the simulation it tells of, if any.
    var delivery: Int?
    /// What makes the line unusable, if something does.
    var damage: String?
}

extension LogLine {
    /// The relay's line for a response.
    init(_ delivery: Delivery, index: Int) {
        let (request, detail) = (delivery.request, delivery.request.detail)
        var line = JSONLine()
        line.add("ts", delivery.end.text)
        line.add("node", delivery.node)
        line.add("session", "s-\(request.session.padded(6))")
        line.add("requester", request.requester.name)
        line.add("camera", request.camera.name)
        line.add("key", delivery.key)
        if let verdict = delivery.verdict { line.add("cache", verdict.rawValue) }
        line.add("status", delivery.status)
        line.add("bytes", delivery.carriesFrame ? request.bytes : 0)
        if let frame = delivery.frame {
            if detail.contains(.frame) { line.add("frame", frame.id) }
            if detail.contains(.owner) { line.add("owner", frame.owner.name) }
            if detail.contains(.frameCamera) { line.add("frame_camera", frame.camera.name) }
        }
        if detail.contains(.duration) || delivery.verdict == .miss {
            line.add("duration_ms", Int(request.duration / .milliseconds(1)))
        }
        if detail.contains(.quality) {
            line.add("rtt_ms", request.roundTripMilliseconds)
            line.add("loss_pct", tenths: request.lossTenthsPercent)
        }
        if detail.contains(.client) { line.add("client", request.client.rawValue) }
        if detail.contains(.network) { line.add("network", request.network.rawValue) }
        if detail.contains(.kind) { line.add("kind", request.kind.rawValue) }
        self.init(time: delivery.end, text: line.closed, delivery: index)
    }

    /// The cache log's line for what a node did.
    init(_ event: CacheEvent) {
        var line = JSONLine()
        line.add("ts", event.time.text)
        line.add("node", event.node)
        switch event.operation {
        case .fill(let frame, let lifetime, let statesOwner):
            line.add("op", "FILL")
            line.add("key", event.key)
            line.add("frame", frame.id)
            line.add("camera", frame.camera.name)
            if statesOwner { line.add("owner", frame.owner.name) }
            line.add("version", event.version)
            line.add("ttl_s", lifetime)
        case .purge:
            line.add("op", "PURGE")
            line.add("key", event.key)
        case .expire:
            line.add("op", "EXPIRE")
            line.add("key", event.key)
        case .rollout:
            line.add("op", "ROLLOUT")
            line.add("version", event.version)
        }
        self.init(time: event.time, text: line.closed)
    }
}

extension Simulation {
    /// Each node's relay log in the order of its time stamps.
    var relayLogs: [[LogLine]] {
        var logs: [String: [LogLine]] = [:]
        for (index, delivery) in deliveries.enumerated() {
            logs[delivery.node, default: []].append(LogLine(delivery, index: index))
        }
        return nodes.map { node in
            (logs[node.name] ?? []).sorted { ($0.time, $0.delivery ?? 0) < ($1.time, $1.delivery ?? 0) }
        }
    }

    /// Each node's cache log, in which things stand as they happened.
    var cacheLogs: [[LogLine]] {
        nodes.map { $0.events.map { LogLine($0) } }
    }
}

/// A log file of the dump.
struct LogFile: Sendable {
    /// Where a line stands: the file's path in the dump, and the line from 1 on.
    struct Place: Sendable {
        let file: String
        let line: Int
    }

    let path: String
    var lines: [LogLine]
    var packing = Packing.zstd(frames: 1)
}

extension Sequence<LogFile> {
    /// Where each delivery's line stands.
    var deliveryPlaces: [Int: LogFile.Place] {
        var places: [Int: LogFile.Place] = [:]
        for file in self {
            for (index, line) in file.lines.enumerated() {
                if let delivery = line.delivery { places[delivery] = .init(file: file.path, line: index + 1) }
            }
        }
        return places
    }
}
