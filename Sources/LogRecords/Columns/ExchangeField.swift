/// The members of the records that the stages of a job on many machines hand to each other; `Docs/Exchange.md` says which
/// type of record has which of them.
///
/// A member's place among these is its number in a block, so that a change here is a new `BlockHeader.version`.
public enum ExchangeField: Int, CaseIterable, Sendable {
    // Where a record was read.
    case source, line
    // Of records.
    case time, earliest, latest, begunBy, clock, node, requester, camera, key, frame, owner, frameCamera, cacheStatus
    case cacheWord, status, bytes, rttMs, lossBp, client, network, kind, extra, flags, validator, version, ttlS
    case fillKind, isExpiry, turn, isExample, name, account, grantee, from, until, openEnds, model, note
    // Of sources and rejects.
    case path, member, label, size, sha256, compression, profile, state, reason, lines, accepted, ignored, rejected
    case firstTime, lastTime, location, deliveries, sent, parts, offset, sample
    // Of facts.
    case tellsSent, tellsRevalidations, isOriginDirect, skew, basis, samples, bound
    // Of findings and counts.
    case certainty, evidence, cause, rolloutAtDelivery, rolloutAtFill, owners, rank, fillSource, fillLine, relation
    case content, cameras, fills, count, slot, first, last, log, others

    /// Whether its values are texts; the others are whole numbers.
    var isText: Bool { Self.texts[rawValue] }

    private static let texts: [Bool] = allCases.map { field in
        switch field {
        case .source, .clock, .node, .requester, .camera, .key, .frame, .owner, .frameCamera, .cacheWord, .client,
            .network, .kind, .extra, .validator, .version, .name, .account, .grantee, .model, .note, .path, .member,
            .label, .sha256, .compression, .profile, .state, .reason, .location, .sample, .basis, .certainty,
            .evidence, .cause, .rolloutAtDelivery, .rolloutAtFill, .fillSource, .relation, .content, .log:
            true
        default: false
        }
    }

    static let total = allCases.count
}
