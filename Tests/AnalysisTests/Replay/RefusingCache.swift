import Chance
import Foundation

/// A cache in front of a camera cloud, simulated request by request with the truth about each, as nginx serves: fresh
/// hits, stale answers with a refresh in the background, revalidation with its own validator, requests that wait for
/// another's fetch, requests that stand aside. And as an operator in the midst of a fix would have it: at times it
/// refuses to store what it fetches, while the old entries live on and are renewed by 304s.
///
/// Shares nothing with the correlation. Times are whole microseconds from `epoch`.
struct RefusingCache {
    struct Frame: Equatable {
        var camera: Int
        var number: Int
        var id: String { String(format: "%04x%04x", camera, number) }
    }
    /// A line of the relay's log and what its client really received.
    struct Row {
        var line: String
        var end: Int
        var requester: Int
        var frame: Frame
    }

    private struct Entry {
        var frame: Frame
        var freshUntil: Int
        var isUpdating = false
    }
    private struct Request {
        var start: Int
        var requester: Int
        var camera: Int
        var key: String
        var word: String
        var validator: Frame?
        /// The frame that the client has been given already, for a refresh in the background.
        var given: Frame?
        var mayStore = true
        var isWaiting = false
    }
    private enum Step {
        case ask(Request)
        /// The origin's answer arrives: a frame, or nil for "not modified".
        case answer(Request, Frame?)
    }

    private(set) var rows: [Row] = []
    /// The origin's lines with the time of each.
    private(set) var origin: [(time: Int, line: String)] = []

    static let epoch = 1_577_351_577_000_000
    static let cameras = 8
    private static let lifetime = 5_000_000
    private static let grace = 3_000_000

    /// How far the relay's clock is ahead of the origin's at a time.
    private let offset: (Int) -> Int
    private var chance: Chance
    private var entries: [String: Entry] = [:]
    private var fetching: [String: Int] = [:]
    private var waiting: [String: [Request]] = [:]
    private var steps: [(time: Int, order: Int, step: Step)] = []
    private var refusals: [Range<Int>] = []
    private var changes: [Int: [Int]] = [:]

    /// - Parameter offset: by how many microseconds the relay's clock is ahead at each time.
    init(seed: UInt64, requests: Int, offset: @escaping (Int) -> Int = { _ in 0 }) {
        self.offset = offset
        chance = Chance(seed: seed)
        let span = requests * 120_000
        for camera in 0..<Self.cameras {
            changes[camera] = (0..<(span / 6_000_000)).map { _ in chance.below(span) }.sorted()
        }
        if seed % 4 != 0 {
            let from = chance.below(span)
            refusals = [from..<(from + chance.below(span / 2) + 1)]
        }
        for _ in 0..<requests {
            let camera = chance.below(Self.cameras)
            let isShared = chance.one(in: 2)
            let start = chance.below(span)
            schedule(
                .ask(
                    Request(
                        start: start, requester: chance.one(in: 10) ? 90 + chance.below(3) : camera, camera: camera,
                        key: isShared ? "snap/s\(camera % 2)" : "snap/\(camera)", word: "")), at: start)
        }
        while let next = steps.first {
            steps.removeFirst()
            switch next.step {
            case .ask(let request): ask(request, next.time)
            case .answer(let request, let frame): answer(request, frame, next.time)
            }
        }
    }

    private mutating func schedule(_ step: Step, at time: Int) {
        let place = steps.firstIndex { $0.time > time } ?? steps.endIndex
        steps.insert((time, steps.count, step), at: place)
    }

    private func frame(of camera: Int, at time: Int) -> Frame {
        Frame(camera: camera, number: (changes[camera] ?? []).filter { $0 <= time }.count)
    }

    // MARK: What the cache does

    private mutating func ask(_ asked: Request, _ now: Int) {
        var request = asked
        if chance.one(in: 30) {
            request.word = "BYPASS"
            request.mayStore = chance.one(in: 2)
            return fetch(request, now)
        }
        guard let entry = entries[request.key] else { return fetchOrWait(request, "MISS", now) }
        if now < entry.freshUntil { return serve(request, "HIT", entry.frame, now + 100) }
        guard now < entry.freshUntil + Self.grace else {
            request.validator = entry.frame
            return fetchOrWait(request, "EXPIRED", now)
        }
        if entry.isUpdating { return serve(request, "UPDATING", entry.frame, now + 100) }
        entries[request.key]?.isUpdating = true
        request.word = "STALE"
        request.validator = entry.frame
        request.given = entry.frame
        fetch(request, now)
    }

