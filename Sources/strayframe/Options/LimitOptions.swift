import ArgumentParser
import LogBytes

/// What a hostile or broken file may cost; see Docs/Limits.md.
struct LimitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The longest line that is read; a longer one is rejected. Also 64K, 16M.", valueName: "bytes"))
    var maxLine = ByteCount(Limits().maxLineBytes)

    @Option(
        help: ArgumentHelp("How many bytes a byte of a compressed file may become.", valueName: "number"))
    var maxRatio = Limits().maxOutputBytesPerInputByte

    @Option(
        help: ArgumentHelp(
            "How many bytes a compressed file, or a member of an archive, may become in all.", valueName: "bytes"))
    var maxOutput = ByteCount(Int(Limits().maxOutputBytes))

    @Option(
        help: ArgumentHelp(
            "The largest window of zstd, which is memory; as for files of zstd --long=31: 2G.", valueName: "bytes"))
    var maxWindow = ByteCount(Limits().maxWindowBytes)

    @Option(help: ArgumentHelp("How many entries an archive may have.", valueName: "number"))
    var maxEntries = Limits().maxEntries

    func validate() throws {
        guard (1..<1 << 30).contains(maxLine.bytes) else { throw ValidationError("--max-line is from 1 to below 1G") }
        guard maxRatio > 0, maxOutput.bytes > 0, maxEntries > 0 else {
            throw ValidationError("--max-ratio, --max-output and --max-entries are 1 at least")
        }
        guard (1 << 10...2 << 30).contains(maxWindow.bytes) else {
            throw ValidationError("--max-window is from 1K to 2G")
        }
    }

    var limits: Limits {
        Limits(
            maxLineBytes: maxLine.bytes, maxOutputBytesPerInputByte: maxRatio, maxOutputBytes: UInt64(maxOutput.bytes),
            maxWindowBytes: maxWindow.bytes, maxEntries: maxEntries)
    }
}

/// A number of bytes, also in units of 1024: `64K`, `16M`, `2G`, `1T`.
struct ByteCount: ExpressibleByArgument {
    let bytes: Int

    init(_ bytes: Int) { self.bytes = bytes }

    private static let units: [Character] = ["K", "M", "G", "T"]

    init?(argument: String) {
        let unit = Self.units.firstIndex { argument.hasSuffix(String($0)) || argument.hasSuffix($0.lowercased()) }
        guard let number = Int(unit == nil ? argument[...] : argument.dropLast()), number >= 0 else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << (10 * (unit.map { $0 + 1 } ?? 0)))
        guard !overflow else { return nil }
        self.bytes = bytes
    }

    var defaultValueDescription: String {
        let unit = Self.units.indices.last { bytes % (1 << (10 * ($0 + 1))) == 0 }
        return unit.map { "\(bytes >> (10 * ($0 + 1)))\(Self.units[$0])" } ?? "\(bytes)"
    }
}
