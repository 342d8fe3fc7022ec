import Benchmark
import Casefile
import Queries
import Reports

/// `Reports` and `Queries`, on a case that holds the whole dump.
func reportBenchmarks() {
    Benchmark("report: summary") { _ in
        blackHole(try Summary(of: Sample.analyzedCase))
    }

    Benchmark("report: all files") { _ in
        try Reports.write(Sample.analyzedCase, to: Sample.scratch.appending(path: "reports"))
    }

    for query in BundledQuery.all {
        Benchmark("query: \(query.name)") { benchmark in
            let arguments = query.parameters.contains("account") ? ["account": try receivingAccount()] : [:]
            benchmark.startMeasurement()
            blackHole(try QueryOutput(query, arguments, Sample.analyzedCase).text(.csv))
        }
    }
}

/// An account with a story to tell.
private func receivingAccount() throws -> String {
    guard let query = BundledQuery.named("receiving-accounts") else { fatalError("no such query") }
    let rows = try QueryOutput(query, [:], Sample.analyzedCase).text(.csv).split(whereSeparator: \.isNewline)
    guard rows.count > 1 else { fatalError("the sample has no exposure") }
    return String(rows[1].prefix { $0 != "," })
}
