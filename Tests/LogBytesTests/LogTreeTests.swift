import Foundation
import Testing

@testable import LogBytes

@Suite struct LogTreeTests {
    @Test func `Files are found in the order of their names' bytes`() throws {
        let dump = try Dump()
        for name in ["dump/b/1", "dump/a.log", "dump/a/z", "dump/Z", "dump/é", "dump/.hidden", "dump/b/c/d/e"] {
            try dump.write([1, 2, 3], to: name)
        }
        let tree = try LogTree.find([dump.path + "/dump"])
        #expect(
            tree.files.map(\.name) == [
                "dump/.hidden", "dump/Z", "dump/a.log", "dump/a/z", "dump/b/1", "dump/b/c/d/e", "dump/é",
            ])
        #expect(tree.files.allSatisfy { $0.size == 3 })
        #expect(tree.skipped.isEmpty)
        for file in tree.files { _ = try LogFile(path: file.path) }
    }

    @Test func `A root that is a file is its own name`() throws {
        let dump = try Dump()
        let path = try dump.write([], to: "inferred/relay.log.zst")
        #expect(try LogTree.find([path]).files == [FoundFile(path: path, name: "relay.log.zst", size: 0)])
        #expect(try LogTree.find([dump.path + "/inferred/"]).files.map(\.name) == ["inferred/relay.log.zst"])
        #expect(try LogTree.find([dump.path + "/inferred/."]).files.map(\.name) == ["inferred/relay.log.zst"])
    }

    @Test func `Links are followed as roots and skipped below them`() throws {
        let dump = try Dump()
        try dump.write([], to: "real/a.log")
        let files = FileManager.default
        try files.createSymbolicLink(atPath: dump.path + "/real/out", withDestinationPath: "/etc")
        try files.createSymbolicLink(atPath: dump.path + "/real/self", withDestinationPath: ".")
        try files.createSymbolicLink(atPath: dump.path + "/real/dangling", withDestinationPath: "nowhere")
        try files.createSymbolicLink(atPath: dump.path + "/root", withDestinationPath: "real")
        try files.createSymbolicLink(atPath: dump.path + "/log", withDestinationPath: "real/a.log")
        let tree = try LogTree.find([dump.path + "/root", dump.path + "/log"])
        #expect(tree.files.map(\.name) == ["log", "root/a.log"])
        #expect(tree.files.allSatisfy { $0.path == dump.path + "/real/a.log" })
        #expect(tree.skipped.map(\.name) == ["root/dangling", "root/out", "root/self"])
        #expect(tree.skipped.allSatisfy { $0.reason == .symbolicLink })
    }

    @Test func `A root may be a pipe, and is read as it comes`() throws {
        let dump = try Dump()
        let path = dump.path + "/fifo"
        #expect(mkfifo(path, 0o644) == 0)
        let found = try LogTree.find([path, "-"]).files
        #expect(found.map(\.name) == ["fifo", "stdin"])
        #expect(found.allSatisfy { $0.isPipe && $0.size == 0 })
        let log = Packer.zstd(sampleLog(20_000))
        let writer = Process()
        writer.executableURL = URL(fileURLWithPath: "/bin/sh")
        // In pieces, with a pause: a pipe gives what there is.
        writer.arguments = [
            "-c", "(head -c 1000 '\(dump.path)/log'; sleep 0.1; tail -c +1001 '\(dump.path)/log') > '\(path)'",
        ]
        try dump.write(log, to: "log")
        try writer.run()
        var texts: [String] = []
        let outcome = try LogFile(found[0]).forEachMember { member in
            member.forEachLine { bytes, _ in
                texts.append(text(of: bytes))
                return true
            }
        }
        writer.waitUntilExit()
        #expect(texts == lines(of: sampleLog(20_000)))
        #expect(outcome.sha256 == sha256(log) && outcome.size == UInt64(log.count))
    }

    @Test func `Nothing else is skipped in silence`() throws {
        let dump = try Dump()
        try dump.write([], to: "d/a.log")
        #expect(mkfifo(dump.path + "/d/fifo", 0o644) == 0)
        let notUTF8 = Array((dump.path + "/d/").utf8CString.dropLast()) + [CChar(bitPattern: 0xFF), 0]
        let descriptor = open(notUTF8, O_CREAT | O_WRONLY, 0o644)
        if descriptor >= 0 { close(descriptor) }
        let tree = try LogTree.find([dump.path + "/d"])
        #expect(tree.files.map(\.name) == ["d/a.log"])
        #expect(tree.skipped.contains(SkippedEntry(name: "d/fifo", reason: .notAFile)))
        if descriptor >= 0 {
            #expect(tree.skipped.contains(SkippedEntry(name: "d/\u{FFFD}", reason: .nameNotUTF8)))
        }
    }

    @Test(.enabled(if: geteuid() != 0, "everything is readable for the superuser"))
    func `What may not be read is listed with its reason`() throws {
        let dump = try Dump()
        let path = try dump.write([], to: "d/secret.log")
        try dump.write([], to: "d/closed/a.log")
        chmod(path, 0)
        chmod(dump.path + "/d/closed", 0)
        defer { chmod(dump.path + "/d/closed", 0o755) }
        let tree = try LogTree.find([dump.path + "/d"])
        #expect(tree.skipped.map(\.name) == ["d/closed", "d/secret.log"])
        #expect(tree.skipped.allSatisfy { $0.reason == .unreadable(errno: EACCES) })
        #expect(throws: LogBytesError.cannotOpen(path: path, errno: EACCES)) { try LogFile(path: path) }
    }

    @Test func `Roots that cannot be read are errors`() throws {
        let dump = try Dump()
        let missing = dump.path + "/missing"
        #expect(throws: LogBytesError.noSuchPath(missing)) { try LogTree.find([missing]) }
        #expect(throws: LogBytesError.noSuchPath(missing)) { try LogFile(path: missing) }
        let fifo = dump.path + "/fifo"
        #expect(mkfifo(fifo, 0o644) == 0)
        #expect(throws: LogBytesError.notARegularFile(path: "/dev/null")) { try LogTree.find(["/dev/null"]) }
        #expect(throws: LogBytesError.notARegularFile(path: fifo)) { try LogFile(path: fifo) }
        #expect(throws: LogBytesError.isAFolder(path: dump.path)) { try LogFile(path: dump.path) }
        #expect(LogBytesError.noSuchPath("x").description.contains("x: no such file"))
    }
}
