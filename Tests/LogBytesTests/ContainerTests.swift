import Testing

@testable import LogBytes

@Suite struct ContainerTests {
    private let log = sampleLog(300)

    @Test(arguments: ["tar", "zip"])
    func `Folders and links of a container are no members`(format: String) throws {
        var entries: [Packer.Entry] = [
            .folder("logs/"), .init("logs/a.log", log), .init("logs/b.log", log), .init("logs/empty.log"),
        ]
        if format == "tar" {
            entries.append(.symbolicLink("logs/current", to: "a.log"))
            entries.append(.hardLink("logs/again.log", to: "logs/a.log"))
        }
        let reading = try read(Packer.pack(entries, as: format))
        #expect(reading.outcome.members.map(\.name) == ["logs/a.log", "logs/b.log", "logs/empty.log"])
        #expect(reading.texts == [lines(of: log), lines(of: log), []])
        let links = [
            SkippedEntry(name: "logs/current", reason: .symbolicLink),
            SkippedEntry(name: "logs/again.log", reason: .hardLink(of: "logs/a.log")),
        ]
        #expect(reading.outcome.skipped == (format == "tar" ? links : []))
        #expect(reading.outcome.isIntact)
    }

    @Test(arguments: ["tar", "pax", "zip"])
    func `Odd names are kept for display`(format: String) throws {
        let names = ["../../etc/passwd", "/var/log/relay.log", "a b\tc.log", "Grüße/日本.log", "./x.log"]
        let reading = try read(Packer.pack(names.map { .init($0, log) }, as: format))
        #expect(reading.outcome.members.map(\.name) == names)
        #expect(reading.outcome.isIntact)
    }

    @Test func `Tars written one after another are all read`() throws {
        let one = Packer.pack([.init("a", log)], as: "tar")
        let two = Packer.pack([.init("b", log)], as: "pax")
        let reading = try read(one + two)
        #expect(reading.outcome.members.map(\.name) == ["a", "b"])
        #expect(reading.outcome.isIntact)
    }

