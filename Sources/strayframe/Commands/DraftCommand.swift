import Analysis
import ArgumentParser
import Foundation
import LogRecords

extension ProfilesCommand {
    struct Draft: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Propose a profile for a log that no shipped profile reads.",
            discussion: """
                Prints YAML to save, review and complete. Each guess is shown with the values that it was made from; at the end are \
                the unused fields, and what is still missing for a count.

                EXAMPLES
                  strayframe profiles draft unknown.log.zst > my-relay.yaml
                  strayframe profiles draft unknown.log.zst --name my-relay > my-relay.yaml
                  strayframe profiles draft unknown.log.zst --lines 2000 > my-relay.yaml
                  strayframe profiles test unknown.log.zst --profile my-relay.yaml
                """)

        @Argument(help: "A log file.", completion: .file())
        var file: String

        @Option(help: "The name of the profile. Default: taken from the file's name.")
        var name: String?

        @Option(help: "How many lines to look at.")
        var lines = 200

        @Option(
            help: ArgumentHelp(
                "The format of time stamps, as strptime has it (%f is a fraction), if it is not one of the usual ones.",
                valueName: "format"))
        var timeFormat: String?

        @OptionGroup var form: MessageForm

        func validate() throws {
            guard lines > 0 else { throw ValidationError("--lines is at least 1") }
        }

        func run() throws {
            try report {
                let drafted = try FileDraft(
                    of: file, name: name ?? Self.name(of: file), library: ProfileLibrary(), lines: lines,
                    timeFormat: timeFormat)
                if drafted.isEmpty {
                    Messages.write(
                        "\(file): no profile can be drafted: it has no line",
                        nameless: "no profile can be drafted: the file has no line", .error)
                    throw ExitStatus.noUsableData
                }
                if let fitting = drafted.fitting {
                    Messages.write(
                        "\(file): \(fitting.label) reads it already, so no profile is needed; the draft is from the lines alone",
                        nameless: "a profile reads the file already; the draft is from the lines alone",
                        .info)
                }
                guard let draft = drafted.draft else {
                    Messages.write(
                        "\(file): no profile can be drafted: its first lines have no shape in common, or neither a time nor a directory's columns; 'strayframe profiles test \(file)' says what it looks like",
                        nameless:
                            "no profile can be drafted: the first lines have no shape in common, or neither a time nor columns",
                        .error)
                    throw ExitStatus.noUsableData
                }
                print(draft.text, terminator: "")
                if !draft.envelopes.isEmpty {
                    Messages.write(
                        "its lines are wrapped (\(draft.envelopes.joined(separator: ", "))); the profile is for what is inside",
                        nameless: nil,
                        .info)
                }
                Messages.write(
                    "\(draft.usableCount) of \(draft.lineCount) lines become records by it; save it, look at every line of it, and try 'strayframe profiles test \(file) --profile FILE'",
                    nameless:
                        "\(draft.usableCount) of \(draft.lineCount) lines become records by it; look at every line of it",
                    .info)
                if draft.usableCount == 0 { throw ExitStatus.noUsableData }
            }
        }

        /// `relay-eu.log.1.zst` is `relay-eu`.
        private static func name(of file: String) -> String {
            let last = URL(fileURLWithPath: file).lastPathComponent.prefix { $0 != "." }
            let name = last.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
            return name.isEmpty ? "drafted" : "\(name)-draft"
        }
    }
}
