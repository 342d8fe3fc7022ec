/// What part an account has in the incident.
///
/// The first four are affected, each by at least one delivery inside the scope; nobody else is.
enum Role: Sendable {
    /// Looks at a camera of its own, of the affected model, on a Nest Hub.
    case viewer
    /// Has such a camera, but only a grantee's Nest Hub shows it.
    case host
    /// Looks at a host's camera on a Nest Hub and has none.
    case guest
    /// Looks at a viewer's camera on a Nest Hub and has none.
    case relative

    /// Has such a camera and uses the app alone.
    case appOwner
    /// Has another model and a Nest Hub.
    case otherHub
    /// Has another model and uses the app alone.
    case otherApp
    /// Had such a camera on a Nest Hub and gave that up before the update.
    case earlyHub
    /// Has such a camera and tries a Nest Hub only after the suspension.
    case lateHub

    var isAffected: Bool {
        switch self {
        case .viewer, .host, .guest, .relative: true
        case .appOwner, .otherHub, .otherApp, .earlyHub, .lateHub: false
        }
    }

    /// Whether the camera is of the affected model; nil for an account without a camera.
    var ownsAffectedModel: Bool? {
        switch self {
        case .viewer, .host, .appOwner, .earlyHub, .lateHub: true
        case .otherHub, .otherApp: false
        case .guest, .relative: nil
        }
    }
}

/// An account with its habits.
struct Resident: Sendable {
    /// A camera that an account looks at, and when.
    struct View: Sendable {
        let camera: Camera
        var span = Span()
    }

    let account: Account
    let role: Role
    /// The node that answers this account.
    let node: Int
    /// Whether its Nest Hub stands where the network is poor.
    var poorHub = false
    /// What it looks at on the Nest Hub; the first one surely inside the scope if the role is affected.
    var hubViews: [View] = []
    var appViews: [View] = []
    /// What its Nest Hub asks for without a right any more.
    var refusedViews: [View] = []
}
