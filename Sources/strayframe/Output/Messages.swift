import ArgumentParser
import Foundation
import LogRecords
import Synchronization

/// How what a run tells on the standard error is written.
enum LogFormat: String, CaseIterable, ExpressibleByArgument {
    case text
    /// A JSON object a line: `at`, `level`, `message`, and with progress its figures.
    case json
}

/// What a run tells besides its results.
struct MessageOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Print nothing but errors.")
    var quiet = false

    @OptionGroup var form: MessageForm
}

/// The form of what is told on the standard error.
struct MessageForm: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The format of errors and progress on the standard error: text, or json (one object per line).",
            valueName: "format"))
    var logFormat = LogFormat.text

    @Flag(
        help:
            "Name no account, camera, key or file in errors and progress; files of the dump appear by their number in the case."
    )
    var noNames = false

    func validate() {
        Messages.isJSON.store(logFormat == .json, ordering: .relaxed)
        Messages.isNameless.store(noNames, ordering: .relaxed)
    }
}

/// What is written on the standard error; nothing in it can act on a terminal.
enum Messages {
    /// Of the whole run: an error may come from anywhere in it.
    static let isJSON = Atomic(false)
    static let isNameless = Atomic(false)

    enum Level: String, Encodable {
        case info, warning, error
    }

    /// One line of JSON.
    private struct Entry: Encodable {
        let at = Date.now.ISO8601Format()
        var level: Level
        var message: String
        var figures: [String: Int]?
    }

    /// - Parameter nameless: what is written instead where nothing may be named; nil if the text names nothing.
    static func write(_ text: String, nameless: String?, _ level: Level, figures: [String: Int]? = nil) {
        let text = isNameless.load(ordering: .relaxed) ? nameless ?? text : text
        guard isJSON.load(ordering: .relaxed) else {
            let text = level == .warning ? "warning: \(text)" : text
            let lines = text.split(separator: "\n").map { VisibleText.of(String($0)) }.joined(separator: "\n")
            return FileHandle.standardError.write(Data("strayframe: \(lines)\n".utf8))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(Entry(level: level, message: text, figures: figures)) else { return }
        FileHandle.standardError.write(line + Data("\n".utf8))
    }
}