    @Test(arguments: ["tar", "zip"])
    func `A container cut anywhere keeps what came before`(format: String) throws {
        let small = sampleLog(40)
        let bytes = Packer.pack([.init("a", small), .init("b", Packer.zstd(small)), .init("c", small)], as: format)
        // A zip lists its entries again after the last one: a cut there loses no line.
        let list = bytes.indices.first { bytes[$0...].starts(with: [0x50, 0x4B, 1, 2]) }
        let essential = list ?? bytes.count - 1024
        for length in stride(from: 300, to: essential, by: 37) {
            let reading = try read(Array(bytes[..<length]))
            #expect(
                reading.firstDamage?.kind == .truncated, "cut at \(length): \(String(describing: reading.firstDamage))")
            for member in reading.lines {
                let whole = member.filter { $0.extent == .whole }.map(\.text)
                #expect(whole == Array(lines(of: small).prefix(whole.count)))
            }
        }
    }

    @Test func `A tar cut between two entries is truncated`() throws {
        let whole = Packer.pack([.init("a", log)], as: "tar")
        let padded = 512 + (log.count + 511) / 512 * 512
        let reading = try read(Array(whole[..<padded]))
        #expect(reading.texts == [lines(of: log)])
        #expect(reading.outcome.members[0].damage == nil)
        #expect(reading.outcome.damage?.kind == .truncated)
    }

    @Test func `A cut tar.gz keeps the lines before the cut`() throws {
        let bytes = Packer.compress(Packer.pack([.init("a", log), .init("b", log)], as: "tar"), as: "gzip")
        let reading = try read(Array(bytes[..<(bytes.count * 9 / 10)]))
        #expect(reading.firstDamage?.kind == .truncated)
        #expect(reading.texts[0].prefix(200).elementsEqual(lines(of: log).prefix(200)))
        let withoutChecksum = try read(Array(bytes.dropLast(8)))
        #expect(withoutChecksum.texts == [lines(of: log), lines(of: log)])
        #expect(withoutChecksum.outcome.damage?.kind == .truncated)
    }

    @Test func `A damaged member does not hide those after it`() throws {
        let member = Packer.zstd(log)
        let bytes = Packer.pack([.init("bad", Array(member.dropLast(20))), .init("good", log)], as: "tar")
        let reading = try read(bytes)
        #expect(reading.outcome.members.map(\.damage?.kind) == [.truncated, nil])
        #expect(reading.texts[1] == lines(of: log))
        #expect(reading.outcome.damage == nil)
        #expect(!reading.outcome.isIntact)
    }

    @Test func `A wrong checksum in a zip is damage although every line was decoded`() throws {
        var bytes = Packer.pack([.init("a", log), .init("b", log)], as: "zip")
        // The checksum follows the first entry's data, behind its own mark.
        let mark = try #require(bytes.indices.first { bytes[$0...].starts(with: [0x50, 0x4B, 7, 8]) })
        bytes[mark + 4] ^= 1
        let reading = try read(bytes)
        #expect(reading.texts == [lines(of: log), lines(of: log)])
        #expect(reading.outcome.members.map(\.damage?.kind) == [.corrupt, nil])
    }

    @Test func `Members that are not read are passed over`() throws {
        let dump = try Dump()
        let bytes = Packer.pack([.init("a", log), .init("b", Packer.zstd(log)), .init("c", log)], as: "tar")
        let file = try LogFile(path: dump.write(bytes))
        var names: [String?] = []
        let outcome = file.forEachMember { names.append($0.name) }
        #expect(names == ["a", "b", "c"])
        #expect(outcome.members.map(\.lines) == [0, 0, 0])
        #expect(outcome.damage == nil)
        #expect(outcome.sha256 == sha256(bytes))
    }

    @Test(arguments: ["tar", "zip"], ["tar", "zip"])
    func `A container inside a container is opened, with what is compressed around and in it`(
        outer: String, inner: String
    ) throws {
        let packed = Packer.pack([.init("x/a.log", log), .init("b.zst", Packer.zstd(log)), .folder("c/")], as: inner)
        let squeezed = Packer.compress(packed, as: "gzip")
        let bytes = Packer.pack(
            [.init("day/logs", packed), .init("logs.gz", squeezed), .init("d.log", log)], as: outer)
        let reading = try read(bytes)
        #expect(
            reading.outcome.members.map(\.name) == [
                "day/logs/x/a.log", "day/logs/b.zst", "logs.gz/x/a.log", "logs.gz/b.zst", "d.log",
            ])
        #expect(reading.texts == Array(repeating: lines(of: log), count: 5))
        #expect(
            reading.outcome.members.map { "\($0.packing)" } == [
                "\(outer)/\(inner)", "\(outer)/\(inner)/zstd", "\(outer)/\(inner)+gzip", "\(outer)/\(inner)+gzip/zstd",
                outer,
            ])
        #expect(reading.outcome.isIntact)
    }

    @Test func `Damage inside an inner container does not hide the members after it`() throws {
        let inner = Packer.pack([.init("a", log), .init("b", log)], as: "tar")
        let cut = Array(inner[..<(1024 + log.count)])
        let reading = try read(Packer.pack([.init("cut.tar", cut), .init("c", log)], as: "zip"))
        #expect(reading.outcome.members.last?.name == "c")
        #expect(reading.texts.last == lines(of: log))
        #expect(reading.outcome.members.contains { $0.damage?.kind == .truncated })
        #expect(reading.texts.first == lines(of: log), "what came before the cut")
    }

    @Test func `A third container is said to be unsupported`() throws {
        let inner = Packer.pack([.init("a", log)], as: "tar")
        let middle = Packer.pack([.init("inner.tar", inner), .init("b", log)], as: "zip")
        let reading = try read(Packer.pack([.init("middle.zip", middle), .init("c", log)], as: "tar"))
        #expect(reading.outcome.members.map(\.damage?.kind) == [.unsupported, nil, nil])
        #expect(reading.outcome.members[0].name == "middle.zip/inner.tar")
        #expect(reading.texts == [lines(of: log), lines(of: log)])
    }

    @Test(arguments: [1, 64, 1 << 20])
    func `A 7z is read, though its directory stands at its end`(chunkBytes: Int) throws {
        let entries: [Packer.Entry] = [.init("logs/a.log", log), .init("b.zst", Packer.zstd(log)), .init("empty.log")]
        let reading = try read(Packer.pack(entries, as: "7z"), chunkBytes: chunkBytes)
        let byName = Dictionary(uniqueKeysWithValues: zip(reading.outcome.members.map(\.name), reading.texts))
        #expect(byName == ["logs/a.log": lines(of: log), "b.zst": lines(of: log), "empty.log": []])
        #expect(reading.outcome.isIntact)
    }

    @Test func `What follows a 7z is reported`() throws {
        let bytes = Packer.pack([.init("a", log)], as: "7z")
        let reading = try read(bytes + Array("more lines\n".utf8))
        #expect(reading.texts == [lines(of: log)])
        #expect(reading.outcome.damage?.kind == .trailingData)
        #expect(reading.outcome.damage?.message.hasPrefix("11 bytes") == true)
    }

    @Test func `A cut or changed 7z is damage, never silence`() throws {
        let bytes = Packer.pack([.init("a", log)], as: "7z")
        for length in [40, bytes.count / 2, bytes.count - 1] {
            let reading = try read(Array(bytes[..<length]))
            #expect(reading.firstDamage != nil, "cut at \(length)")
        }
        var changed = bytes
        changed[60] ^= 0xFF
        #expect(try read(changed).firstDamage != nil)
    }

    @Test func `A 7z is read where it is compressed again, or inside a container`() throws {
        let sevenZip = Packer.pack([.init("a", log), .init("b.zst", Packer.zstd(log))], as: "7z")
        let squeezed = try read(Packer.compress(sevenZip, as: "gzip"))
        #expect(Set(squeezed.outcome.members.map(\.name)) == ["a", "b.zst"])
        #expect(squeezed.texts == [lines(of: log), lines(of: log)])
        #expect(squeezed.outcome.isIntact)
        for kind in ["zip", "tar"] {
            let nested = try read(Packer.pack([.init("x.7z", sevenZip), .init("c", log)], as: kind))
            #expect(Set(nested.outcome.members.map(\.name)) == ["x.7z/a", "x.7z/b.zst", "c"])
            #expect(nested.texts == [lines(of: log), lines(of: log), lines(of: log)])
            #expect(nested.outcome.isIntact)
        }
        let inside = try read(Packer.pack([.init("y.7z", Packer.pack([.init("a", log)], as: "7z"))], as: "7z"))
        #expect(inside.texts == [lines(of: log)])
    }

    @Test func `A cut 7z inside a container is damage, and what follows it is read`() throws {
        let sevenZip = Packer.pack([.init("a", log)], as: "7z")
        let cut = Array(sevenZip.dropLast(7))
        let nested = try read(Packer.pack([.init("x.7z", cut), .init("b", log)], as: "zip"))
        #expect(nested.outcome.members.first?.damage != nil)
        #expect(nested.texts.last == lines(of: log))
        let squeezed = try read(Array(Packer.compress(sevenZip, as: "gzip").dropLast(20)))
        #expect(squeezed.firstDamage != nil)
    }
}
