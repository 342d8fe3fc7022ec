/// The logs that an incident leaves, each line by the clock of the node that wrote it.
struct IncidentLogs {
    let files: [LogFile]

    init(_ cloud: IncidentCloud, chance seed: SplitMix64) {
        let plan = cloud.plan
        var chance = seed
        let namesFrames = chance.chance(0.3) ? 0.1 : 0
        var files: [LogFile] = []
        for edge in plan.edges {
            let lines = cloud.deliveries.enumerated().filter { $0.element.request.node == edge }.map {
                index, delivery in
                LogLine(delivery, index: index, plan, namesFrame: chance.chance(namesFrames))
            }
            files.append(LogFile(path: "relay/\(plan.nodes[edge]).ndjson.zst", lines: lines.inOrder))
        }
        switch plan.fillLog {
        case .stored:
            for node in plan.nodes.indices {
                let lines = cloud.fills.filter { $0.node == node }.compactMap { LogLine(stored: $0, plan) }
                files.append(LogFile(path: "cache/\(plan.nodes[node]).ndjson.zst", lines: lines.inOrder))
            }
        case .sent:
            let lines = cloud.fills.compactMap { LogLine(sent: $0) }
            files.append(LogFile(path: "origin/access.ndjson.zst", lines: lines.inOrder))
        }
        self.files = files.filter { !$0.lines.isEmpty }
    }
}

extension [LogLine] {
    fileprivate var inOrder: [LogLine] {
        enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }
}

extension LogLine {
    /// A relay's line for an answer.
    fileprivate init(_ delivery: IncidentDelivery, index: Int, _ plan: IncidentPlan, namesFrame: Bool) {
        let (request, clock) = (delivery.request, plan.clocks[delivery.request.node])
        let (begin, end) = (clock.reading(at: request.at), clock.reading(at: delivery.logged))
        var line = JSONLine()
        line.add("ts", end.text)
        line.add("node", plan.nodes[request.node])
        line.add("requester", request.account.name)
        line.add("camera", request.camera.name)
        line.add("key", delivery.key)
        line.add("cache", delivery.word)
        line.add("status", delivery.status)
        line.add("bytes", delivery.carriesFrame ? 20_000 : 120)
        if namesFrame, let frame = delivery.frame { line.add("frame", frame.id) }
        line.add("duration_ms", Int((end - begin) / .milliseconds(1)))
        line.add("rtt_ms", request.roundTripMilliseconds)
        line.add("client", request.client)
        line.add("network", request.network)
        line.add("kind", request.kind)
        self.init(time: end, text: line.closed, delivery: index)
    }

    /// A node's cache log's line; nil for what only the origin logs.
    fileprivate init?(stored fill: IncidentFill, _ plan: IncidentPlan) {
        guard let node = fill.node else { return nil }
        let time = plan.clocks[node].reading(at: fill.at)
        var line = JSONLine()
        line.add("ts", time.text)
        line.add("node", plan.nodes[node])
        switch fill.kind {
        case .stored: line.add("op", "FILL")
        case .purged: line.add("op", "PURGE")
        case .expired: line.add("op", "EXPIRE")
        case .sent: return nil
        }
        line.add("key", fill.key)
        if let frame = fill.frame {
            line.add("frame", frame.id)
            line.add("camera", frame.camera.name)
            line.add("owner", frame.owner.name)
        }
        self.init(time: time, text: line.closed)
    }

    /// The origin's line; nil for what only a cache logs.
    fileprivate init?(sent fill: IncidentFill) {
        guard case .sent(let status, let account, let camera, let validator, let received) = fill.kind,
            let frame = fill.frame
        else { return nil }
        var line = JSONLine()
        line.add("ts", fill.at.text)
        line.add("key", fill.key)
        line.add("path", "/v1/cameras/\(camera.name)/snapshot")
        line.add("acct", account.name)
        line.add("status", status)
        line.add("frame", frame.id)
        line.add("owner", frame.owner.name)
        line.add("inm", validator?.id ?? "-")
        line.add("bytes", status == 200 ? 20_000 : 0)
        line.add("dur_us", Int(fill.at - received))
        self.init(time: fill.at, text: line.closed)
    }
}
