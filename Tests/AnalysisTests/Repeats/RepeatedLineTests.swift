import Analysis
import Casefile
import Foundation
import GRDB
import Reports
import Testing

/// Lines that a collector delivered again, in the middle of files.
@Suite struct RepeatedLineTests {
    /// Lines of the relay, each with the id of its request.
    private func named(_ range: Range<Int>, id: (Int) -> Int = { $0 }) -> [String] {
        range.map { step in
            StrayDump.relay(1, from: step).replacing(
                #","bytes":9000}"#, with: #","bytes":9000,"request_id":"\#(TwoServerDump.id(id(step)))"}"#)
        }
    }

    private func lines(_ range: Range<Int>) -> [String] { range.map { StrayDump.relay(1, from: $0) } }

    /// - Returns: how many deliveries and certain exposures there are, which each line of `StrayDump.relay` is.
    private func count(_ files: [String: [String]]) throws -> (Int, Int) {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch)
        for (name, lines) in files { try scratch.write("dump/relay/\(name).ndjson", lines.joined()) }
        let caseFile = try scratch.analyze([scratch.path("dump")])
        #expect(try Verification(of: caseFile).isSound)
        let fresh = try scratch.analyze([scratch.path("dump")], case: "again.sqlite", jobs: 3)
        _ = try scratch.analyze([scratch.path("dump")], case: "again.sqlite")
        #expect(try scratch.reports(of: caseFile, in: "one") == scratch.reports(of: fresh, in: "other"))
        let summary = try Summary(of: caseFile)
        return (summary.deliveries, summary.exposuresCertain)
    }

    @Test("a part of a log in the middle of another file counts once")
    func resent() throws {
        let one = lines(0..<40)
        let other = lines(100..<120) + lines(10..<22) + lines(120..<140)
        #expect(try count(["a": one, "b": other]) == (80, 80))
    }

    @Test("so do several parts, in three files, whichever file is read first")
    func severalParts() throws {
        let one = lines(0..<60)
        let other = lines(100..<110) + lines(5..<12) + lines(110..<120) + lines(40..<44) + lines(120..<125)
        let third = lines(200..<205) + lines(5..<12) + lines(205..<206) + lines(102..<108) + lines(206..<210)
        #expect(try count(["b": one, "c": other, "a": third]) == (60 + 25 + 10, 60 + 25 + 10))
    }

    @Test("three lines in order in the middle of two files may be coincidence, and count twice")
    func coincidence() throws {
        let other = lines(100..<110) + lines(10..<13) + lines(110..<120)
        #expect(try count(["a": lines(0..<30), "b": other]) == (53, 53))
    }

    @Test("lines alike within a part that came again count as often as they were written")
    func alike() throws {
        let part = [10, 11, 11, 11, 12, 13, 13, 14].map { StrayDump.relay(1, from: $0) }
        let one = lines(0..<10) + part + lines(15..<20)
        #expect(try count(["a": one, "b": lines(100..<110) + part + lines(110..<115)]) == (23 + 15, 23 + 15))
    }

    @Test("a single line that names its request counts once, wherever it stands again")
    func single() throws {
        let other = named(100..<110) + named(7..<8) + named(110..<120) + named(20..<21) + named(120..<121)
        #expect(try count(["a": named(0..<30), "b": other]) == (51, 51))
    }

    @Test("an id that other lines of the file have too names no line")
    func recurring() throws {
        // A client that sends one id with each of its requests.
        let one = named(0..<30) { _ in 5 }
        let other = named(100..<110) { _ in 5 } + named(7..<8) { _ in 5 } + named(110..<120) { _ in 5 }
        #expect(try count(["a": one, "b": other]) == (51, 51))
    }

    @Test("an id on other lines of another file leaves each its own answer")
    func otherLines() throws {
        let one = named(0..<20)
        let other = named(100..<120) { $0 - 100 }
        #expect(try count(["a": one, "b": other]) == (40, 40))
    }

