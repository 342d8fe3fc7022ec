import Foundation
import Testing

@testable import Reports

/// A report's file is there whole or not at all, however long it is.
@Suite struct AtomicFileTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)

    private func withFolder(_ body: () throws -> Void) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body()
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test("what is taken piece by piece is the file in the end, and until then the old one stands")
    func pieces() throws {
        try withFolder {
            try ReportFile.write(Data("old".utf8), to: folder, "a.csv")
            let draft = try AtomicFile(in: folder, "a.csv")
            var (waiting, all, most): ([UInt8], [UInt8], Int) = ([], [], 0)
            for number in 0..<400_000 {
                let line = Array("line \(number)\n".utf8)
                waiting += line
                all += line
                try draft.take(&waiting)
                most = max(most, waiting.count)
            }
            #expect(try Data(contentsOf: folder.appending(path: "a.csv")) == Data("old".utf8))
            #expect(most < all.count / 3 && !waiting.isEmpty)
            try draft.finish(waiting)
            #expect(try Data(contentsOf: folder.appending(path: "a.csv")) == Data(all))
            #expect(try names() == ["a.csv"])
        }
    }

    @Test("one that is not finished leaves nothing, and another may be there")
    func unfinished() throws {
        try withFolder {
            do {
                let draft = try AtomicFile(in: folder, "a.csv")
                var waiting = [UInt8](repeating: 0x61, count: 3 << 20)
                try draft.take(&waiting)
                #expect(waiting.isEmpty)
                #expect(try names() == ["a.csv.new"])
            }
            #expect(try names() == [])
            // What a killed run has left, a link to elsewhere perhaps, is not written into.
            try Data("else".utf8).write(to: folder.appending(path: "elsewhere"))
            try FileManager.default.createSymbolicLink(
                at: folder.appending(path: "a.csv.new"), withDestinationURL: folder.appending(path: "elsewhere"))
            try AtomicFile(in: folder, "a.csv").finish(Data("new".utf8))
            #expect(try Data(contentsOf: folder.appending(path: "a.csv")) == Data("new".utf8))
            #expect(try Data(contentsOf: folder.appending(path: "elsewhere")) == Data("else".utf8))
        }
    }
}
