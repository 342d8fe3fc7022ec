/// What becomes of a line that was lent.
public enum LineUse {
    /// The next line is wanted.
    case next
    /// No further line is.
    case stop
    /// The line's bytes from that place on are a record of their own, and are lent as the next line; from 0 on, if the
    /// line stands for several records. It is for the closure to come to an end.
    case rest(from: Int)
}
