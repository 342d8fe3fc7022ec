public import Interning

extension AliasMap {
    /// A fill whose frame ids have their first numbers.
    public func unified(_ fill: Fill) -> Fill {
        if isEmpty { return fill }
        var fill = fill
        (fill.frame, fill.validator) = (first(fill.frame), first(fill.validator))
        return fill
    }

    /// A delivery whose frame id has its first number.
    public func unified(_ delivery: Delivery) -> Delivery {
        if isEmpty || !delivery.frame.isPresent { return delivery }
        var delivery = delivery
        delivery.frame = first(delivery.frame)
        return delivery
    }
}
