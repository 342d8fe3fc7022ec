/// This program, as a journal and a manifest name it.
public enum Tool {
    public static let name = "strayframe"
    public static let version = "0.1.0"
    /// The version, and the commit that the program was built from, if it was built in its repository.
    public static let build = Commit.embedded.map { "\(version) (\($0))" } ?? version
}
