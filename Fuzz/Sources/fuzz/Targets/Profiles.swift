import LogRecords
import ProfileAuthoring

/// Profiles of the user's own: YAML, and the log formats of servers.
enum Profiles {
    /// Lines for whatever profile comes of the input.
    private static let sample = Array(
        """
        {"ts":"2019-12-26T10:00:00Z","requester":"acct-1","camera":"cam-1","key":"slot/1","status":200,"a":{"b":"c"}}
        ts=2019-12-26T10:00:00Z account=acct-1 camera=cam-1 key="slot/1"
        2019-12-26T10:00:00Z acct-1 cam-1 "GET /v1/cameras/cam-1/snap" 200 17 HIT slot/1
        time,account,camera
        2019-12-26T10:00:00Z,acct-1,cam-1
        """.utf8)

    static func read(_ input: [UInt8]) {
        do throws(ProfileProblem) {
            try parse(String(decoding: input, as: UTF8.self))
        } catch {
            precondition("\(error)".hasPrefix("fuzz.yaml"), "a problem names its file")
        }
    }

    /// A format's profile is one that can be read, or the format is refused.
    static func convert(_ input: [UInt8]) {
        guard let first = input.first else { return }
        if first == UInt8(ascii: "{") {
            let profiles = (try? LnavFormat.profiles(String(decoding: input, as: UTF8.self))) ?? []
            for text in profiles { checkConverted(text) }
            return
        }
        let servers = FormatString.Server.allCases
        let server = servers[Int(first) % servers.count]
        for format in FormatString.formats(of: server, in: String(decoding: input.dropFirst(), as: UTF8.self)) {
            guard let text = try? format.profile() else { continue }
            checkConverted(text)
        }
    }

    private static func checkConverted(_ text: String) {
        do throws(ProfileProblem) {
            try parse(text)
        } catch {
            precondition(error.message.contains("pattern"), "\(error) of \(text)")
        }
    }

    private static func parse(_ text: String) throws(ProfileProblem) {
        guard let profile = try ProfileLibrary(own: [("fuzz.yaml", text)]).profiles.first else { return }
        _ = profile.mapping.count + profile.derivedMapping.count
        Lines.parse(sample, profile)
    }
}