    private mutating func fetchOrWait(_ asked: Request, _ word: String, _ now: Int) {
        var request = asked
        request.word = word
        if fetching[request.key, default: 0] > 0, !request.isWaiting {
            request.isWaiting = true
            waiting[request.key, default: []].append(request)
        } else {
            fetching[request.key, default: 0] += 1
            fetch(request, now)
        }
    }

    /// Sends the request to the origin, which logs it at the end of its answer.
    private mutating func fetch(_ request: Request, _ now: Int) {
        let received = now + delay()
        let answered = received + 1_000 + chance.below(30_000)
        let frame = frame(of: request.camera, at: answered)
        let isConfirmed = frame == request.validator
        origin.append(
            (
                answered,
                """
                {"ts":"\(Self.text(answered, digits: 6))Z","key":"\(request.key)","path":"/v1/cameras/\(request.camera)/snapshot",\
                "acct":"acct-\(request.requester)","status":\(isConfirmed ? 304 : 200),"frame":"\(frame.id)",\
                "owner":"acct-\(frame.camera)","inm":"\(request.validator?.id ?? "-")","bytes":700,"dur_us":\(answered - received)}
                """
            ))
        schedule(.answer(request, isConfirmed ? nil : frame), at: answered + delay())
    }

    private mutating func answer(_ request: Request, _ frame: Frame?, _ now: Int) {
        let isRefused = refusals.contains { $0.contains(now) } || !request.mayStore || chance.one(in: 25)
        if request.given != nil { entries[request.key]?.isUpdating = false }
        if let frame {
            if !isRefused { entries[request.key] = Entry(frame: frame, freshUntil: now + Self.lifetime) }
        } else {
            entries[request.key]?.freshUntil = now + Self.lifetime
        }
        // nginx writes the line of a stale answer when its refresh has ended.
        let word = frame == nil && request.given == nil ? "REVALIDATED" : request.word
        let carried = request.given ?? frame ?? request.validator
        if let carried { serve(request, word, carried, now + 200) }
        guard request.word == "MISS" || request.word == "EXPIRED" else { return }
        fetching[request.key, default: 1] -= 1
        for waiter in waiting.removeValue(forKey: request.key) ?? [] { schedule(.ask(waiter), at: now + 300) }
    }

    private mutating func serve(_ request: Request, _ word: String, _ frame: Frame, _ end: Int) {
        let logged = end + offset(end)
        let began = request.start + offset(request.start)
        let key = request.key
        let duration = max(0, logged - began) / 1000
        rows.append(
            Row(
                line: """
                    \(Self.seconds(logged)) 127.0.0.1 acct-\(request.requester) app ok/20 "GET /v1/cameras/*/snapshot" 200 700 \
                    \(duration / 1000).\(String(1000 + duration % 1000).dropFirst()) \(word) key=\(key)
                    """, end: logged, requester: request.requester, frame: frame))
    }

    /// A hop of the network: mostly short.
    private mutating func delay() -> Int {
        chance.one(in: 20) ? 20_000 + chance.below(150_000) : 200 + chance.below(3_000)
    }

    // MARK: As a dump

    static func text(_ time: Int, digits: Int) -> String {
        let all = epoch + time
        let date = Date(timeIntervalSince1970: TimeInterval(all / 1_000_000)).ISO8601Format().dropLast()
        return date + "." + String(1_000_000 + all % 1_000_000).dropFirst().prefix(digits)
    }

    private static func seconds(_ time: Int) -> String {
        let all = epoch + time
        return "\(all / 1_000_000).\(String(1000 + all / 1000 % 1000).dropFirst())"
    }

    static var cameraTable: String {
        "camera,owner,from,until,model\n" + (0..<cameras).map { "\($0),acct-\($0),,,m\n" }.joined()
    }
}
