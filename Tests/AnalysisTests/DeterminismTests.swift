import Analysis
import Foundation
import GRDB
import Reports
import Testing

/// The same input gives the same reports, whatever the number of threads or the order of files.
@Suite struct DeterminismTests {
    /// Several nodes and files, copies, rejects, unknown files and frames of several owners at equal moments.
    private func writeDump(_ scratch: Scratch) throws {
        var cameras = "camera,owner,from,until,model\n"
        for camera in 0..<30 { cameras += "cam-\(camera),acct-\(camera),,,model-\(camera % 3)\n" }
        try scratch.write("dump/cameras.csv", cameras)
        // The operator's other table does not agree about the models.
        try scratch.write(
            "dump/more/cameras.csv", cameras.replacing("model-1", with: "model-9") + "cam-30,acct-30,,,\n")
        try scratch.write(
            "dump/rollouts.csv", "rollout,node,from,note\nv1,,2019-12-26T10:00:00Z,\nv2,n1,2019-12-26T10:00:04Z,\n")
        for node in 0..<4 {
            var relay = "broken line\n"
            var cache = ""
            for step in 0..<200 {
                let camera = (step * 7 + node) % 30
                let time = "2019-12-26T10:00:0\(step / 40).\(100 + step % 40 * 20)Z"
                cache +=
                    #"{"ts":"\#(time)","node":"n\#(node)","op":"FILL","key":"slot/\#(camera % 4)","frame":"f\#(step)","camera":"cam-\#(camera)"}"#
                    + "\n"
                relay +=
                    #"{"ts":"\#(time)","node":"n\#(node)","requester":"acct-\#((camera + step % 3) % 30)","camera":"cam-\#((camera + step % 3) % 30)","key":"slot/\#(camera % 4)","cache":"HIT","status":200,"bytes":1}"#
                    + "\n"
            }
            try scratch.write("dump/relay/n\(node).ndjson", relay)
            try scratch.write("dump/cache/n\(node).ndjson", cache)
        }
        for name in ["README", "a/README", "z/README"] { try scratch.write("dump/\(name)", "the same notes\n") }
        try scratch.shell(
            "cp dump/relay/n2.ndjson dump/relay/copy.ndjson; cp dump/relay/n2.ndjson dump/aaa.ndjson; gzip dump/relay/n3.ndjson"
        )
    }

    @Test("one thread and many, one root and its folders in any order, give the same bytes")
    func threadsAndOrder() throws {
        let scratch = try Scratch()
        try writeDump(scratch)
        let one = try scratch.reports(of: scratch.analyze([scratch.path("dump")], case: "one.sqlite", jobs: 1))
        #expect(String(decoding: one["summary.json"] ?? Data(), as: UTF8.self).contains(#""unrecognized_files" : 1"#))
        for run in 0..<4 {
            let jobs = [3, 3, 2, 8][run]
            let many = try scratch.reports(
                of: scratch.analyze([scratch.path("dump")], case: "many-\(run).sqlite", jobs: jobs))
            for (name, data) in one { #expect(many[name] == data, "\(name)") }
        }
        let parts = ["more", "cache", "z", "relay", "a", "cameras.csv", "rollouts.csv", "aaa.ndjson", "README"].map {
            scratch.path("dump/\($0)")
        }
        let forth = try scratch.analyze(parts, case: "forth.sqlite", jobs: 1)
        let back = try scratch.analyze(parts.reversed(), case: "back.sqlite", jobs: 1)
        #expect(try scratch.reports(of: forth) == scratch.reports(of: back))
        #expect(
            try Summary(of: forth).exposuresCertain
                == Summary(of: scratch.analyze([scratch.path("dump")], case: "one.sqlite")).exposuresCertain)
    }

    @Test("files read one after the other in different runs give the same bytes as all at once")
    func runs() throws {
        let scratch = try Scratch()
        try writeDump(scratch)
        let parts = ["relay", "cache", "more", "cameras.csv", "rollouts.csv"].map { scratch.path("dump/\($0)") }
        let whole = try scratch.reports(of: scratch.analyze(parts, case: "whole.sqlite"))
        for part in [0, 3, 2, 4, 1].map({ parts[$0] }) { _ = try scratch.analyze([part], case: "steps.sqlite") }
        let steps = try scratch.reports(of: scratch.analyze(parts, case: "steps.sqlite"))
        for (name, data) in whole { #expect(steps[name] == data, "\(name)") }
    }

    @Test("whatever a run finds in the case, a table alone too, it gives the same bytes as one that reads all")
    func rest() throws {
        let scratch = try Scratch()
        try writeDump(scratch)
        let parts = ["relay", "cache", "more", "cameras.csv", "rollouts.csv"].map { scratch.path("dump/\($0)") }
        let whole = try scratch.reports(of: scratch.analyze(parts, case: "whole.sqlite"))
        // Each choice of what is there before.
        for choice in 1..<(1 << parts.count) - 1 {
            let before = parts.indices.filter { choice >> $0 & 1 == 1 }.map { parts[$0] }
            do {
                _ = try scratch.analyze(before, case: "\(choice).sqlite", isPart: true)
            } catch AnalysisError.noUsableData {
                // It is told, and kept all the same, that there is no delivery yet.
            }
            let reports = try scratch.reports(of: scratch.analyze(parts, case: "\(choice).sqlite"))
            for (name, data) in whole { #expect(reports[name] == data, "\(name) after \(before)") }
        }
    }

    @Test("a case that is correlated again from its rows gives the same bytes as from what its run had at hand")
    func again() throws {
        let scratch = try Scratch()
        try writeDump(scratch)
        let caseFile = try scratch.analyze([scratch.path("dump")])
        let first = try scratch.reports(of: caseFile)
        try Correlator(caseFile, .withoutGrants).run()
        #expect(try scratch.reports(of: caseFile) == first)
        // A log with durations, an origin's log and clocks to tie.
        let dump = LabDump.repository.appending(path: "Fixtures/nginx-lab/dump")
        let roots = ["inferred", "origin", "directory"].map { dump.appending(path: $0).path }
        let lab = try scratch.analyze(roots, case: "lab.sqlite", profiles: Scratch.shipped("nginx-thin"))
        let labFirst = try scratch.reports(of: lab)
        try Correlator(lab, .withoutGrants).run()
        #expect(try scratch.reports(of: lab) == labFirst)
    }
}
