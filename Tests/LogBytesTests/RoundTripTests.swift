import Testing

@testable import LogBytes

@Suite struct RoundTripTests {
    static let compressions = ["plain", "zstd", "gzip", "xz", "bzip2", "lz4"]

    @Test(arguments: compressions)
    func `Every compression gives the same lines with the same numbers`(compression: String) throws {
        let log = sampleLog(20_000)
        let reading = try read(Packer.compress(log, as: compression))
        #expect(reading.texts == [lines(of: log)])
        #expect(reading.lines[0].map(\.number) == Array(1...20_000))
        let member = try #require(reading.outcome.members.first)
        #expect(member.name == nil)
        #expect(member.packing.description == compression)
        #expect(member.decodedBytes == UInt64(log.count))
        #expect(member.lines == 20_000)
        #expect(member.reachedEnd)
        #expect(reading.outcome.isIntact)
    }

    @Test(arguments: ["tar", "pax", "zip"], compressions)
    func `Every container in every compression gives the same lines`(container: String, compression: String) throws {
        let log = sampleLog(3000)
        let bytes = Packer.pack([.init("a.log", log), .init("b.log", sampleLog(2))], as: container)
        let reading = try read(Packer.compress(bytes, as: compression))
        #expect(reading.texts == [lines(of: log), lines(of: sampleLog(2))])
        #expect(reading.outcome.members.map(\.name) == ["a.log", "b.log"])
        let kind = container == "zip" ? "zip" : "tar"
        let chain = compression == "plain" ? kind : "\(kind)+\(compression)"
        #expect(reading.outcome.members.map(\.packing.description) == [chain, chain])
        #expect(reading.outcome.isIntact, "\(String(describing: reading.firstDamage))")
    }

    @Test(arguments: ["tar", "zip"], compressions.dropFirst())
    func `A compressed member of a container is decoded too`(container: String, compression: String) throws {
        let log = sampleLog(500)
        let member = Packer.compress(log, as: compression)
        let reading = try read(Packer.pack([.init("x", member), .init("y", log)], as: container))
        #expect(reading.texts == [lines(of: log), lines(of: log)])
        #expect(reading.outcome.members.map(\.packing.description) == ["\(container)/\(compression)", container])
        #expect(reading.outcome.isIntact)
    }

    @Test func `A file compressed twice is decoded twice`() throws {
        let log = sampleLog(100)
        let reading = try read(Packer.compress(Packer.compress(log, as: "gzip"), as: "zstd"))
        #expect(reading.texts == [lines(of: log)])
        #expect(reading.outcome.members[0].packing == Packing(file: [.zstd, .gzip]))
        #expect(reading.outcome.members[0].packing.description == "gzip+zstd")
    }

    @Test(arguments: compressions)
    func `An empty input has no lines and no damage`(compression: String) throws {
        let reading = try read(Packer.compress([], as: compression))
        #expect(reading.texts == [[]])
        #expect(reading.outcome.isIntact, "\(String(describing: reading.firstDamage))")
        #expect(reading.outcome.members[0].packing.description == compression)
    }

    @Test func `An empty zip has no members`() throws {
        let reading = try read(Packer.pack([], as: "zip"))
        #expect(reading.outcome.members.isEmpty)
        #expect(reading.outcome.isIntact, "\(String(describing: reading.firstDamage))")
    }

    @Test(arguments: compressions)
    func `The name of a file does not decide how it is read`(compression: String) throws {
        let log = sampleLog(10)
        let dump = try Dump()
        for name in ["relay.log.gz", "relay.zst", "relay.tar", "relay.zip", "relay"] {
            let path = try dump.write(Packer.compress(log, as: compression), to: name)
            #expect(try read(path).texts == [lines(of: log)])
        }
    }

    @Test func `Text that libarchive would take for a container stays text`() throws {
        let mtree = "#mtree\n/set type=file\nrelay.log size=3\n"
        let cpio = "070707000001 looks like cpio\n"
        let warc = "WARC/1.0\r\nWARC-Type: response\r\n\r\n"
        for log in [mtree, cpio, warc, "!<arch>\nar\n", "PK without its mark\n", "BZhello\n", "ustar\n"] {
            for compression in Self.compressions {
                let reading = try read(Packer.compress(Array(log.utf8), as: compression))
                let expected = lines(of: Array(log.replacing("\r\n", with: "\n").utf8))
                #expect(reading.texts == [expected])
            }
        }
    }

    @Test func `The hash is that of the bytes as found`() throws {
        let outcome = try read(Array("abc".utf8)).outcome
        #expect(outcome.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(outcome.size == 3)
    }
}
