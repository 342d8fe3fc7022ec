import Interning
import Testing

@testable import LogRecords

/// Every shipped profile's lines, read by every other shipped profile.
@Suite struct FormatMatrixTests {
    /// Profiles that read the same lines by intention; which of them a file gets is told by `RecognitionTests`.
    private static let kin: Set<Set<String>> = [
        // The native log with more behind it, which an operator may add too.
        ["squid", "squid-native"],
        // Squid before 3.2 wrote what Traffic Server writes.
        ["trafficserver-squid", "squid-native"],
        // Every server's log in that form that has what any of them has.
        ["w3c", "iis"], ["w3c", "cloudfront"],
        // The same service's log, of another product with members of its own.
        ["google-media-cdn", "google-cloud-cdn"],
        // Tables that have the other's columns and more.
        ["directory-grants-json", "directory-cameras-json"], ["directory-sessions", "directory-accounts"],
        ["directory-sessions-json", "directory-accounts-json"], ["directory-grants", "directory-cameras"],
    ]

    static let samples: [(profile: String, lines: [String])] =
        RecognitionTests.real.map { ($0.0, $0.1.split(separator: "\n").map(String.init)) }
        + (EdgeFormatTests.samples + RelayFormatTests.samples + ServiceFormatTests.samples + ServerLineTests.samples
        + DocumentedLineTests.samples)
        .filter {
            $0.envelopes.isEmpty
        }.map {
            ($0.profile, $0.lines)
        }

    @Test("no line of a server's is a record to a profile for another's", arguments: 0..<samples.count)
    func others(index: Int) throws {
        let sample = Self.samples[index]
        for profile in try ProfileLibrary().profiles
        where profile.name != sample.profile && !Self.kin.contains([profile.name, sample.profile]) {
            var parser = LineParser(profile: profile, names: StringInterner())
            var batch = RecordBatch()
            for (number, line) in sample.lines.enumerated() {
                let bytes = Array(line.utf8)
                let before = batch.count
                let id = EventID(source: 1, line: Int64(number + 1))
                let outcome = parser.parse(bytes.span.bytes, id: id, into: &batch)
                let isRecord = outcome == .accepted && batch.count > before && parser.hasRequiredFields
                #expect(!isRecord, "\(sample.profile)'s line is \(profile.name)'s: \(line)")
            }
        }
    }
}
