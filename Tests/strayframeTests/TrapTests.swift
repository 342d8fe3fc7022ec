import Foundation
import Testing

/// What surrounds a run and would end it without a word: limits, signals, files that lie in its way, other runs.
@Suite struct TrapTests {
    /// Runs a command of the shell that has the tool as `$tool`.
    private func shell(_ command: String, in folder: Folder) throws -> (status: Int32, errors: String) {
        let status = try folder.status("tool='\(Tool.executable.path)'; exec 2>errors; \(command)")
        return (status, String(decoding: try folder.data("errors"), as: UTF8.self))
    }

    @Test("a limit on the size of files ends a run with a message", arguments: [8, 64, 200])
    func fileSize(blocks: Int) throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        let run = try shell("ulimit -f \(blocks); \"$tool\" analyze dump -q", in: folder)
        #expect([73, 74].contains(run.status) && run.errors.contains("ulimit -f"), "\(run)")
        // Without the limit it goes on, or begins anew.
        #expect(try shell("\"$tool\" analyze dump -q", in: folder).status == 0)
        #expect(try Tool.run(["verify"], in: folder.url).status == 0)
    }

    @Test("too few descriptors end a run with a message that says so", arguments: [5, 6, 7, 8, 12, 15])
    func descriptors(count: Int) throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        let run = try shell("ulimit -n \(count); \"$tool\" analyze dump -q", in: folder)
        #expect(run.status == 74 && run.errors.contains("ulimit -n"), "\(run)")
        #expect(try shell("ulimit -n 16; \"$tool\" analyze dump -q", in: folder).status == 0)
    }

    @Test("an empty file where the case is to be is taken for none, also behind a link", arguments: [false, true])
    func empty(isLink: Bool) throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try folder.shell(isLink ? ": >place; ln -s place case.sqlite" : ": >case.sqlite")
        let run = try Tool.run(["analyze", "dump", "-q"], in: folder.url)
        #expect(run.status == 0, "\(run.errors)")
        #expect(try Tool.run(["verify"], in: folder.url).status == 0)
        if isLink { try folder.shell("test -L case.sqlite && test -s place") }
        // One with a byte in it is somebody's.
        try folder.shell("printf x >other.sqlite")
        #expect(try Tool.run(["analyze", "dump", "--case", "other.sqlite", "-q"], in: folder.url).status == 73)
        #expect(try folder.data("other.sqlite") == Data("x".utf8))
    }

    @Test("a case that was moved away just after it was made is not touched by the next one at its place")
    func moved() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try #require(try Tool.run(["analyze", "dump", "-q"], in: folder.url).status == 0)
        let before = try folder.data("case.sqlite")
        // As a run leaves it that is killed between giving a case its name and taking its draft's away.
        try folder.shell("ln case.sqlite case.sqlite.new; mv case.sqlite elsewhere.sqlite")
        #expect(try Tool.run(["analyze", "dump", "-q"], in: folder.url).status == 0)
        #expect(try folder.data("elsewhere.sqlite") == before)
    }

    @Test("one run at a time writes to a case: the next is refused until the first has ended, with a message")
    func twoWriters() throws {
        let folder = try Folder()
        try SmallDump.write(to: folder)
        try folder.shell("mkdir more && mkfifo more/pipe")
        let first = try Tool.start(["ingest", "more/pipe", "-q"], in: folder.url)
        defer { if first.isRunning { kill(first.processIdentifier, SIGKILL) } }
        // It has begun once its journal says so.
        let hasBegun = "test -e case.sqlite && test \"$(sqlite3 case.sqlite 'SELECT count(*) FROM journal')\" = 1"
        for _ in 0..<400 where try folder.status(hasBegun) != 0 { Thread.sleep(forTimeInterval: 0.05) }
        let second = try Tool.run(["ingest", "dump", "-q"], in: folder.url)
        #expect(second.status == 74 && second.errors.contains("another process is writing"), "\(second)")
        // Who reads is not kept away.
        #expect(try Tool.run(["query", "source-coverage"], in: folder.url).status == 0)
        try folder.shell("cat dump/relay/edge.ndjson >more/pipe")
        first.waitUntilExit()
        #expect(first.terminationStatus == 0)
        #expect(try Tool.run(["analyze", "dump", "-q"], in: folder.url).status == 0)
    }

    @Test("a SIGTERM that came while it was blocked, before the tool listens, is not lost")
    func pending() throws {
        let folder = try Folder()
        try folder.shell("mkdir dump && mkfifo dump/pipe")
        guard try folder.status("env --block-signal=TERM true") == 0 else { return }
        // Nobody ever writes to the pipe: a run that has lost the signal waits for ever.
        let run = try shell(
            """
            env --block-signal=TERM sh -c 'kill -TERM $$; exec "$0" ingest dump/pipe -q' "$tool" &
            for i in $(seq 100); do kill -0 $! 2>/dev/null || break; sleep 0.1; done
            kill -KILL $! 2>/dev/null && exit 99
            wait $! || status=$?; exit ${status:-0}
            """, in: folder)
        #expect([130, 143].contains(run.status), "\(run)")
    }

    @Test("a SIGTERM to a run that was started with it blocked stops it")
    func handedDown() throws {
        let folder = try Folder()
        try folder.shell("mkdir dump && mkfifo dump/pipe")
        guard try folder.status("env --block-signal=TERM true") == 0 else { return }
        let run = try shell(
            """
            env --block-signal=TERM "$tool" ingest dump/pipe -q &
            for i in $(seq 100); do test -e case.sqlite && break; sleep 0.1; done
            # The first one asks a run that waits for the pipe to stop, a second one ends it.
            for i in $(seq 100); do kill -TERM $! 2>/dev/null || break; sleep 0.1; done
            kill -KILL $! 2>/dev/null && exit 99
            wait $! || status=$?; exit ${status:-0}
            """, in: folder)
        #expect([130, 143].contains(run.status), "\(run)")
    }
}
