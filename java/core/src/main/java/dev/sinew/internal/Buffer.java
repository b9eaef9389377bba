package dev.sinew.internal;

import java.lang.foreign.MemorySegment;

/** A piece of native memory with its owner. Tensors are views of one. */
public final class Buffer {
    private final Owner owner;
    private final MemorySegment memory;
    private volatile int version;

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

    /** Raised whenever the contents are overwritten, so that a gradient notices that a value it needs is gone. */
    public int version() {
        return version;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField")
    public void touch() {
        version++;
    }
}
