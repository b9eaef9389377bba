package dev.sinew.functional;

/** What stands around the data, for [a b c] padded by two on each side. */
public enum PadMode {
    /** Zeros: 0 0 a b c 0 0. */
    ZEROS,
    /** Mirrored at the outermost elements: c b a b c b a. At most size - 1 on each side. */
    REFLECT,
    /** The outermost elements repeated: a a a b c c c. */
    REPLICATE,
    /** As if the data went on in a circle: b c a b c a b. At most size on each side. */
    CIRCULAR
}
