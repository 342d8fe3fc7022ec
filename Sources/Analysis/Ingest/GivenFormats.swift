import LogBytes
import LogRecords

/// The profiles and log formats that the user gave for a dump: each must fit a file of it, or what it was given for would be
/// read by another without a word.
struct GivenFormats {
    private struct Enough: Error {}

    /// Where a format came nearest to fit.
    private struct Misfit {
        var file: String
        var line: Int
        var offset: Int
        var reason: String
    }

    /// Looks at the beginnings of files until each given format fits one.
    ///
    /// - Throws: `AnalysisError.formatFitsNothing` for the first that fits none. Pipes can be read only once; where there is one,
    ///   nothing is refused.
    static func requireFit(_ files: [FoundFile], _ library: ProfileLibrary, _ limits: Limits) throws {
        var open = library.given
        guard !open.isEmpty, !files.isEmpty, !files.contains(where: \.isPipe) else { return }
        var nearest: [String: Misfit] = [:]
        for file in files where !open.isEmpty {
            _ = try? LogFile(file, limits: limits).forEachMember { member in
                let isAlone = member.name == nil
                try member.peek { sample in
                    open.removeAll { given in given.profiles.contains { FormatSniffer.fits($0, sample) } }
                    for given in open {
                        for profile in given.profiles {
                            guard let found = profile.misfit(sample), found.offset > nearest[given.origin]?.offset ?? -1
                            else { continue }
                            nearest[given.origin] = Misfit(
                                file: file.name, line: found.line, offset: found.offset, reason: found.reason)
                        }
                    }
                    if isAlone || open.isEmpty { throw Enough() }
                }
            }
        }
        guard let given = open.first else { return }
        let stop = nearest[given.origin].map {
            "; in \($0.file) it stops fitting at byte \($0.offset) of line \($0.line): \($0.reason)"
        }
        throw AnalysisError.formatFitsNothing(format: given.origin, stop: stop ?? "")
    }
}
