/// What a column of a table says by its name, where its profile does not know it: what it may say of when a row held.
enum ColumnMeaning: Sendable {
    /// Nothing: a name, a note, a model.
    case plain
    /// Nothing, and its numbers are no times: an identifier, a version, a count.
    case identifier
    /// Whether the row no longer counts, or not yet: `pending`, `tombstone`.
    case ended
    /// Whether it counts: `confirmed`, `active_flag`.
    case live
    /// Since when it counts: without a value it never did (`accepted_at`).
    case acceptance
    /// What may be done: `permission`, `can_view`.
    case right
    /// A word for the state that it is in, or for what became of it: `record_status`, `op`.
    case state
    /// How long, or at which hours.
    case length
    /// In which time zone its times are.
    case zone
    /// An owner before or after the one that the row names: `previous_owner`.
    case otherOwner
    /// One besides: `co_owner`.
    case coOwner
    case unknown

    /// - Parameter table: of cameras, most states are of the device.
    init(_ name: String, of table: RowDoubts.Table) {
        let words = Self.words(of: name)
        func has(_ known: Set<String>) -> Bool { words.contains(where: known.contains) }
        func begins(_ stems: [String]) -> Bool {
            words.contains { word in stems.contains { word.hasPrefix($0) || word.hasPrefix("is\($0)") } }
        }
        let isOfDoer = words.last == "by"
        if words.isEmpty {
            self = .identifier
        } else if has(Self.zones) || has(["utc", "gmt"]) && has(["offset"]) {
            self = .zone
        } else if table == .cameras {
            let isOwner = words.contains { $0.hasPrefix("owner") || $0 == "coowner" }
            if isOwner, has(Self.others) {
                self = .otherOwner
            } else if isOwner, has(Self.partners) {
                self = .coOwner
            } else if begins(Self.cameraEnds), !isOfDoer {
                self = .ended
            } else if has(["op", "operation", "action"]) {
                self = .state
            } else if has(Self.identifiers) {
                self = .identifier
            } else {
                self = has(Self.plains) || has(Self.ofCameras) ? .plain : .unknown
            }
        } else if begins(Self.endStems) || has(Self.ends) {
            self = .ended
        } else if begins(Self.rightStems) || has(["role", "roles", "scope", "scopes"])
            || has(["can", "view"]) && !has(Self.plains)
        {
            self = isOfDoer ? .plain : .right
        } else if begins(Self.liveStems) {
            self = isOfDoer ? .plain : has(Self.moments) ? .acceptance : .live
        } else if has(Self.states) {
            self = .state
        } else if has(Self.lengths) {
            self = .length
        } else if has(Self.identifiers) {
            self = .identifier
        } else {
            self = has(Self.plains) ? .plain : .unknown
        }
    }

