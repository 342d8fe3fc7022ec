/// How the lines of one kind of log become records.
///
/// A profile is data: a YAML file (see `ProfileReader` for its form), shipped or the user's own. It is immutable and
/// shared by all threads; `LineParser` does the work with it.
public struct Profile: Sendable {
    /// The name that reports and `--profile` use.
    public let name: String
    /// What log this is, for people.
    public let title: String
    /// The YAML text it was read from.
    public let text: String
    let syntax: Syntax
    /// The names of the source fields in use; a field's number is its place here.
    let fields: [String]
    /// Each entry: fields of which one must stand on a line for the profile to be recognised.
    let required: [[Int]]
    /// Whose clock stamps the lines that name no node; empty: the profile's own.
    let clock: String
    let absentValues: [[UInt8]]
    let longestAbsentValue: Int
    let cacheWords: [String: CacheStatus]
    let deliveryFlags: Delivery.Flags
    /// Whether its fills say only what the origin sent, not what a cache stored.
    let isOriginLog: Bool
    /// Whether its server may write lines of parts of an answer that nothing tells from answers' own.
    var mayHoldParts = false
    /// Whether its cache passes a request for a range on that it has no frame for, and stores nothing of the answer.
    var passesRanges = false
    let ignored: [[Condition]]
    let maps: [RecordMap]
    /// Whether it reads only files for which it was asked for by name: its lines have nothing that another log's cannot have.
    var isOnRequest = false
    /// Whether it is a shipped one that was asked for by name.
    public internal(set) var isForced = false
    /// The option with the server's own format that it was made of, `--nginx-log-format '…'`; nil if it was given as a profile.
    public internal(set) var formatOption: String?
    /// In order: one may take what an earlier one gave.
    var derivations: [Derivation] = []
    var carry: Carry?
    /// Fields whose values this server cuts, without a mark, and the length of what is left: one as long is no whole value.
    var cuts: [(field: Int, at: Int)] = []
    /// Whose sessions they were, for derivations that ask.
    var sessions = SessionTable()
    /// How long an answer without a duration may have taken, microseconds, where its stamp marks the end.
    var longestAnswer = ProfileLibrary.longestAnswer
    /// Whether accounts are named by what their spellings have in common.
    var foldsAccounts = false
    /// Of tables of grants and cameras.
    var stateColumns: [StateColumn] = []
    /// What collectors wrapped around each line, the outermost first.
    public internal(set) var envelopes: [Envelope] = []
    /// For stamps that leave something open.
    var notation: TimeNotation?
    /// Of JSON lines, made once for all files that the profile fits.
    private(set) var jsonScanner: JSONScanner?

    /// The line syntaxes.
    enum Syntax: Sendable {
        case json
        case logfmt
        case pattern(LinePatterns)
        case delimited(separator: UInt8, isQuoted: Bool, columns: [String]?)
        case w3c
        case varnishlog
    }

    /// What a line can be.
    public enum RecordKind: String, Sendable, CaseIterable {
        case delivery, fill, revalidation, purge, rollout, account, camera, grant, session
    }

    /// The name, and the envelopes that its lines come in: `nginx-json in docker-json-file`.
    public var label: String { ([name] + envelopes.reversed().map(\.rawValue)).joined(separator: " in ") }

    /// Whether it reads every line as another one of the same run does: two can have one name.
    public func isSame(as other: Profile) -> Bool {
        name == other.name && text == other.text && envelopes == other.envelopes
    }

    /// Whether its lines are what a server wrote while it ran, and no table of the directory.
    public var isLog: Bool {
        maps.contains {
            switch $0.kind {
            case .delivery, .fill, .revalidation, .purge: true
            case .account, .camera, .grant, .session, .rollout: false
            }
        }
    }

    /// The record kinds that this profile can read from a line.
    public var recordKinds: [RecordKind] { maps.map(\.kind) }

