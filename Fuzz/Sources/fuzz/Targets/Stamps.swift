import LogRecords

/// Time stamps, on their own and as a record's, with everything that a profile can leave open.
enum Stamps {
    private static let profiles: [Profile] = {
        let zones = ["zone: Europe/Berlin", "year: 2019", "zone: America/New_York\nyear: 1999", "clock: c"]
        return zones.map { zone in
            let text = """
                name: fuzz-stamp
                syntax: pattern
                pattern: '{time}|{duration}'
                \(zone)
                delivery:
                  marks: start
                  time: time
                  duration: {field: duration, unit: ms}
                """
            guard let library = try? ProfileLibrary(own: [("fuzz.yaml", text)]) else {
                fatalError("a profile is wrong")
            }
            return library.profiles[0]
        }
    }()

    static func read(_ input: [UInt8]) {
        let text = String(decoding: input, as: UTF8.self)
        if let stamp = Timestamp(text) {
            precondition(stamp.resolution >= 1 && stamp.latest >= stamp.microseconds)
        }
        for profile in profiles { Lines.parse(input, profile) }
    }
}