    /// The words of a name in any of the usual spellings, in lower case: `validUntil`, `valid_until`, `VALID-UNTIL`.
    static func words(of name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var wasLower = false
        for letter in name.unicodeScalars.prefix(128) {
            let isLetter = letter.properties.isAlphabetic
            if !isLetter && letter.properties.numericType == nil || wasLower && letter.properties.isUppercase {
                if !word.isEmpty { words.append(word) }
                word = ""
            }
            if isLetter || letter.properties.numericType != nil { word += letter.properties.lowercaseMapping }
            wasLower = isLetter && !letter.properties.isUppercase
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    private static let zones: Set<String> = ["tz", "timezone", "zone", "utcoffset", "tzoffset"]
    private static let moments: Set<String> = ["at", "on", "date", "time", "since", "when", "ts", "timestamp"]
    private static let others: Set<String> = [
        "prev", "previous", "former", "last", "old", "new", "next", "original", "first", "past", "prior",
    ]
    private static let partners: Set<String> = [
        "co", "coowner", "coowners", "joint", "second", "secondary", "other", "another", "additional", "owner2", "2",
        "owners",
    ]

    private static let endStems = [
        "revok", "delet", "disabl", "remov", "expir", "cancel", "withdr", "suspend", "inactiv", "deactiv", "terminat",
        "archiv", "block", "reject", "declin", "tombston", "invalid", "deny", "deni", "frozen", "freez", "pause",
        "trash",
        "unshar", "unlink", "obsolet", "supersed", "discard", "pending", "logout", "signout", "forbid", "rescind",
        "laps",
        "destroy", "purge", "erase", "retract", "unsubscri", "void", "stopp", "clos", "hidden", "stale",
    ]
    private static let ends: Set<String> = [
        "end", "ended", "ends", "left", "ban", "banned", "stop", "old", "past", "former", "logged",
    ]
    private static let liveStems = [
        "activ", "enabl", "valid", "live", "current", "accept", "approv", "confirm", "effective", "verif", "agree",
        "consent",
        "authori",
    ]
    private static let rightStems = ["permi", "access", "allow", "grant", "effect", "right", "privileg", "viewable"]
    private static let cameraEnds = [
        "delet", "remov", "tombston", "archiv", "transfer", "sold", "return", "decommis", "retire", "unregist",
        "unclaim",
        "unbound", "unbind", "unpair", "revok", "terminat",
    ]
    private static let states: Set<String> = [
        "status", "state", "stage", "phase", "op", "operation", "action", "event", "change", "lifecycle", "flag",
    ]
    private static let lengths: Set<String> = [
        "ttl", "duration", "lifetime", "length", "period", "days", "hours", "minutes", "seconds", "weeks", "months",
        "schedule", "weekday", "weekdays", "age",
    ]
    private static let identifiers: Set<String> = [
        "id", "uuid", "guid", "oid", "key", "serial", "sn", "mac", "imei", "phone", "mobile", "tel", "ip", "address",
        "version",
        "v", "rev", "revision", "firmware", "fw", "build", "hw", "index", "idx", "row", "no", "nr", "num", "number",
        "count",
        "rank", "order", "priority", "level", "seq", "sequence", "quota", "limit", "port", "channel", "unnamed", "hash",
        "checksum", "digest", "token", "etag", "zip", "postcode", "pincode", "did", "used",
        "free", "bytes", "price", "amount", "size", "lsn", "offset",
    ]
    private static let plains: Set<String> = [
        "name", "nick", "nickname", "label", "title", "description", "desc", "note", "notes", "comment", "comments",
        "remark",
        "remarks", "memo", "reason", "email", "mail", "avatar", "photo", "image", "icon", "color", "colour", "model",
        "vendor",
        "brand", "make", "manufacturer", "type", "kind", "category", "group", "tag", "tags", "source", "origin", "via",
        "method", "relation", "relationship", "language", "lang", "locale", "country", "city", "region", "room", "site",
        "home",
        "house", "location", "plan", "tier", "url", "uri", "link", "app", "platform", "os", "agent", "client", "device",
        "notify", "notified", "notification", "notifications", "push", "sms", "mute", "muted", "favorite", "favourite",
        "star",
        "starred", "pin", "pinned", "primary", "default", "main", "admin", "audio", "sound", "mic", "microphone",
        "talk",
        "speaker", "ptz", "pan", "tilt", "zoom", "download", "record", "motion", "night", "hd", "edit", "manage",
        "share",
        "reshare", "control", "alert", "alerts", "alarm", "family", "demo", "test", "created", "updated", "modified",
        "by",
        "history", "playback", "online", "readonly", "only", "mfa", "permanent", "temporary", "renew",
        "schema", "table", "env", "tenant", "org", "organisation", "organization", "shard", "cluster", "node", "edge",
    ]
    /// Of a camera besides: where the device is, what it is and how it is.
    private static let ofCameras: Set<String> = [
        "status", "state", "online", "offline", "enabled", "active", "mode", "place", "area", "floor", "building",
        "street",
        "lat", "latitude", "lon", "lng", "longitude", "host", "hostname", "stream", "codec", "resolution", "fps",
        "bitrate",
        "quality", "sku", "product", "hardware", "software", "wifi", "ssid", "network", "battery", "signal", "sim",
        "iccid",
        "subscription", "installed", "registered", "activated", "purchased", "warranty", "seen", "owner", "role",
        "zone",
        "password", "storage", "retention", "cloud", "server", "relay", "theme", "lens", "sensor", "family",
        "generation",
        "variant", "dealer", "reseller", "batch", "lot", "contract", "asset", "invoice", "supplier", "distributor",
        "channel", "visibility", "privacy", "public", "private", "kind", "reason", "series", "line",
    ]
}
