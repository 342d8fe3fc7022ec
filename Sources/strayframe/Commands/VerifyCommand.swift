import Analysis
import ArgumentParser
import Casefile
import Foundation
import LogRecords
import Reports

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check that a case, its sources and its reports are unchanged.",
        discussion: """
            Hashes every source again and checks the case's seals, journal and invariants. With --manifest, the report files \
            are checked, and the case only if it is named. Exits with 1 if a check fails.

            EXAMPLES
              strayframe verify --case case.sqlite
              strayframe verify --case case.sqlite --no-rehash
              strayframe verify --case case.sqlite --dump /mnt/evidence
              strayframe verify --manifest reports/manifest.json
              strayframe verify --manifest reports/manifest.json --public-key key.pem
            """)

    @Option(
        name: .customLong("case"),
        help: ArgumentHelp("The case file; case.sqlite if neither it nor a manifest is named.", valueName: "file"),
        completion: .file(extensions: ["sqlite"]))
    var casePath: String?

    @Option(
        help: ArgumentHelp("The manifest.json of a report folder.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var manifest: String?

    @Option(
        help: ArgumentHelp(
            "The Ed25519 key of whoever signed the manifest (PEM, as 'openssl pkey -pubout' prints it).",
            valueName: "file"), completion: .file())
    var publicKey: String?

    @Flag(inversion: .prefixedNo, help: "Read every source again and compare its SHA-256.")
    var rehash = true

    @OptionGroup var dump: DumpOption

    @OptionGroup var form: MessageForm

    func validate() throws {
        if publicKey != nil, manifest == nil { throw ValidationError("--public-key needs --manifest") }
        if dump.dump != nil, !rehash {
            throw ValidationError("--dump finds sources by reading them; leave out --no-rehash")
        }
        if dump.dump != nil, manifest != nil, casePath == nil { throw ValidationError("--dump needs --case") }
    }

    func run() throws {
        try report {
            let key = try publicKey.map { path throws(ReportError) in try VerifyingKey(pemFile: path) }
            let caseFile =
                casePath != nil || manifest == nil ? try CaseFile(reading: casePath ?? "case.sqlite") : nil
            var isSound = true
            func tell(_ check: Check) {
                isSound = isSound && check.problems.isEmpty
                print(
                    "\(check.problems.isEmpty ? "ok    " : "FAILED") \(VisibleText.of(check.name))"
                        + (check.examined > 1 ? " (\(check.examined))" : ""))
                for problem in check.problems { print("         \(VisibleText.of(problem))") }
                // The next one may take minutes.
                fflush(nil)
            }
            if let caseFile {
                let files = try dump.files(for: caseFile)
                _ = try Verification(of: caseFile, rehash: rehash, dump: files, each: tell)
            }
            if let manifest { for check in try Manifest.checks(manifest, signedBy: key, of: caseFile) { tell(check) } }
            if !isSound { throw ExitStatus.checkFailed }
        }
    }
}
