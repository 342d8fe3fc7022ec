extension Array {
    /// Where the elements begin that a condition holds for, in an array whose elements before it all fail it; `count` if
    /// there is none.
    func partitionIndex(where isBehind: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
