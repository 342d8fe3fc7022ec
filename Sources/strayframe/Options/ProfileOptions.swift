import Analysis
import ArgumentParser
import Foundation
import LogRecords
import Reports

/// An older name of `--profile` for shipped ones, where no reports are written.
struct OldFormatOption: ParsableArguments {
    @Option(name: .customLong("format"), help: .hidden)
    var names: [String] = []

    func validate() throws {
        for name in names where ProfileLibrary.shippedText(of: name) == nil {
            throw ValidationError(ProfileOptions.noProfile(name))
        }
    }
}

/// Profiles of the user's own: files of YAML, and log formats as they stand in a server's configuration.
struct ProfileOptions: ParsableArguments {
    @Option(
        name: .customLong("profile"),
        help: ArgumentHelp(
            "A profile to try before all others: the name of a shipped one (see 'strayframe profiles') or a YAML file; may be repeated.",
            valueName: "name|file"), completion: .custom { _, _, prefix in Self.candidates(prefix) })
    var files: [String] = []

    @Option(help: ArgumentHelp("An nginx log_format, as in nginx.conf.", valueName: "format"))
    var nginxLogFormat: [String] = []

    @Option(help: ArgumentHelp("An Apache LogFormat, as in httpd.conf.", valueName: "format"))
    var apacheLogFormat: [String] = []

    @Option(help: ArgumentHelp("A format of varnishncsa -F.", valueName: "format"))
    var varnishncsaFormat: [String] = []

    @Option(help: ArgumentHelp("A Squid logformat, as in squid.conf.", valueName: "format"))
    var squidLogformat: [String] = []

    @Option(help: ArgumentHelp("A GoAccess --log-format.", valueName: "format"))
    var goaccessLogFormat: [String] = []

    @Option(
        name: .customLong("lnav-format"),
        help: ArgumentHelp("A format file of lnav (JSON), from ~/.lnav/formats.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var lnavFormatFiles: [String] = []

    /// What each option gave; of a piece of a configuration all formats in it.
    private var formats: [[FormatString]] {
        let given: [(FormatString.Server, [String])] = [
            (.nginx, nginxLogFormat), (.apache, apacheLogFormat), (.varnishncsa, varnishncsaFormat),
            (.squid, squidLogformat), (.goaccess, goaccessLogFormat),
        ]
        return given.flatMap { server, texts in texts.map { FormatString.formats(of: server, in: $0) } }
    }

    private static func option(_ server: FormatString.Server) -> String {
        switch server {
        case .nginx: "nginx-log-format"
        case .apache: "apache-log-format"
        case .varnishncsa: "varnishncsa-format"
        case .squid: "squid-logformat"
        case .goaccess: "goaccess-log-format"
        }
    }

    /// The profiles that the log formats come to, each with where it is from.
    func converted() throws -> [(file: String, text: String)] {
        let lnav = try lnavFormatFiles.flatMap { path in
            do {
                return try LnavFormat.profiles(try Self.text(of: path)).map { (path, $0) }
            } catch var problem as ProfileProblem {
                problem.file = path
                throw problem
            }
        }
        var names: [String: Int] = [:]
        return try formats.flatMap { given in
            // A configuration has formats of which this dump has no log, and such as tell of no time: one has to fit.
            let origin = given.first.map { first in
                "--\(Self.option(first.server)) '\(first.text)'"
                    + (given.count == 1 ? "" : " (the first of \(given.count) formats)")
            }
            var profiles: [(file: String, text: String)] = []
            var problem: (any Error)?
            for format in given {
                do {
                    profiles.append(try profile(of: format, from: origin ?? "", named: name(of: format, &names)))
                } catch {
                    problem = problem ?? error
                }
            }
            if profiles.isEmpty, let problem { throw problem }
            return profiles
        } + lnav
    }

    /// A name for a format's profile that no earlier one has.
    private func name(of format: FormatString, _ names: inout [String: Int]) -> String {
        let stem = (["own", format.server.rawValue] + [format.name].compactMap(\.self)).joined(separator: "-")
        names[stem, default: 0] += 1
        let count = names[stem, default: 1]
        return count == 1 ? stem : "\(stem)-\(count)"
    }

    private func profile(
        of format: FormatString, from origin: String, named name: String
    ) throws -> (file: String, text: String) {
        do {
            return (origin, try format.profile(named: name))
        } catch {
            var problem = error
            problem.file = origin
            let others = format.readers.map { "--\(Self.option($0))" }
            if !others.isEmpty {
                problem.message +=
                    "; it can be read as another server's: give it to \(others.joined(separator: " or "))"
            }
            throw problem
        }
    }

    /// - Parameter names: shipped profiles that come before all others.
    func library(_ names: [String] = []) throws -> ProfileLibrary {
        let own = try (names + files).flatMap { path -> [(String, String)] in
            if !FileManager.default.fileExists(atPath: path), let shipped = ProfileLibrary.shippedText(of: path) {
                return [(path, shipped)]
            }
            return Self.documents(try Self.text(of: path)).map { (path, $0) }
        }
        return try ProfileLibrary(own: own + converted())
    }

    /// What `--profile` may go on with: names of shipped profiles, and files and folders.
    private static func candidates(_ prefix: String) -> [String] {
        let names = ((try? ProfileLibrary().profiles.map(\.name)) ?? []).sorted().filter { $0.hasPrefix(prefix) }
        let folder = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        return names + files.sorted().map { folder + $0 }.filter { $0.hasPrefix(prefix) && !$0.hasPrefix(".") }
    }

    /// What to say of a name that no shipped profile has.
    static func noProfile(_ name: String) -> String {
        let known = (try? ProfileLibrary().profiles.map(\.name)) ?? []
        let stem = URL(fileURLWithPath: name).deletingPathExtension().lastPathComponent
        let nearest = (known.nearest(to: name) ?? known.nearest(to: stem)).map { "did you mean '\($0)'? " } ?? ""
        return "no profile '\(name)' is shipped; \(nearest)'strayframe profiles' lists them"
    }

    private static func text(of path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw ValidationError("--profile \(path): there is no such file, and \(noProfile(path))")
            }
            throw AnalysisError.cannotRead(
                path: path,
                reason: isFolder.boolValue
                    ? "is a folder; --profile takes a file of YAML or a shipped profile's name"
                    : "the profile cannot be read; check its permissions")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// The profiles in a file, which `---` separates, each behind as many lines as are before it, so that a problem is
    /// told with the file's line.
    private static func documents(_ text: String) -> [String] {
        var documents: [String] = []
        var lines: [Substring] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line == "---", lines.contains(where: { !$0.isEmpty && !$0.hasPrefix("#") }) {
                documents.append(lines.joined(separator: "\n") + "\n")
                lines = Array(repeating: "", count: number + 1)
            } else {
                lines.append(line == "---" ? "" : line)
            }
        }
        return documents.isEmpty ? [text] : documents + [lines.joined(separator: "\n")]
    }
}
