package dev.sinew;

import dev.sinew.internal.Owner;

/** How much memory outside the Java heap the library holds. */
public final class NativeMemory {
    private NativeMemory() {}

    /** Bytes of tensors, plans and buffers that have not been freed; 0 when everything was closed or collected. */
    public static long liveBytes() {
        return Owner.liveBytes();
    }

    /** The highest {@link #liveBytes()} so far. */
    public static long peakBytes() {
        return Owner.peakBytes();
    }
}
