#if os(Linux)
    import Foundation
    import Testing

    /// A copy of a case that finds no room: the message names the copy and not the case, nothing half-written is left, and the
    /// case is as it was.
    @Suite struct CopyRoomTests {
        private let folder: Folder
        private let before: Data

        init() throws {
            folder = try Folder()
            try SmallDump.write(to: folder)
            try folder.write("key", String(repeating: "k", count: 32))
            try CrashBench.compileShim(folder)
            try #require(try Tool.run(["analyze", "dump", "-q"], in: folder.url).status == 0)
            before = try folder.data("case.sqlite")
        }

        private static let copying = ["pseudonymize", "--case", "case.sqlite", "--key", "key", "--out", "copy.sqlite"]

        private func environment(at place: Int) -> [String: String] {
            [
                "LD_PRELOAD": folder.url.appending(path: "faults.so").path, "FAULT_FILES": Fault.Files.case.rawValue,
                "FAULT_CALLS": "w", "FAULT_DO": Fault.Action.enospc.rawValue, "FAULT_AT": "\(place)",
                "FAULT_COUNT": folder.url.appending(path: "count").path, "SWIFT_BACKTRACE": "enable=no",
            ]
        }

        private func writes(of arguments: [String]) throws -> Int {
            let run = try Tool.run(arguments, in: folder.url, environment: environment(at: 0))
            try #require(run.status == 0, "\(run.errors)")
            return try #require(Int(String(decoding: try folder.data("count"), as: UTF8.self).dropLast()))
        }

        private func expectRefusal(_ run: Tool.Result, _ name: String, _ comment: Comment) throws {
            #expect(run.ending == .status(73), "\(comment): \(run)")
            #expect(run.errors.hasPrefix("strayframe: ") && run.errors.contains(name), "\(comment): \(run.errors)")
            #expect(!run.errors.contains("case.sqlite:"), "\(comment): \(run.errors)")
            #expect(try folder.data("case.sqlite") == before, comment)
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).filter {
                $0.contains(".sqlite") && !["case.sqlite", "case.sqlite-journal"].contains($0)
            }
            #expect(left == [], comment)
        }

        @Test("a disk that is full from any write of the copy on")
        func full() throws {
            let count = try writes(of: Self.copying)
            try folder.shell("rm copy.sqlite")
            try #require(count > 10, "\(count) writes")
            // The copy is made, given pseudonyms, and packed.
            for place in Set([1, 2, count / 4, count / 2, 3 * count / 4, count - 1, count]).sorted() {
                let run = try Tool.run(Self.copying, in: folder.url, environment: environment(at: place))
                try expectRefusal(run, "copy.sqlite", "write \(place) of \(count)")
            }
            #expect(try Tool.run(Self.copying, in: folder.url).status == 0)
            #expect(try Tool.run(["verify", "--case", "copy.sqlite"], in: folder.url).status == 0)
        }

        @Test("a limit on the size of files, which is less than the copy's", arguments: [1, 40, 120])
        func limit(blocks: Int) throws {
            let command =
                "ulimit -f \(blocks); exec '\(Tool.executable.path)' \(Self.copying.joined(separator: " ")) 2>errors"
            let status = try folder.status(command)
            let errors = String(decoding: try folder.data("errors"), as: UTF8.self)
            #expect(errors.contains("ulimit -f"), "\(errors)")
            try expectRefusal(
                Tool.Result(ending: .status(status), status: status, output: "", errors: errors), "copy.sqlite", "limit"
            )
        }

        @Test("no room for the copy that reports with pseudonyms are written from")
        func reports() throws {
            let arguments = ["report", "--case", "case.sqlite", "--reports", "public", "--pseudonymize", "key", "-q"]
            let run = try Tool.run(arguments, in: folder.url, environment: environment(at: 3))
            try expectRefusal(run, "case.sqlite.pseudonyms-", "report")
            #expect(try folder.status("test -z \"$(ls -A public 2>/dev/null)\"") == 0)
        }
    }
#endif
