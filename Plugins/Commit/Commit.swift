import Foundation
import PackagePlugin

/// Gives a target `Commit.embedded`: the commit that the package is built from, and whether a source was changed since.
@main
struct Commit: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) -> [Command] {
        let root = context.package.directoryURL
        let output = context.pluginWorkDirectoryURL.appending(path: "Commit.swift")
        // Written only when it differs, so that nothing is compiled again for it; nil outside a repository of its own.
        let script = """
            cd "$1" || exit 1
            text='nil'
            if [ -e .git ] && commit=$(git rev-parse --short=12 HEAD 2>/dev/null); then
                git diff --quiet HEAD -- Package.swift Package.resolved Sources Queries || commit="$commit, changed since"
                text="\\"$commit\\""
            fi
            printf 'enum Commit {\\n    static let embedded: String? = %s\\n}\\n' "$text" >"$2.new"
            if cmp -s "$2.new" "$2"; then rm "$2.new"; else mv "$2.new" "$2"; fi
            """
        return [
            .buildCommand(
                displayName: "The commit that this is built from", executable: URL(filePath: "/bin/sh"),
                arguments: ["-c", script, "sh", root.path, output.path],
                inputFiles: sources(of: context.package) + history(of: root), outputFiles: [output])
        ]
    }

    private func sources(of package: Package) -> [URL] {
        package.targets.compactMap(\.sourceModule).flatMap { $0.sourceFiles.map(\.url) }
    }

    /// What git writes to whenever the commit becomes another one. In a work tree beside the first, `.git` is a file that
    /// names the folder.
    private func history(of root: URL) -> [URL] {
        var folder = root.appending(path: ".git")
        if let text = try? String(contentsOf: folder, encoding: .utf8), text.hasPrefix("gitdir: ") {
            folder = URL(filePath: text.dropFirst(8).trimmingCharacters(in: .newlines), relativeTo: root)
        }
        return ["HEAD", "logs/HEAD", "index"].map { folder.appending(path: $0) }
            .filter { FileManager.default.fileExists(atPath: $0.path) }
    }
}
