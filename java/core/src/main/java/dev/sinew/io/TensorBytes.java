package dev.sinew.io;

import dev.sinew.Layout;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.internal.Buffer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The elements of a tensor as little-endian bytes in logical order, some at a time. */
final class TensorBytes {
    /** What runs on the bytes while the memory cannot be freed. */
    interface Action {
        void run(TensorBytes bytes) throws IOException;
    }

    private static final int CHUNK_BYTES = 1 << 20;

    private final Spec spec;
    private final MemorySegment memory;
    private final ValueLayout nativeElement;
    private final ValueLayout fileElement;
    /** Elements that have been dealt with. */
    private long done;

    private TensorBytes(Tensor tensor) {
        spec = tensor.spec();
        memory = tensor.buffer().memory().asSlice(tensor.byteOffset(), spec.bytes());
        // whole numbers of the same size: a copy must not alter any bit of a NaN
        boolean wide = spec.dtype().bytes() == Long.BYTES;
        nativeElement = wide ? ValueLayout.JAVA_LONG : ValueLayout.JAVA_INT;
        fileElement = (wide ? ValueLayout.JAVA_LONG_UNALIGNED : ValueLayout.JAVA_INT_UNALIGNED).withOrder(ByteOrder.LITTLE_ENDIAN);
    }

    static void hold(Tensor tensor, String what, Action action) throws IOException {
        if (tensor.isSymbolic()) {
            throw new IllegalArgumentException(what + ": the tensor " + tensor.spec() + " is symbolic, it has no memory");
        }
        Buffer buffer = tensor.buffer();
        buffer.owner().acquire(what);
        try {
            action.run(new TensorBytes(tensor));
        } finally {
            buffer.owner().release();
        }
    }

    /** A buffer for {@link #begin}. */
    static ByteBuffer chunk(Tensor tensor) {
        return ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, tensor.spec().bytes()));
    }

    /** Sets the buffer's position and limit for the next elements; false when there are none. */
    boolean begin(ByteBuffer chunk) {
        long left = spec.bytes() - done * spec.dtype().bytes();
        chunk.clear().limit((int) Math.min(chunk.capacity(), left));
        return left > 0;
    }

    /** Copies the buffer's bytes into the next elements. */
    void put(ByteBuffer chunk) {
        copy(chunk, true);
    }

    /** Fills the buffer up to its limit with the next elements. */
    void get(ByteBuffer chunk) {
        copy(chunk, false);
        chunk.position(chunk.limit());
    }

    private void copy(ByteBuffer chunk, boolean toTensor) {
        MemorySegment file = MemorySegment.ofArray(chunk.array());
        int bytes = spec.dtype().bytes();
        int count = chunk.limit() / bytes;
        if (spec.layout() == Layout.ROW_MAJOR || spec.layoutIsImmaterial()) {
            copy(file, 0, done, count, toTensor);
        } else {
            for (int i = 0; i < count; i++) {
                copy(file, (long) i * bytes, position(done + i), 1, toTensor);
            }
        }
        done += count;
    }

    private void copy(MemorySegment file, long fileOffset, long position, int count, boolean toTensor) {
        long offset = position * spec.dtype().bytes();
        if (toTensor) {
            MemorySegment.copy(file, fileElement, fileOffset, memory, nativeElement, offset, count);
        } else {
            MemorySegment.copy(memory, nativeElement, offset, file, fileElement, fileOffset, count);
        }
    }

    /** Where a logical element of a channels-last tensor lies. */
    private long position(long logical) {
        long width = spec.shape().dim(3);
        long height = spec.shape().dim(2);
        long channels = spec.shape().dim(1);
        long x = logical % width;
        long y = logical / width % height;
        long c = logical / (width * height) % channels;
        long n = logical / (width * height * channels);
        return ((n * height + y) * width + x) * channels + c;
    }
}
