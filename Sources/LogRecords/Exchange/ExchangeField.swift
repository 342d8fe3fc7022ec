/// The members of the lines that the stages of a job on many machines hand to each other. Each line is one flat JSON
/// object; `Docs/Scale.md` says which type of line has which of them.
///
/// Words for their text: `begunBy` is written `begun_by`.
public enum ExchangeField: Int, CaseIterable, Sendable {
    // What a line is, and where it belongs.
    case group, order, type, source, line
    // Of records.
    case time, earliest, latest, begunBy, clock, node, requester, camera, frame, owner, frameCamera, cacheStatus
    case cacheWord, status, bytes, rttMs, lossBp, client, network, kind, extra, flags, validator, version, ttlS
    case name, account, grantee, from, until, openEnds, model
    // Of sources and rejects.
    case path, member, label, size, sha256, compression, profile, state, reason, lines, accepted, ignored, rejected
    case firstTime, lastTime, location, deliveries, sent, offset, sample
    // Of facts.
    case tellsSent, tellsRevalidations, isOriginDirect, skew, basis, samples, bound
    // Of findings and counts.
    case certainty, evidence, cause, rolloutAtDelivery, rolloutAtFill, owners, rank, fillSource, fillLine, relation
    case content, cameras, fills, key, count, slot, first, last, log, others
    // Of rollouts.
    case note

    /// As it stands in a line.
    var text: String { Self.texts[rawValue] }

    static let texts: [String] = allCases.map { field in
        "\(field)".reduce(into: "") { text, letter in
            if letter.isUppercase { text.append("_") }
            text.append(letter.lowercased())
        }
    }
}

/// What a line of a job is: its `type`.
public enum ExchangeType: String, Sendable {
    // Records, as `strayframe normalize` writes them.
    case delivery, fill, purge, rollout, account, camera, grant, source, reject
    // Facts, as `strayframe survey` writes them, beside sources and the directory.
    case survey, clock, knot
    case fillingNode = "filling_node"
    case deliveringNode = "delivering_node"
    // Whose frame a frame id names, as `strayframe frames` writes it.
    case frame
    // Results, as `strayframe sweep` writes them, beside deliveries.
    case finding, candidate, collision, count, traits
    case firstFill = "first_fill"
    case path, reach, slot, minute, tally, traffic
}
