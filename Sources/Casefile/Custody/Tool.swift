/// This program, as a journal and a manifest name it.
public enum Tool {
    public static let name = "strayframe"
    public static let version = "0.1.0"
}
