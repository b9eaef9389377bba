package dev.sinew.internal;

import dev.sinew.bindings.NativeLibrary;
import dev.sinew.bindings.Sinew;
import dev.sinew.bindings.sn_call;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** The few functions of libsinew that are not operations. */
public final class Native {
    private static final Path LIBRARY = NativeLibrary.load();

    private Native() {}

    /** Loads the library; throws UnsatisfiedLinkError with everything that was tried. */
    public static void load() {
        // the static initialiser did it
    }

    /** The file the library was loaded from. */
    public static Path path() {
        return LIBRARY;
    }

    /** The code of the instruction set in use. */
    public static int isa() {
        return Sinew.sn_isa_active();
    }

    /** Runs calls with the kernels of an instruction set, -1: the one in use; returns the status. */
    public static int run(MemorySegment calls, long count, int isa) {
        return Sinew.sn_run(calls, count, isa, MemorySegment.NULL);
    }

    /** The index of the first call whose status is not 0, or -1; resets the statuses. */
    public static int failed(MemorySegment calls, int count) {
        int failed = -1;
        for (int i = 0; i < count; i++) {
            MemorySegment call = sn_call.asSlice(calls, i);
            if (sn_call.status(call) != 0) {
                sn_call.status(call, 0);
                failed = failed < 0 ? i : failed;
            }
        }
        return failed;
    }

    public static String statusText(int status) {
        return Sinew.sn_status_text(status).getString(0);
    }
}
