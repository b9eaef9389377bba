package dev.sinew;

/** How a tensor's elements lie in memory. Shapes are always written in logical order (N, C, H, W). */
public enum Layout {
    /** The last logical dimension varies fastest. */
    ROW_MAJOR,
    /** Rank 4 only: N, H, W, C, the channels varying fastest. */
    CHANNELS_LAST
}
