import Interning
import LogRecords

/// The lines of a log whose profile is known: each becomes records or a rejection.
enum Lines {
    static let logfmt = """
        name: fuzz-logfmt
        syntax: logfmt
        delivery:
          time: ts
          node: node
          requester: account
          camera: {field: path, extract: '/v1/cameras/{value}/{_}'}
          key: key
          cache: cache
          status: status
          bytes: bytes
          duration: {field: rt, unit: s}
        """
    static let semicolons = """
        name: fuzz-delimited
        syntax: delimited
        delimiter: ';'
        delivery: {time: time, requester: account, camera: camera, key: key, cache: cache, status: status}
        fill: {when: {cache: MISS}, time: time, camera: camera, key: key, frame: frame}
        """
    static let tabs = """
        name: fuzz-tsv
        syntax: tsv
        columns: [time, account, camera, key, '...']
        zone: Europe/Berlin
        delivery: {time: time, requester: account, camera: camera, key: key}
        """
    /// Everything that takes a value out of a field.
    static let tokens = """
        name: fuzz-token
        syntax: json
        derive:
          header: {field: authorization, jwt: sub}
          nested: {field: authorization, jwt: realm.account}
          from_cookie: {field: cookie, cookie: login, decode: percent, jwt: sub}
          from_query: {field: url, decode: percent, query: acct}
          unpacked: {field: packed, decode: [base64, haproxy]}
          same: {field: url, normalize: url}
          hop: {field: cache, cache_status: key}
          address: {field: peer, account_by: address}
        delivery:
          time: {join: [day, clock]}
          requester: [header, nested, from_cookie, from_query, unpacked, address]
          camera: {field: url, extract: '/v1/cameras/{value}/{_}'}
          key: [hop, same]
          cache: {field: verdict, words: {yes: HIT, no: MISS}}
        """

    /// A target for some shipped profiles and some of its own; an input's first byte chooses one of them.
    static func target(_ shipped: [String] = [], own: [String] = []) -> Target {
        let library: ProfileLibrary
        do throws(ProfileProblem) {
            library = try ProfileLibrary(own: own.map { ("fuzz.yaml", $0) })
        } catch {
            fatalError("\(error)")
        }
        let profiles =
            library.profiles.prefix(own.count)
            + shipped.map { name in
                guard let profile = library.profile(named: name) else { fatalError("no profile \(name)") }
                return profile
            }
        return { input in
            guard let first = input.first else { return }
            parse(input.dropFirst(), profiles[Int(first) % profiles.count])
        }
    }

    static func parse(_ input: some Collection<UInt8>, _ profile: Profile) {
        var parser = LineParser(profile: profile, names: StringInterner())
        var batch = RecordBatch()
        for (index, line) in input.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            let id = EventID(source: 1, line: Int64(index + 1))
            switch parser.parse(Array(line).span.bytes, id: id, into: &batch) {
            case .rejected(let reason, _): precondition(!reason.rawValue.isEmpty)
            case .accepted, .ignored: break
            }
        }
        // What is held back at the end becomes records too.
        _ = parser.finish(source: 1, into: &batch)
        parser.settle(&batch)
        for delivery in batch.deliveries {
            precondition(delivery.time.earliest <= delivery.time.stamp && delivery.time.stamp <= delivery.time.latest)
        }
        for fill in batch.fills {
            precondition(fill.time.earliest <= fill.time.stamp && fill.time.stamp <= fill.time.latest)
        }
    }
}
