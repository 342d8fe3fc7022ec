/// A part of the page: what it answers, pictures and tables.
struct Section {
    let id: String
    let title: String
    /// The title in the list of contents.
    let short: String
    /// What there is to see, in a sentence or two.
    let lead: String
    /// Small pictures side by side.
    var gallery: Gallery?
    var figures: [Figure] = []
    var tables: [Table] = []
    var notes: [String] = []

    struct Gallery {
        let cards: [Card]
        /// What is in none of them.
        let rest: String?
    }

    /// A picture under a heading of its own.
    struct Card {
        let title: String
        let subtitle: String
        let words: String
        /// SVG.
        let picture: String
        /// What is left out of it.
        let left: String?
    }

    /// A picture, with the same in words and figures.
    struct Figure {
        let name: String
        let caption: String
        /// SVG.
        let picture: String
        var key: [Swatch] = []
        /// Whether its time can be looked at more closely.
        var isZoomable = false
        /// The same as a table.
        var words: Table?
    }

    /// A colour and what it means.
    struct Swatch {
        let swatch: String
        let meaning: String
    }

    struct Table {
        let caption: String
        let columns: [Column]
        let rows: [Row]
        /// How many rows there are that the page does not hold, and where they are.
        let more: String?
        /// Whether it is kept together on paper.
        let isShort: Bool

        init(caption: String, columns: [Column], rows: [Row], more: String? = nil) {
            (self.caption, self.columns, self.rows, self.more) = (caption, columns, rows, more)
            isShort = rows.count <= 12
        }
    }

    struct Column {
        let heading: String
        var isNumber = false
    }

    struct Row {
        let cells: [Cell]
    }

    struct Cell {
        let text: String
        /// SVG that shows it.
        let strip: String?
        let isNumber: Bool
        let isHead: Bool
        /// Whether it may be broken anywhere.
        let isLong: Bool

        private init(_ text: String, strip: String? = nil, isNumber: Bool = false, isHead: Bool = false) {
            self.text = text
            self.strip = strip
            self.isNumber = isNumber
            self.isHead = isHead
            isLong = text.utf8.count > 28
        }

        /// A word or a name.
        static func text(_ text: String?) -> Cell { Cell(text ?? "–") }
        /// What the row is about.
        static func head(_ text: String?) -> Cell { Cell(text ?? "–", isHead: true) }
        static func number(_ value: Int?) -> Cell { number(value.map(Wording.number)) }
        static func number(_ text: String?) -> Cell { Cell(text ?? "–", isNumber: true) }
        static func strip(_ svg: String) -> Cell { Cell("", strip: svg) }
    }
}
