/// A user of the camera cloud.
struct Account: Hashable, Comparable, Sendable {
    let number: Int

    var name: String { "acct-\(number.padded(5))" }
    static func < (left: Account, right: Account) -> Bool { left.number < right.number }
}

/// A camera in a home.
struct Camera: Hashable, Sendable {
    let number: Int

    var name: String { "cam-\(number.padded(5))" }
}

/// One owner's time with a camera.
struct Ownership: Sendable {
    let camera: Camera
    let owner: Account
    let span: Span
    let model: String
}

/// A right to a camera's frames that its owner gives to another account.
struct Grant: Sendable {
    let owner: Account
    let camera: Camera
    let grantee: Account
    let span: Span
}
