package dev.sinew.internal;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/** A piece of native memory with its owner. Tensors are views of one. */
public final class Buffer {
    private final Owner owner;
    private final MemorySegment memory;
    private final AtomicInteger version = new AtomicInteger();

    public Buffer(Owner owner, MemorySegment memory) {
        this.owner = owner;
        this.memory = memory;
    }

    public static Buffer allocate(Owner owner, long bytes) {
        return new Buffer(owner, owner.allocate(bytes));
    }

    public Owner owner() {
        return owner;
    }

    public MemorySegment memory() {
        return memory;
    }

    public long address() {
        return memory.address();
    }

    /**
     * Raised whenever the contents have been overwritten: a gradient notices that a value it needs is gone, a plan that
     * what it prepared of a weight is out of date.
     */
    public int version() {
        return version.get();
    }

    /** To be called after the contents were overwritten, or may have been. */
    public void touch() {
        version.getAndIncrement();
    }
}
