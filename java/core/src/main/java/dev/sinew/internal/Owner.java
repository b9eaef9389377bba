package dev.sinew.internal;

import dev.sinew.bindings.Sinew;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Owns native memory, freed when the owner is closed or collected.
 * Work that hands addresses to native code is bracketed by {@link #acquire} and {@link #release}; an owner that is in
 * use refuses to close, and a closed one refuses to be used.
 */
public final class Owner {
    /** Whether extra checks are on ({@code -Dsinew.checks=true}): errors then tell where an owner was closed. */
    public static final boolean CHECKS = Boolean.getBoolean("sinew.checks");

    private static final Cleaner CLEANER = Cleaner.create();
    private static final int CLOSED = Integer.MIN_VALUE;
    private static final AtomicLong LIVE = new AtomicLong();
    private static final AtomicLong PEAK = new AtomicLong();

    private final String name;
    private final Arena arena;
    private final boolean closeable;
    /** Users in flight, or CLOSED. */
    private final AtomicInteger users = new AtomicInteger();
    private volatile Throwable closedAt;

    private final Cleaner.Cleanable cleanable;

    private Owner(String name, Arena arena, boolean closeable) {
        this.name = name;
        this.arena = arena;
        this.closeable = closeable;
        this.cleanable = closeable ? CLEANER.register(this, arena::close) : null;
    }

    /** Memory that is freed by {@link #close}, or when nothing refers to the owner any more. */
    public static Owner closeable(String name) {
        Native.load();
        return new Owner(name, Arena.ofShared(), true);
    }

    /** Memory that lives as long as something refers to it. */
    public static Owner collected(String name) {
        Native.load();
        return new Owner(name, Arena.ofAuto(), false);
    }

    public static long liveBytes() {
        return LIVE.get();
    }

    public static long peakBytes() {
        return PEAK.get();
    }

    /** 64-byte aligned memory with unspecified contents. */
    public MemorySegment allocate(long bytes) {
        acquire("allocating " + bytes + " bytes");
        try {
            MemorySegment memory = Sinew.sn_alloc(bytes);
            if (memory.address() == 0) {
                throw new OutOfMemoryError("no native memory for " + bytes + " bytes (" + LIVE.get() + " bytes are in use)");
            }
            long live = LIVE.addAndGet(bytes);
            PEAK.accumulateAndGet(live, Math::max);
            return memory.reinterpret(bytes, arena, segment -> {
                Sinew.sn_free(segment);
                LIVE.addAndGet(-bytes);
            });
        } finally {
            release();
        }
    }

    /** Keeps the memory from being freed until {@link #release}. {@code what} is only named in the error. */
    public void acquire(String what) {
        if (!closeable) {
            return;
        }
        while (true) {
            int now = users.get();
            if (now == CLOSED) {
                throw closedError(what);
            }
            if (users.compareAndSet(now, now + 1)) {
                return;
            }
        }
    }

    public void release() {
        if (closeable) {
            users.decrementAndGet();
        }
    }

    public boolean isClosed() {
        return users.get() == CLOSED;
    }

    /** Throws when closed. */
    public void check(String what) {
        if (users.get() == CLOSED) {
            throw closedError(what);
        }
    }

    private IllegalStateException closedError(String what) {
        String hint = CHECKS ? "" : "; -Dsinew.checks=true shows where it was closed";
        return new IllegalStateException(what + ": its memory belonged to " + name + ", which is closed" + hint, closedAt);
    }

    /** Frees the memory. Closing again does nothing; closing while an operation runs on it throws IllegalStateException. */
    public void close() {
        if (!closeable) {
            throw new IllegalStateException(name + " cannot be closed");
        }
        if (users.get() == CLOSED) {
            return;
        }
        if (CHECKS) {
            closedAt = new Throwable(name + " was closed here");
        }
        if (!users.compareAndSet(0, CLOSED)) {
            if (users.get() == CLOSED) {
                return;
            }
            throw new IllegalStateException(name + " cannot be closed: an operation is running on its memory");
        }
        cleanable.clean();
    }

    @Override
    public String toString() {
        return name;
    }
}
