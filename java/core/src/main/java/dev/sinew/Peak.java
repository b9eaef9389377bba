package dev.sinew;

import dev.sinew.bindings.Sinew;
import dev.sinew.internal.Native;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What this machine does at best, measured on the threads and the instruction set in use: what benchmarks state fractions
 * of.
 *
 * @param flops multiply-adds in registers, floating-point operations per second
 * @param copyBytes bytes per second, read and written together, of a copy far beyond the caches
 */
public record Peak(double flops, double copyBytes) {
    private static final int TIMES = 31;
    private static final long BYTES = 96L << 20;
    private static final long PIECE = 8L << 20;

    static {
        Native.load();
    }

    /** Measures for a tenth of a second or two, the best of many times; takes 192 MiB of memory meanwhile. */
    public static Peak measure() {
        double flops = 0;
        double copy = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = arena.allocate(BYTES, 64).fill((byte) 1);
            MemorySegment to = arena.allocate(BYTES, 64).fill((byte) 2);
            for (int i = 0; i < TIMES; i++) {
                long at = i * PIECE % BYTES;
                flops = Math.max(flops, flopsNow());
                copy = Math.max(copy, Sinew.sn_measure_copy(to.asSlice(at, PIECE), from.asSlice(at, PIECE), PIECE, -1));
            }
        }
        return new Peak(flops, copy);
    }

    /** Floating-point operations per second of one short run, some tenths of a millisecond: to take turns with what is timed. */
    public static double flopsNow() {
        return Sinew.sn_measure_flops(-1);
    }
}
