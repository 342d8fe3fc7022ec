import Analysis
import ArgumentParser
import LogRecords
import Reports

struct ProfilesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profiles", abstract: "List, show, test and draft the profiles that turn log lines into records.",
        subcommands: [List.self, Show.self, Test.self, Draft.self, Convert.self, Schema.self],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the shipped profiles.",
            discussion: """
                EXAMPLES
                  strayframe profiles list
                """)

        func run() throws {
            try report {
                let profiles = try ProfileLibrary().profiles.sorted { $0.name < $1.name }
                let width = profiles.map(\.name.count).max() ?? 0
                for profile in profiles {
                    print(profile.name + String(repeating: " ", count: width + 2 - profile.name.count) + profile.title)
                }
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(

            abstract: "Print the YAML of a shipped profile.",
            discussion: """
                EXAMPLES
                  strayframe profiles show nginx-text > my-relay.yaml
                """)

        @Argument(
            help: "The profile's name.",
            completion: .custom { _, _, _ in ((try? ProfileLibrary().profiles.map(\.name)) ?? []).sorted() })
        var name: String

        func run() throws {
            try report {
                let library = try ProfileLibrary()
                guard let profile = library.profile(named: name) else {
                    let nearest = library.profiles.map(\.name).nearest(to: name).map { "did you mean '\($0)'? " } ?? ""
                    throw ValidationError("no profile '\(name)'; \(nearest)'strayframe profiles' lists them")
                }
                print(profile.text, terminator: "")
            }
        }
    }

    struct Test: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show which profile recognises a file and what its first lines become.",
            discussion: """
                EXAMPLES
                  strayframe profiles test relay.log.zst
                  strayframe profiles test relay.log.zst --profile my-relay.yaml
                """)

        @Argument(help: "A log file.", completion: .file())
        var file: String

        @OptionGroup(title: "Log formats") var profiles: ProfileOptions

        @OptionGroup(title: "Log formats") var format: OldFormatOption

        @OptionGroup var form: MessageForm

        @Option(help: "How many lines to show.")
        var lines = 5

        func run() throws {
            try report {
                let trial = try ProfileTrial(of: file, library: try profiles.library(format.names), lines: lines)
                for text in trial.report { print(VisibleText.of(text)) }
                if !trial.isRecognized { throw ExitStatus.noUsableData }
            }
        }
    }

    struct Convert: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the profile for a server's own log format.",
            discussion: """
                EXAMPLES
                  strayframe profiles convert --nginx-log-format '$msec "$request" $status'
                  strayframe profiles convert --squid-logformat '%ts.%03tu %>a %Ss %ru'
                  strayframe profiles convert --lnav-format relay_log.json > relay.yaml
                """)

        @OptionGroup(title: "Log formats") var profiles: ProfileOptions

        func run() throws {
            try report {
                let converted = try profiles.converted()
                guard !converted.isEmpty else { throw ValidationError("give a log format, as --nginx-log-format") }
                print(converted.map(\.text).joined(separator: "---\n"), terminator: "")
            }
        }
    }

    struct Schema: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the JSON Schema of profiles, for use in an editor.",
            discussion: """
                With the YAML language server, this line at the top of a profile is enough:
                  # yaml-language-server: $schema=profile.schema.json

                EXAMPLES
                  strayframe profiles schema > profile.schema.json
                """)

        func run() { print(ProfileSchema.json) }
    }
}
