import Casefile
import Correlation
import Foundation
import Queries
import Reports

/// Parameters of queries, and scopes: texts that meet SQL without ever becoming a part of it.
enum Questions {
    /// A case without a line in it.
    private static let caseFile: CaseFile = {
        let path = NSTemporaryDirectory() + "/strayframe-fuzz-\(ProcessInfo.processInfo.processIdentifier).sqlite"
        defer { for suffix in ["", "-journal"] { unlink(path + suffix) } }
        do {
            _ = try CaseFile(writingTo: path)
            return try CaseFile(reading: path)
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
        } catch ReportError.notANumber {
        } catch {
            fatalError("\(query.name) with \(values): \(error)")
        }
    }
}
