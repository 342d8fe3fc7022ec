import Foundation
import Testing

@testable import strayframe

/// What is shown on a terminal, and what goes to a file.
@Suite struct TerminalTests {
    @Test("counts fit 80 columns and have no colour where the output is no terminal")
    func plain() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        for words in [["analyze", "dump"], ["correlate"], ["report"]] {
            let run = try Tool.run(words, in: folder.url, environment: ["COLUMNS": "200", "TERM": "xterm"])
            #expect(run.status == 0 && run.errors == "", "\(run.errors)")
            #expect(!run.output.contains("\u{1b}"))
            for line in run.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
            #expect(
                run.output.contains("certain  possible\nexposures                        1         0\n"),
                "\(run.output)")
        }
        let analyze = try Tool.run(["analyze", "dump"], in: folder.url)
        #expect(analyze.output.hasSuffix("\nOpen reports/report.html\n"))
    }

    @Test("a terminal of any width gets lines that fit it; numbers are bold, unless NO_COLOR is set")
    func onTerminal() throws {
        let folder = try Folder()
        guard try folder.status("command -v script >/dev/null") == 0 else { return }
        try SmallDump.write(to: folder)
        func show(_ columns: Int, _ environment: String = "") throws -> String {
            let tool = Tool.executable.path
            try folder.shell(
                "env -u NO_COLOR TERM=xterm \(environment) script -qec \"stty cols \(columns); '\(tool)' analyze dump\" shown </dev/null >/dev/null"
            )
            return String(decoding: try folder.data("shown"), as: UTF8.self)
        }
        for columns in [50, 90] {
            let text = try show(columns)
            #expect(text.contains("\u{1b}[1m         1\u{1b}[0m"), "\(text)")
            let last = text.replacing(#/\r\u{1b}\[K[^\r\n\u{1b}]*/#.matchingSemantics(.unicodeScalar), with: "")
                .replacing(#/\u{1b}\[[0-9;]*[mK]/#.matchingSemantics(.unicodeScalar), with: "")
            for line in last.split(whereSeparator: \.isNewline) where !line.hasPrefix("Script ") {
                // A word that is longer stands alone.
                #expect(
                    line.count <= columns || line.split(separator: " ").contains { $0.count > columns - 40 }, "\(line)")
            }
        }
        #expect(try !show(90, "NO_COLOR=1").contains("\u{1b}[1m"))
    }

    @Test("text is broken at blanks, and behind the first line indented")
    func wrapping() {
        let terminal = Terminal(width: 20, isStyled: false)
        #expect(terminal.wrapped("one two three four five") == "one two three four\nfive")
        #expect(terminal.wrapped("one two three", indent: 4, from: 10) == "one two\n    three")
        #expect(terminal.wrapped("a-word-of-more-than-twenty-letters b") == "a-word-of-more-than-twenty-letters\nb")
        #expect(terminal.wrapped("") == "")
        #expect(terminal.styled("1", .bold) == "1")
        #expect(Terminal(width: 20, isStyled: true).styled("1", .bold) == "\u{1b}[1m1\u{1b}[0m")
    }

    @Test("progress is right in its first second, and in its last")
    func progress() {
        typealias Figures = ProgressText.Figures
        func reading(_ figures: Figures, _ seconds: Double) -> String {
            ProgressText.text(.reading, figures, seconds: seconds)
        }
        #expect(reading(Figures(), 0.1) == "looking for files")
        // Neither a speed nor an end can be told from a tenth of a second.
        #expect(
            reading(Figures(bytesRead: 1_000_000, bytesTotal: 200_000_000, lines: 9_000), 0.1)
                == "1.0 of 200.0 MB (0 %), 9,000 lines")
        // A quarter in 10 s leaves 30 s.
        #expect(
            reading(Figures(bytesRead: 50_000_000, bytesTotal: 200_000_000, lines: 500_000, rejected: 3), 10)
                == "50.0 of 200.0 MB (25 %), 500,000 lines, 3 rejected, 50,000 lines/s, 30 s left")
        #expect(
            reading(Figures(bytesRead: 200_000_000, bytesTotal: 200_000_000, lines: 2_000_000), 40)
                == "all read: 200.0 of 200.0 MB (100 %), 2,000,000 lines; finishing the case")
        #expect(reading(Figures(lines: 5_000), 5) == "5,000 lines, 1,000 lines/s")
        func correlating(_ judged: Int, _ total: Int, _ seconds: Double) -> String {
            ProgressText.text(
                .correlating, Figures(bytesRead: 9, bytesTotal: 9, judged: judged, deliveries: total), seconds: seconds)
        }
        #expect(correlating(0, 0, 0.1) == "correlating: reading what the logs say")
        #expect(correlating(100, 1_000, 0.5) == "correlating: 100 of 1,000 deliveries judged")
        #expect(correlating(250, 1_000, 10) == "correlating: 250 of 1,000 deliveries judged, 30 s left")
        #expect(correlating(999, 1_000, 10) == "correlating: 999 of 1,000 deliveries judged, less than a second left")
        #expect(correlating(1_000, 1_000, 10) == "correlating: all 1,000 deliveries judged; finding the cause")
        #expect(
            ProgressText.text(.looking, Figures(bytesRead: 3, bytesTotal: 7), seconds: 1) == "3 of 7 files looked at")
    }
}
