/// What the cache's words on a profile's lines mean, each worked out once.
struct VerdictTable {
    struct Verdict {
        var word: SymbolID
        var status: CacheStatus
        var isAborted: Bool
        /// Whether another cache only asked what is in store, by ICP or HTCP (Squid wiki, SquidLogs).
        var isQuery: Bool
    }

    private let cacheWords: [String: CacheStatus]
    private let names: StringInterner
    private var verdicts: [SymbolID: Verdict] = [:]
    /// Those asked for last, by the last bits of the word's number.
    private var recent = [Verdict?](repeating: nil, count: 8)

    init(_ profile: Profile, _ names: StringInterner) { (cacheWords, self.names) = (profile.cacheWords, names) }

    /// What a cache's word means, by the profile and by the servers' manuals.
    mutating func verdict(_ word: SymbolID) -> Verdict {
        let place = Int(word.rawValue) & (recent.count - 1)
        if let last = recent[place], last.word == word { return last }
        let verdict = verdicts[word] ?? newVerdict(word)
        recent[place] = verdict
        return verdict
    }

    private mutating func newVerdict(_ word: SymbolID) -> Verdict {
        let text = names.text(word)
        let status = cacheWords[text.uppercased()] ?? CacheStatus(logged: text) ?? .unknown
        let verdict = Verdict(
            word: word, status: status, isAborted: CacheStatus.saysAborted(text),
            isQuery: text.uppercased().hasPrefix("UDP_"))
        verdicts[word] = verdict
        return verdict
    }
}
