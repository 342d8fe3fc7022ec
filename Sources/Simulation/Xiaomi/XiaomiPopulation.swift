/// The incident's accounts, cameras, sales and grants, built so that just the planned accounts are affected.
struct XiaomiPopulation: Sendable {
    private(set) var world = World()
    private(set) var residents: [Resident] = []
    private var chance: SplitMix64

    /// The accounts that are to be affected.
    var planned: [Account] { residents.filter(\.role.isAffected).map(\.account) }

    /// - Parameter affected: How many accounts are affected; the others come in proportion.
    init(affected: Int, chance: SplitMix64) {
        self.chance = chance
        addResidents(affected: affected)
        addCameras()
        addHouseholds()
        addFamilyShares()
        addEndedShares()
        addSales()
    }

    private static func roles(affected: Int) -> [Role] {
        let (hosts, relatives) = (affected / 12, affected / 30)
        let counts: [(Role, Int)] = [
            (.viewer, affected - 2 * hosts - relatives), (.host, hosts), (.guest, hosts), (.relative, relatives),
            (.appOwner, affected * 6 / 10), (.otherHub, affected * 4 / 10), (.otherApp, affected * 25 / 100),
            (.earlyHub, affected / 14), (.lateHub, affected / 30),
        ]
        return counts.flatMap { role, count in Array(repeating: role, count: count) }
    }

    private mutating func addResidents(affected: Int) {
        var roles = Self.roles(affected: affected)
        chance.shuffle(&roles)
        for role in roles {
            var resident = Resident(
                account: world.addAccount(), role: role, node: chance.below(XiaomiIncident.nodes.count))
            switch role {
            case .viewer, .guest, .relative, .earlyHub: resident.poorHub = chance.chance(0.12)
            case .otherHub: resident.poorHub = chance.chance(0.3)
            case .host, .appOwner, .otherApp, .lateHub: break
            }
            residents.append(resident)
        }
    }

    /// One or two cameras for each that has any; their numbers tell nothing about their owners.
    private mutating func addCameras() {
        var wanted: [(resident: Int, model: String, isFirst: Bool)] = []
        for (index, resident) in residents.enumerated() {
            guard let ownsAffected = resident.role.ownsAffectedModel else { continue }
            wanted.append((index, ownsAffected ? XiaomiIncident.model : chance.pick(XiaomiIncident.otherModels), true))
            guard chance.chance(0.15) else { continue }
            let another = ownsAffected && chance.chance(0.5)
            wanted.append((index, another ? XiaomiIncident.model : chance.pick(XiaomiIncident.otherModels), false))
        }
        chance.shuffle(&wanted)
        for (index, model, isFirst) in wanted {
            let bought = Instant(2019, 1, 1) + .days(chance.below(300)) + .minutes(chance.below(1440))
            let from = chance.chance(0.15) ? bought : nil
            let view = Resident.View(
                camera: world.addCamera(model: model, owner: residents[index].account, from: from))
            residents[index].appViews.insert(view, at: isFirst ? 0 : residents[index].appViews.count)
            switch residents[index].role {
            case .viewer, .otherHub, .earlyHub, .lateHub:
                residents[index].hubViews.insert(view, at: isFirst ? 0 : residents[index].hubViews.count)
            case .host, .guest, .relative, .appOwner, .otherApp: break
            }
        }
    }

    /// The guests and relatives, whose right lasts throughout.
    private mutating func addHouseholds() {
        let (hosts, viewers) = (indices(of: .host), indices(of: .viewer))
        for (guest, host) in zip(indices(of: .guest), hosts) { share(of: host, with: guest) }
        for relative in indices(of: .relative) { share(of: chance.pick(viewers), with: relative) }
    }

    private mutating func share(of owner: Int, with grantee: Int) {
        let view = residents[owner].appViews[0]
        let from = Instant(2019, 11, 1) + .days(chance.below(40)) + .minutes(chance.below(1440))
        grant(view.camera, of: owner, to: grantee, span: Span(from: chance.chance(0.7) ? from : nil))
        residents[grantee].hubViews.append(view)
        residents[grantee].appViews.append(view)
    }

    /// Live grants to accounts that use the app alone.
    private mutating func addFamilyShares() {
        let owners = indices(of: .viewer) + indices(of: .appOwner)
        for grantee in indices(of: .appOwner) + indices(of: .otherApp) where chance.chance(0.2) {
            let owner = chance.pick(owners)
            guard owner != grantee else { continue }
            let view = residents[owner].appViews[0]
            grant(view.camera, of: owner, to: grantee, span: Span(from: Instant(2019, 12, 1)))
            residents[grantee].appViews.append(view)
        }
    }

    /// Grants that end before or within the logs' time. The grantees use the app alone and look only while the grant
    /// lives; a few go on asking with a Nest Hub and are refused.
    private mutating func addEndedShares() {
        let viewers = indices(of: .viewer)
        for grantee in indices(of: .otherApp) where chance.chance(0.15) {
            let owner = chance.pick(viewers)
            let camera = residents[owner].appViews[0].camera
            let end = chance.instant(from: XiaomiIncident.start - .days(5), to: XiaomiIncident.suspension - .days(2))
            grant(camera, of: owner, to: grantee, span: Span(from: Instant(2019, 10, 1), until: end))
            residents[grantee].appViews.append(.init(camera: camera, span: Span(until: end - .hours(1))))
            guard chance.chance(0.4) else { continue }
            residents[grantee].refusedViews = [.init(camera: camera, span: Span(from: end + .hours(1)))]
        }
    }

    /// Cameras that change hands within the logs' time; both sides use the app alone, a day apart.
    private mutating func addSales() {
        var buyers = indices(of: .otherApp)
        for seller in indices(of: .appOwner).prefix(200) where chance.chance(0.02) && !buyers.isEmpty {
            let buyer = buyers.removeFirst()
            let camera = residents[seller].appViews[0].camera
            guard world.grants(of: camera).isEmpty else { continue }
            let time = chance.instant(from: XiaomiIncident.start + .days(2), to: XiaomiIncident.end - .days(2))
            world.sell(camera, to: residents[buyer].account, at: time)
            residents[seller].appViews[0].span = Span(until: time - .hours(12))
            residents[buyer].appViews.append(.init(camera: camera, span: Span(from: time + .hours(12))))
        }
    }

    private mutating func grant(_ camera: Camera, of owner: Int, to grantee: Int, span: Span) {
        world.grant(camera, by: residents[owner].account, to: residents[grantee].account, span: span)
    }

    private func indices(of role: Role) -> [Int] {
        residents.indices.filter { residents[$0].role == role }
    }
}
