/// Who owns which camera and who may see it, at every time.
struct World: Sendable {
    private(set) var accounts: [Account] = []
    private(set) var ownerships: [[Ownership]] = []
    private(set) var grants: [Grant] = []
    private var grantsByCamera: [Camera: [Grant]] = [:]

    /// Every camera, in the order of its number.
    var cameras: [Camera] { ownerships.indices.map(Camera.init(number:)) }

    mutating func addAccount() -> Account {
        accounts.append(Account(number: accounts.count + 1))
        return accounts[accounts.count - 1]
    }

    mutating func addCamera(model: String, owner: Account, from: Instant? = nil) -> Camera {
        let camera = Camera(number: ownerships.count)
        ownerships.append([Ownership(camera: camera, owner: owner, span: Span(from: from), model: model)])
        return camera
    }

    /// Hands the camera to its next owner.
    ///
    /// - Precondition: `time` lies after every earlier sale of the camera.
    mutating func sell(_ camera: Camera, to buyer: Account, at time: Instant) {
        let last = ownerships[camera.number].removeLast()
        precondition(last.span.from.map { $0 < time } ?? true)
        let past = Ownership(
            camera: camera, owner: last.owner, span: Span(from: last.span.from, until: time), model: last.model)
        let next = Ownership(camera: camera, owner: buyer, span: Span(from: time), model: last.model)
        ownerships[camera.number] += [past, next]
    }

    mutating func grant(_ camera: Camera, by owner: Account, to grantee: Account, span: Span) {
        let grant = Grant(owner: owner, camera: camera, grantee: grantee, span: span)
        grants.append(grant)
        grantsByCamera[camera, default: []].append(grant)
    }

    func model(of camera: Camera) -> String {
        ownerships[camera.number][0].model
    }

    /// The account that owns the camera at a time.
    ///
    /// - Precondition: The camera has an owner then.
    func owner(of camera: Camera, at time: Instant) -> Account {
        guard let ownership = ownerships[camera.number].first(where: { $0.span.contains(time) }) else {
            preconditionFailure("\(camera.name) has no owner at \(time.text)")
        }
        return ownership.owner
    }

    /// Whether the requester may see a frame that `owner` owned when the camera took it.
    func isEntitled(_ requester: Account, to camera: Camera, of owner: Account, at time: Instant) -> Bool {
        if requester == owner { return true }
        return grants(of: camera).contains {
            $0.owner == owner && $0.grantee == requester && $0.span.contains(time)
        }
    }

    /// Whether the cloud lets the requester ask for the camera: as its owner of the day or by such an owner's grant.
    func mayAsk(_ requester: Account, for camera: Camera, at time: Instant) -> Bool {
        isEntitled(requester, to: camera, of: owner(of: camera, at: time), at: time)
    }

    /// The grants of the camera, ended and future ones too.
    func grants(of camera: Camera) -> [Grant] {
        grantsByCamera[camera] ?? []
    }
}
