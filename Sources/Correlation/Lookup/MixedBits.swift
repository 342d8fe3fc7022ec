extension UInt64 {
    /// The finalizer of MurmurHash3: any part of it is as good as another.
    @inlinable @inline(__always)
    public var mixed: UInt64 {
        var mixed = (self ^ self >> 33) &* 0xff51_afd7_ed55_8ccd
        mixed = (mixed ^ mixed >> 33) &* 0xc4ce_b9fe_1a85_ec53
        return mixed ^ mixed >> 33
    }
}