    @Test("a part of a log that its own file has again counts once, however often it came")
    func resentToItsFile() throws {
        #expect(try count(["a": lines(0..<30) + lines(12..<22) + lines(30..<40)]) == (40, 40))
        let often = lines(0..<20) + lines(5..<15) + lines(5..<15) + lines(20..<25) + lines(8..<13) + lines(25..<30)
        #expect(try count(["a": often]) == (30, 30))
    }

    @Test("so does one that another file has, too")
    func resentToItsFileAndAnother() throws {
        let one = lines(0..<30) + lines(12..<22) + lines(30..<40)
        #expect(try count(["a": one, "b": lines(100..<110) + lines(12..<22) + lines(110..<125)]) == (65, 65))
    }

    @Test("the same answers again while time goes on, or within one tick of the clock, are others")
    func inOneTick() throws {
        // All of one second, as a log of whole seconds has them.
        func second(_ requests: [Int]) -> [String] {
            requests.map { StrayDump.relay(1).replacing(#""bytes":9000"#, with: #""bytes":\#(9000 + $0)"#) }
        }
        #expect(try count(["a": lines(1000..<1004) + second([1, 2, 3, 4, 5])]) == (9, 9))
        #expect(try count(["a": second([1, 2, 3, 4, 1, 2, 3, 4, 5]) + lines(1000..<1004)]) == (13, 13))
    }

    @Test("a line that names its request counts once where its own file has it again")
    func singleInItsFile() throws {
        #expect(try count(["a": named(0..<30) + named(7..<8) + named(30..<35)]) == (35, 35))
    }

    @Test("what came again in its own file is said of it, and stays so when the case is read on")
    func notedOfItself() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch)
        try scratch.write("dump/relay/a.ndjson", (lines(0..<30) + lines(12..<22)).joined())
        func notes(_ caseFile: CaseFile) throws -> [String] {
            try caseFile.read { db in try String.fetchAll(db, sql: "SELECT note FROM source WHERE note IS NOT NULL") }
        }
        #expect(try notes(scratch.analyze([scratch.path("dump")])) == ["lines 31–40 again, as lines before them"])
        try scratch.write("dump/relay/b.ndjson", lines(200..<230).joined())
        let both = try scratch.analyze([scratch.path("dump")])
        #expect(try notes(both) == ["lines 31–40 again, as lines before them"])
        #expect(try Summary(of: both).deliveries == 60)
        #expect(try Verification(of: both).isSound)
    }

    /// A case that is read in steps takes the same lines out, and puts them back when the other file goes.
    @Test("a file that has the lines may come later, and go again")
    func inSteps() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch)
        try scratch.write("dump/relay/a.ndjson", (named(0..<30)).joined())
        _ = try scratch.analyze([scratch.path("dump")])
        try scratch.write(
            "dump/relay/b.ndjson",
            (named(100..<140) + named(3..<4) + named(140..<150) + named(9..<16) + named(150..<160)).joined())
        let both = try scratch.analyze([scratch.path("dump")])
        #expect(try Summary(of: both).deliveries == 90)
        let fresh = try scratch.analyze([scratch.path("dump")], case: "fresh.sqlite")
        #expect(try scratch.reports(of: both, in: "one") == scratch.reports(of: fresh, in: "other"))
        #expect(try Verification(of: both).isSound)
    }

    @Test("what came again is said of its file")
    func noted() throws {
        let scratch = try Scratch()
        try StrayDump.write(to: scratch)
        try scratch.write("dump/relay/a.ndjson", named(0..<30).joined())
        try scratch.write(
            "dump/relay/b.ndjson",
            (named(100..<110) + [0, 3, 6, 9, 12].flatMap { named($0..<($0 + 1)) + named((120 + $0)..<(121 + $0)) })
                .joined())
        let caseFile = try scratch.analyze([scratch.path("dump")])
        let notes = try caseFile.read { db in
            try String.fetchAll(db, sql: "SELECT note FROM source WHERE note IS NOT NULL")
        }
        #expect(notes == ["5 of the lines 11–19 as in dump/relay/a.ndjson"])
    }
}
