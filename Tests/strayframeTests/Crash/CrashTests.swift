#if os(Linux)
    import Foundation
    import Testing

    /// Whatever fails, and wherever: the case can be opened, the tool says what happened, and a second run ends in the
    /// reports and the case of an undisturbed one.
    ///
    /// A sample of the calls at which something can fail runs with the suite; `make crash` tries them all, but for scratch files.
    @Suite(.serialized) struct CrashTests {
        private static let isWhole = ProcessInfo.processInfo.environment["STRAYFRAME_CRASH"] == "all"

        @Test("a fault at any call leaves a case that can be opened, and the next run ends as if nothing had been")
        func faults() throws {
            let bench = try CrashBench()
            for kind in Fault.kinds where kind.files != .scratch {
                let calls = try Self.isWhole ? bench.count(kind.files, kind.calls) : 60
                for action in kind.actions {
                    let places = Self.isWhole ? Array(1...calls) : [Self.sample(kind.files, action, of: calls)]
                    try Self.check(bench, places.map { Fault(kind.files, kind.calls, action, at: $0) })
                }
            }
        }

        @Test("the same with several readers, whose events take turns and so wait for each other")
        func readers() throws {
            let bench = try CrashBench(deliveries: 4_200, jobs: 3)
            let calls = try bench.count(.case, "w")
            // Which of them a place is differs from run to run.
            let places = Self.isWhole ? Array(1...calls) : (1...4).map { $0 * calls / 5 }
            let faults = places.enumerated().map { number, place in
                Fault(.case, "w", number % 2 == 0 ? .kill : .torn, at: place)
            }
            try Self.check(bench, faults)
        }

        @Test("the same where the case is an earlier one, and logs have grown, were rotated and compressed since")
        func later() throws {
            let bench = try CrashBench(isLater: true)
            let calls = try bench.count(.case, "wt")
            // The last of them are those of the end, at which it is settled what counts once.
            let places = Self.isWhole ? Array(1...calls) : [calls / 4, calls / 2] + (1...5).map { calls - 7 * $0 }
            let faults = places.enumerated().map { number, place in
                Fault(.case, "wt", number % 2 == 0 ? .kill : .eio, at: max(1, place))
            }
            try Self.check(bench, faults)
        }

        @Test(
            "the same for scratch files, which only long logs need",
            .enabled(if: isWhole, "NOT TESTED: it takes long; 'make crash' does it"))
        func scratch() throws {
            let bench = try CrashBench(deliveries: 130_000)
            for kind in Fault.kinds where kind.files == .scratch {
                let calls = try bench.count(kind.files, kind.calls)
                try #require(calls > 0, "the dump is too small")
                // Thousands, most of them SQLite's that sorts: some of them, evenly spread, for such a run takes seconds.
                let places = Set((0..<Self.scratchPlaces).map { 1 + $0 * (calls - 1) / (Self.scratchPlaces - 1) })
                for action in kind.actions {
                    try Self.check(bench, places.sorted().map { Fault(kind.files, kind.calls, action, at: $0) })
                }
            }
        }

        /// How many places are tried for each action on scratch files.
        private static let scratchPlaces = 25

        /// - Parameter faults: at places of their own, else all of a kind.
        private static func check(_ bench: CrashBench, _ faults: [Fault]) throws {
            if isWhole, let fault = faults.last {
                FileHandle.standardError.write(Data("\(Date.now.ISO8601Format()) up to \(fault)\n".utf8))
            }
            for fault in faults {
                for problem in try bench.problems(of: fault) { Issue.record("\(problem)") }
            }
        }

        /// Somewhere in a run, elsewhere for each action, and always the same.
        private static func sample(_ files: Fault.Files, _ action: Fault.Action, of calls: Int) -> Int {
            let bound = files == .case ? calls : 12
            return 1 + "\(files)\(action)".utf8.reduce(0) { ($0 * 31 + Int($1)) % bound }
        }
    }
#endif
