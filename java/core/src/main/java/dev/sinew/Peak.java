package dev.sinew;

import dev.sinew.bindings.Sinew;
import dev.sinew.internal.Native;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

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

    /** Measures for a tenth of a second or two, medians; takes 192 MiB of memory meanwhile. */
    public static Peak measure() {
        double[] flops = new double[TIMES];
        double[] copies = new double[TIMES];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = arena.allocate(BYTES, 64).fill((byte) 1);
            MemorySegment to = arena.allocate(BYTES, 64).fill((byte) 2);
            for (int i = 0; i < TIMES; i++) {
                long at = i * PIECE % BYTES;
                flops[i] = flopsNow();
                copies[i] = Sinew.sn_measure_copy(to.asSlice(at, PIECE), from.asSlice(at, PIECE), PIECE, -1);
            }
        }
        Arrays.sort(flops);
        Arrays.sort(copies);
        return new Peak(flops[TIMES / 2], copies[TIMES / 2]);
    }

    /** Floating-point operations per second of one short run, some tenths of a millisecond: to take turns with what is timed. */
    public static double flopsNow() {
        return Sinew.sn_measure_flops(-1);
    }
}