    /// The record's field names and where each comes from, for people: `requester` → `account`.
    public var mapping: [(kind: RecordKind, field: String, source: String)] {
        maps.flatMap { map in
            let roles = Role.allCases.compactMap { role in map[role].map { (role.label, $0) } }
            return (roles + map.extras.map { ("extra.\($0.name)", $0.source) }).map { label, source in
                let origin = source.fields.map(fieldName).joined(separator: source.isSum ? " plus " : " or ")
                let taken = source.template == nil ? origin : "part of \(origin)"
                return (map.kind, label, source.constant.map { "'\($0)'" } ?? taken)
            }
        }
    }

    /// Of `mapping`, what does not stand on a line as it is.
    public var derivedMapping: [(kind: RecordKind, field: String, source: String)] {
        let derived = Set(derivations.map(\.output))
        return mapping.filter { entry in
            maps.contains { map in
                map.kind == entry.kind
                    && Role(label: entry.field).flatMap { map[$0] }.map { source in
                        source.template != nil || source.fields.contains { derived.contains($0) }
                    } == true
            }
        }
    }

    /// The fields of a line that its time stamp is taken from.
    var timeFields: Set<Int> {
        let times = Set(maps.flatMap { $0[.time]?.fields ?? [] })
        return times.union(derivations.filter { times.contains($0.output) }.flatMap(\.inputs))
    }

    /// A field's name, with what a derived one is derived from.
    func fieldName(_ field: Int) -> String {
        guard let derivation = derivations.first(where: { $0.output == field }) else { return fields[field] }
        return derivation.summary(fields, derivations)
    }

    /// Makes ready what each file's parser uses, once all is set.
    mutating func prepare() {
        guard case .json = syntax else { return }
        let lists = derivations.filter { $0.steps.contains { if case .members = $0 { true } else { false } } }
        jsonScanner = JSONScanner(fields: scannedFields, arrays: lists.flatMap(\.inputs))
    }

    /// The fields that a scanner looks for, by number; what no line has in place of derived ones.
    var scannedFields: [String] {
        let derived = Set(derivations.map(\.output) + [carry?.added?.output].compactMap(\.self))
        return fields.enumerated().map { derived.contains($0) ? "\0" : $1 }
    }
}

/// A record's fields; profiles write them in snake case.
enum Role: Int, Sendable, CaseIterable {
    case time, duration, node, requester, camera, key, frame, owner, frameCamera, cache, status, bytes, rtt, loss
    case client, network, kind, ifNoneMatch, method, aborted, version, ttl, name, model, from, until, account, grantee
    case session, address
    /// The moment at which the response began, on a line whose `time` is its end.
    case started
    /// Where the server had the answer from: Squid's hierarchy code (`HIER_NONE`: from nowhere).
    case fetchedFrom
    /// The status of the origin's answer.
    case originStatus
    /// The length that the answer's Content-Length announced.
    case contentLength
    /// Whether the answer went to another cache of the operator's (a shield's line), and to a client only on a line of its own.
    case tier
    /// Whether the request goes on, and a later line tells of its answer: what a server writes during a request, or of a part
    /// of one.
    case interim
    /// What names the answer on every log that has a line for it (see `LineTag`).
    case requestID
    /// What stands for the client's device or installation.
    case device
    /// What is the same on all lines that the server writes of one request, and on no other: the last of them counts.
    case transaction
    /// What is the same on all lines that the server writes of one request, and perhaps on another's: they count as one answer
    /// where they show that they are steps of it.
    case steps
    /// What is said of a rollout: what it changed, and why.
    case note

    /// The name in profiles: `frameCamera` is `frame_camera`.
    var label: String { Self.labels[rawValue] }

