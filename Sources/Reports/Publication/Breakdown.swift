/// The cells of an attribute as they may be published.
///
/// A cell with fewer than k accounts on either side is suppressed, value and all: a rare value is a fact about few people even
/// without its counts. What is suppressed can be had together by subtraction from the total, so further cells, the smallest
/// first, are suppressed beside it until all of them together hide k as well, are two at least, and have more exposures than
/// there are of them: else each would be known to have one.
struct Breakdown {
    let name: String
    /// The largest first.
    private(set) var published: [Cell] = []
    /// All suppressed ones as one; its value says nothing.
    private(set) var together = Cell()
    private(set) var small = 0
    private(set) var beside = 0
    /// Whether nothing is left to publish: then it is not even said how many cells there are.
    var isWithheld: Bool { published.isEmpty }

    var suppressed: Int { small + beside }

    /// - Parameters:
    ///   - cells: of all exposures, each in one.
    ///   - isShown: whether a value names nobody.
    init(_ name: String, _ cells: [Cell], hiding k: Int, isShown: (String) -> Bool) {
        self.name = name
        for cell in cells {
            if cell.hides(k), cell.value.map(isShown) ?? true {
                published.append(cell)
            } else {
                together.add(cell)
                small += 1
            }
        }
        published.sort { ($0.exposures, $1.value ?? "") > ($1.exposures, $0.value ?? "") }
        while small > 0, suppressed < 2 || !together.hides(k) || together.exposures == suppressed,
            let smallest = published.popLast()
        {
            together.add(smallest)
            beside += 1
        }
    }
}
