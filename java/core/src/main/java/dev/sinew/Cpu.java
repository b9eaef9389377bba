package dev.sinew;

import dev.sinew.bindings.Sinew;
import dev.sinew.internal.Native;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;

/** What the native library found on this machine, and what of it is used. All of it holds for the whole process. */
public final class Cpu {
    /** Instruction sets that kernels are written for, in rising order for each kind of CPU. */
    public enum Isa {
        /** Plain C: runs everywhere. */
        GENERIC,
        /** x86-64 with AVX2 and FMA. */
        AVX2,
        /** x86-64 with AVX-512 F, DQ, BW and VL. */
        AVX512,
        /** arm64, of which it is a part. */
        NEON;

        static Isa of(int code) {
            return values()[code];
        }

        /** Whether this machine has it. */
        public boolean isAvailable() {
            Native.load();
            return Sinew.sn_isa_available(ordinal()) != 0;
        }

        /** {@code generic}, {@code avx2}, {@code avx512} or {@code neon}, as the environment variable {@code SINEW_MAX_ISA} takes it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The most threads that can be asked for. */
    public static final int MAX_THREADS = 256;

    static {
        Native.load();
    }

    private Cpu() {}

    /** The CPUs this process may use: affinity and container limits counted in. */
    public static int cpus() {
        return Sinew.sn_cpus();
    }

    /**
     * The bytes of the data cache that serves a core, its own or shared; 0 where there is none or the system does not say. No result
     * depends on it.
     *
     * @param level from 1 to 3
     */
    public static long cacheBytes(int level) {
        if (level < 1 || level > 3) {
            throw new IllegalArgumentException("caches have the levels 1 to 3, not " + level);
        }
        return Sinew.sn_cache_bytes(level);
    }

    /** The bytes of a page of memory. */
    public static long pageBytes() {
        return Sinew.sn_page_bytes();
    }

    /** The threads that operations run on, the caller's included; {@link #cpus} unless set. Results do not depend on it. */
    public static int threads() {
        return Sinew.sn_threads();
    }

    /**
     * Sets the number of threads of later operations.
     *
     * @param number from 1 to {@link #MAX_THREADS}
     */
    public static void setThreads(int number) {
        if (number < 1 || number > MAX_THREADS) {
            throw new IllegalArgumentException("the number of threads must be from 1 to " + MAX_THREADS + ", not " + number);
        }
        int status = Sinew.sn_set_threads(number);
        if (status != 0) {
            throw new IllegalStateException(number + " threads: " + Native.statusText(status));
        }
    }

    /** The best instruction set that the CPU and the operating system support. */
    public static Isa detectedIsa() {
        return Isa.of(Sinew.sn_isa_detected());
    }

    /** The instruction set in use: the best available one up to {@code SINEW_MAX_ISA} or {@link #setMaxIsa}. */
    public static Isa isa() {
        return Isa.of(Sinew.sn_isa_active());
    }

    /** Caps the instruction set of later operations; the cap of {@code SINEW_MAX_ISA} no longer counts. */
    public static void setMaxIsa(Isa isa) {
        int status = Sinew.sn_set_max_isa(Objects.requireNonNull(isa, "isa").ordinal());
        if (status != 0) {
            throw new IllegalStateException("instruction set " + isa + ": " + Native.statusText(status));
        }
    }

    /** What the CPU calls itself. */
    public static String name() {
        return Sinew.sn_cpu_name().getString(0).strip();
    }

    /** The instruction set extensions that matter here, separated by blanks. */
    public static String features() {
        return Sinew.sn_cpu_features().getString(0).strip();
    }

    /** Version and build options of the OpenBLAS in use. */
    public static String openBlasConfig() {
        return Sinew.sn_openblas_config().getString(0).strip();
    }

    /** The CPU type whose kernels OpenBLAS has chosen. */
    public static String openBlasCore() {
        return Sinew.sn_openblas_core().getString(0).strip();
    }

    /** The file the native library was loaded from. */
    public static Path library() {
        return Native.path();
    }
}