    private static let labels = allCases.map { role in
        "\(role)".replacing("ID", with: "Id").reduce(into: "") {
            $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1)
        }
    }
    private static let byLabel = Dictionary(uniqueKeysWithValues: zip(labels, allCases))

    /// Whether few different values stand on many lines.
    var isRepetitive: Bool {
        switch self {
        case .node, .cache, .client, .network, .kind, .version: true
        default: false
        }
    }

    /// Whether it answers a question, and needs the values that mean yes.
    var isQuestion: Bool { self == .aborted || self == .tier || self == .interim }

    /// Whether the value is an account.
    var namesAccount: Bool {
        switch self {
        case .requester, .owner, .grantee, .account: true
        default: false
        }
    }

    /// Whether the value is a frame id: these are numbered apart from other names.
    var namesFrame: Bool { self == .frame || self == .ifNoneMatch }

    /// Of what kind of tag it is (see `LineTag`), of which the value itself is not kept; nil if it is kept.
    var tag: LineTag.Kind? {
        switch self {
        case .requestID: .request
        case .session: .session
        case .address: .address
        case .device: .device
        case .transaction: .transaction
        case .steps: .steps
        default: nil
        }
    }

    init?(label: String) {
        guard let role = Self.byLabel[label] else { return nil }
        self = role
    }
}

/// Where the fields of one kind of record come from, and on which lines.
struct RecordMap: Sendable {
    var kind: Profile.RecordKind
    /// All must hold.
    var conditions: [Condition] = []
    /// By role; nil where the profile names no source.
    private(set) var sources = [FieldSource?](repeating: nil, count: Role.allCases.count)
    /// Whether the time stamp marks the start of the response.
    var marksStart = false
    /// Whether an answer without a duration took no time at all.
    var marksInstant = false
    /// Further fields of a delivery, by name, in order of names.
    var extras: [(name: String, source: FieldSource)] = []

    init(kind: Profile.RecordKind) { self.kind = kind }

    subscript(role: Role) -> FieldSource? {
        get { sources[role.rawValue] }
        set { sources[role.rawValue] = newValue }
    }
}

/// Where one value comes from.
struct FieldSource: Sendable {
    /// The source fields to look at; the first that has a value counts.
    var fields: [Int] = []
    /// Whether the fields are lengths of time whose sum is the value.
    var isSum = false
    /// A value that every line has.
    var constant: String?
    /// Takes `{value}` out of the field.
    var template: LineTemplate?
    var unit = LoggedDuration.Unit.milliseconds
    /// The values that mean yes, for a field that answers a question.
    var yes: Answers?
    /// The number that `-` stands for, where the server writes it for one.
    var dash: Int64?

    init() {}
}

/// Values that mean yes: each a text in which `?` stands for any character and `*` at the end for any more of them. A field
/// may have several, with commas between them.
final class Answers: Sendable {
    private let values: [[UInt8]]

    init(_ values: [String]) { self.values = values.map { Array($0.utf8) } }

    func holds(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if isOne(bytes) { return true }
        guard bytes.contains(UInt8(ascii: ",")) else { return false }
        return bytes.split(separator: UInt8(ascii: ",")).contains { piece in
            isOne(UnsafeRawBufferPointer(rebasing: piece.drop { $0 == 0x20 }))
        }
    }

    private func isOne(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for value in values where Self.fits(value, bytes) { return true }
        return false
    }

    private static func fits(_ value: [UInt8], _ bytes: UnsafeRawBufferPointer) -> Bool {
        let isOpen = value.last == UInt8(ascii: "*")
        let count = isOpen ? value.count - 1 : value.count
        guard isOpen ? bytes.count >= count : bytes.count == count else { return false }
        for index in 0..<count where value[index] != bytes[index] && value[index] != UInt8(ascii: "?") { return false }
        return true
    }
}

/// A question about a line's field.
struct Condition: Sendable {
    enum Test: Sendable {
        case present
        case absent
        case isOneOf([[UInt8]])
        case isNoneOf([[UInt8]])
    }
    var field: Int
    var test: Test
}

/// What is wrong with a profile, and where.
public struct ProfileProblem: Error, Sendable, CustomStringConvertible {
    public var file: String?
    /// 1-based.
    public var line: Int?
    public var message: String

    init(_ message: String, line: Int? = nil) {
        self.message = message
        self.line = line
    }

    public var description: String {
        let place = [file ?? "profile", line.map(String.init)].compactMap { $0 }.joined(separator: ":")
        return "\(place): \(message)"
    }
}
