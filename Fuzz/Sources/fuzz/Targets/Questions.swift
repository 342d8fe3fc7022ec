import Analysis
import Casefile
import Correlation
import Foundation
import LogRecords
import Queries
import Reports

/// Parameters of queries, and scopes: texts that meet SQL without ever becoming a part of it.
enum Questions {
    /// A frame of bob's that reached alice.
    private static let dump = [
        "cameras.csv": "camera,owner,from,until,model\ncam-a,alice,,,m\ncam-b,bob,,,m\n",
        "grants.csv": "owner,camera,grantee,from,until\n",
        "cache.ndjson":
            #"{"ts":"2019-12-26T10:00:01Z","node":"n","op":"FILL","key":"k","frame":"f","camera":"cam-b"}"# + "\n",
        "relay.ndjson":
            #"{"ts":"2019-12-26T10:00:05Z","node":"n","requester":"alice","camera":"cam-a","key":"k","cache":"HIT","status":200}"#
            + "\n",
    ]

    private static let caseFile: CaseFile = {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "strayframe-fuzz-\(ProcessInfo.processInfo.processIdentifier)")
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            let (logs, path) = (folder.appending(path: "dump"), folder.appending(path: "case.sqlite").path)
            try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
            for (name, text) in dump { try Data(text.utf8).write(to: logs.appending(path: name)) }
            let written = try CaseFile(writingTo: path)
            try Ingest(written, Ingest.Options(roots: [logs.path], library: try ProfileLibrary())).run()
            try Correlator(written, .init()).run()
            let caseFile = try CaseFile(reading: path)
            let found = try Summary(of: caseFile).exposuresCertain
            precondition(found == 1, "the queries would have nothing to show")
            return caseFile
        } catch {
            fatalError("\(error)")
        }
    }()

    /// The first byte chooses the query, the second the form; NULs part the parameters' values.
    static func ask(_ input: [UInt8]) {
        guard input.count >= 2 else { return }
        let query = BundledQuery.all[Int(input[0]) % BundledQuery.all.count]
        let forms = QueryOutput.Format.allCases
        let texts = input.dropFirst(2).split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        if let scope = try? Scope(texts[0]) { precondition((try? Scope(scope.description)) == scope) }
        let values = Dictionary(zip(query.parameters, texts)) { first, _ in first }
        do {
            _ = try QueryOutput(query, values, caseFile).text(forms[Int(input[1]) % forms.count])
        } catch ReportError.notANumber, ReportError.missingParameter, ReportError.noSuchValue {
        } catch {
            fatalError("\(query.name) with \(values): \(error)")
        }
    }
}
