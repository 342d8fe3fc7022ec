import Casefile
import Foundation
import GRDB

/// A dump, and what an undisturbed run makes of it; against that, runs with a fault are held.
struct CrashBench {
    let folder: Folder
    private let jobs: Int
    /// Whether a run begins with the case of an earlier one, whose dump has grown, was rotated and compressed since.
    private let isLater: Bool
    /// The reports of the undisturbed run.
    private let reports: [String: Data]

    /// - Parameters:
    ///   - deliveries: of the longest log; from about a hundred thousand on a run needs scratch files.
    ///   - jobs: how many files are read at once; with several as many logs are that long, and what they give takes turns.
    ///   - isLater: whether a run begins with the case of an earlier one, whose dump has grown, was rotated and compressed since.
    init(deliveries: Int = 400, jobs: Int = 1, isLater: Bool = false) throws {
        folder = try Folder()
        self.jobs = jobs
        self.isLater = isLater
        try Self.compileShim(folder)
        try Self.writeDump(folder, deliveries, longLogs: jobs)
        if isLater { try Self.letTimePass(folder) }
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "tmp"), withIntermediateDirectories: true)
        let result = try Tool.run(Self.arguments("whole", jobs), in: folder.url)
        guard result.status == 0 else { throw CrashProblem(what: "the undisturbed run: \(result.errors)") }
        reports = try Self.reports(folder, "whole")
    }

    /// How many such calls a run makes.
    func count(_ files: Fault.Files, _ calls: String) throws -> Int {
        try clear()
        var environment = environment(Fault(files, calls, .eio, at: 0))
        environment["FAULT_COUNT"] = folder.url.appending(path: "count").path
        _ = try Tool.run(Self.arguments("cut", jobs), in: folder.url, environment: environment)
        return Int(String(decoding: try folder.data("count"), as: UTF8.self).dropLast()) ?? 0
    }

    /// Runs into the fault, looks at what is left, and runs again.
    ///
    /// - Returns: what is wrong with any of it.
    func problems(of fault: Fault) throws -> [String] {
        try clear()
        let cut = try Tool.run(Self.arguments("cut", jobs), in: folder.url, environment: environment(fault))
        var problems = Self.problems(of: cut, fault)
        if folder.exists("cut.sqlite") {
            problems += Self.openingProblems(folder.url.appending(path: "cut.sqlite").path)
        }
        if [.cut, .unlink].contains(fault.action) { try folder.shell("rm -r dump; cp -r original dump") }
        let again = try Tool.run(Self.arguments("cut", jobs), in: folder.url)
        if again.status != 0 { problems.append("the second run exits with \(again.status): \(again.errors)") }
        do {
            let found = try Self.reports(folder, "cut")
            problems += reports.keys.filter { found[$0] != reports[$0] }.map { "\($0) differs" }
            problems += try differingViews().map { "\($0) differs" }
        } catch {
            problems.append("there is no outcome: \(error)")
        }
        return problems.map { "\(fault): \($0)" }
    }

    // MARK: What must hold

    private static func problems(of run: Tool.Result, _ fault: Fault) -> [String] {
        var problems: [String] = []
        let isKilled = [.kill, .torn].contains(fault.action)
        let byDefault = [.term: SIGTERM, .int: SIGINT][fault.action]
        switch run.ending {
        case .signal(let number):
            // Outside of reading and correlating a signal ends the program as signals do.
            if !(isKilled && number == SIGKILL) && number != byDefault { problems.append("ended by signal \(number)") }
        case .status(let status):
            if ![0, 73, 74, 130].contains(status) { problems.append("exits with \(status)") }
            if status != 0 && !run.errors.hasPrefix("strayframe: ") { problems.append("says '\(run.errors)'") }
        }
        for word in ["Fatal error", "*** ", "SQLite error", "Thread 0"] where run.errors.contains(word) {
            problems.append("says \(run.errors)")
        }
        return problems
    }

    /// The case is sound, and no report comes of one whose files are not all in it.
    private static func openingProblems(_ path: String) -> [String] {
        do {
            let caseFile = try CaseFile(reading: path)
            let words = try caseFile.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
            _ = try caseFile.wholeFiles()
            return words == ["ok"] ? [] : ["the case is damaged: \(words)"]
        } catch {
            return ["the case cannot be opened: \(error)"]
        }
    }

    private static func reports(_ folder: Folder, _ name: String) throws -> [String: Data] {
        let files = try FileManager.default.contentsOfDirectory(
            at: folder.url.appending(path: "reports/\(name)"), includingPropertiesForKeys: nil)
        return Dictionary(
            uniqueKeysWithValues: try files.filter { ["csv", "json"].contains($0.pathExtension) }.map {
                ($0.lastPathComponent, try Data(contentsOf: $0))
            })
    }

    /// The views of the case whose rows are not those of the undisturbed run's case.
    private func differingViews() throws -> [String] {
        var configuration = Configuration()
        configuration.readonly = true
        let cut = try DatabaseQueue(path: folder.url.appending(path: "cut.sqlite").path, configuration: configuration)
        return try cut.inDatabase { db in
            try db.execute(
                sql: "ATTACH ? AS whole", arguments: [folder.url.appending(path: "whole.sqlite").path])
            let views = try String.fetchAll(db, sql: "SELECT name FROM whole.sqlite_schema WHERE type = 'view'")
            return try views.filter { view in
                // A source's number tells which thread came first.
                let columns = try db.makeStatement(sql: "SELECT * FROM whole.\(view)").columnNames.filter {
                    !["event", "fill_event", "since_fill"].contains($0)
                }.joined(separator: ", ")
                func count(_ schema: String) -> String { "(SELECT count(*) FROM \(schema).\(view))" }
                func rows(_ schema: String) -> String {
                    "SELECT \(columns), count(*) FROM \(schema).\(view) GROUP BY \(columns)"
                }
                return try Bool.fetchOne(
                    db,
                    sql: """
                        SELECT \(count("main")) <> \(count("whole"))
                            OR EXISTS (\(rows("whole")) EXCEPT \(rows("main")))
                        """) != false
            }
        }
    }

    // MARK: Making it

    private static func arguments(_ name: String, _ jobs: Int) -> [String] {
        ["analyze", "dump", "--case", "\(name).sqlite", "--reports", "reports/\(name)", "--quiet", "--jobs", "\(jobs)"]
    }

    private func environment(_ fault: Fault) -> [String: String] {
        [
            "LD_PRELOAD": folder.url.appending(path: "faults.so").path, "FAULT_FILES": fault.files.rawValue,
            "FAULT_CALLS": fault.calls, "FAULT_DO": fault.action.rawValue, "FAULT_AT": "\(fault.place)",
            // A trap would be a finding; its stack is of no use here and takes a minute.
            "SWIFT_BACKTRACE": "enable=no", "TMPDIR": folder.url.appending(path: "tmp").path,
        ]
    }

    private func clear() throws {
        for name in ["cut.sqlite", "cut.sqlite-journal", "cut.sqlite.new", "cut.sqlite.new-journal", "reports/cut"] {
            try? FileManager.default.removeItem(at: folder.url.appending(path: name))
        }
        if isLater { try folder.shell("cp earlier.sqlite cut.sqlite") }
    }

    /// Makes the case of what the dump was before some logs grew, one was rotated, compressed and began with its last lines
    /// again, and one was compressed beside itself.
    private static func letTimePass(_ folder: Folder) throws {
        try folder.shell(
            """
            cp -r dump later
            for node in n0 n1; do head -n 200 later/relay/$node.ndjson >dump/relay/$node.ndjson; done
            """)
        let result = try Tool.run(Self.arguments("earlier", 1), in: folder.url)
        guard result.status == 0 else { throw CrashProblem(what: "the earlier run: \(result.errors)") }
        try folder.shell(
            """
            rm -r dump original; mv later dump; cd dump/relay
            head -n 200 n1.ndjson | gzip -n >n1.ndjson.1.gz; tail -n +190 n1.ndjson >n1; mv n1 n1.ndjson
            zstd -q n2.ndjson -o n2.ndjson.1.zst; cd ../..; cp -r dump original
            """)
    }

    static func compileShim(_ folder: Folder) throws {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "faults.c").path
        try folder.shell("cc -O1 -shared -fPIC -o faults.so '\(source)' -ldl")
    }

    private static func writeDump(_ folder: Folder, _ deliveries: Int, longLogs: Int) throws {
        var cameras = "camera,owner,from,until,model\n"
        for camera in 0..<20 { cameras += "cam-\(camera),acct-\(camera),,,m\n" }
        try folder.write("dump/cameras.csv", cameras)
        for node in 0..<3 {
            var relay = ""
            var cache = ""
            for step in 0..<(node < longLogs ? deliveries : min(deliveries, 400)) {
                let camera = (step * 7 + node) % 20
                let time = Date(timeIntervalSince1970: 1_577_354_400 + Double(step)).ISO8601Format().dropLast()
                cache +=
                    #"{"ts":"\#(time).1Z","node":"n\#(node)","op":"FILL","key":"slot/\#(camera % 9)","frame":"f\#(step)","camera":"cam-\#(camera)"}"#
                    + "\n"
                relay +=
                    #"{"ts":"\#(time).2Z","node":"n\#(node)","requester":"acct-\#((camera + step % 3) % 20)","camera":"cam-\#(camera)","key":"slot/\#(camera % 9)","cache":"HIT","status":200,"bytes":1}"#
                    + "\n"
                if step % 100 == 0 { relay += "broken line \(step)\n" }
            }
            try folder.write("dump/relay/n\(node).ndjson", relay)
            try folder.write("dump/cache/n\(node).ndjson", cache)
        }
        try folder.shell("gzip -n dump/cache/n1.ndjson; zstd -q --rm dump/cache/n2.ndjson; cp -r dump original")
    }
}

struct CrashProblem: Error {
    var what: String
}
