/// What asks the cloud for frames.
enum Client: String, Sendable, CaseIterable {
    case nestHub = "nest-hub"
    case app = "mi-home-app"
}

enum Network: String, Sendable {
    case ok, poor
}

/// What kind of frame is asked for.
enum Kind: String, Sendable, CaseIterable {
    case thumbnail, still, stream
}

/// The optional fields that the relay writes for one response.
struct Detail: OptionSet, Sendable {
    let rawValue: UInt16

    static let frame = Detail(rawValue: 1 << 0)
    static let owner = Detail(rawValue: 1 << 1)
    static let frameCamera = Detail(rawValue: 1 << 2)
    static let duration = Detail(rawValue: 1 << 3)
    static let quality = Detail(rawValue: 1 << 4)
    static let client = Detail(rawValue: 1 << 5)
    static let network = Detail(rawValue: 1 << 6)
    static let kind = Detail(rawValue: 1 << 7)
}

/// One request as it reaches a node, with all that chance decides about it.
struct Request: Sendable {
    var session: Int
    var requester: Account
    var camera: Camera
    var client: Client
    var network: Network
    var kind: Kind
    /// Which stretch of the camera's stream is asked for; nil for stills.
    var segment: Int?
    /// From the request's arrival to the end of its response: whole milliseconds.
    var duration: Microseconds
    /// From the arrival to the fill, if the node has to fetch the frame; less than the duration.
    var fetch: Microseconds
    var bytes: Int
    var roundTripMilliseconds: Int
    var lossTenthsPercent: Int
    /// Whether only a part of the stored frame is asked for (status 206).
    var partial = false
    /// Whether the client holds the frame in force already and asks only if it changed (status 304).
    var conditional = false
    var detail: Detail
}
