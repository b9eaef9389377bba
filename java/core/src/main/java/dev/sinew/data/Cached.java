package dev.sinew.data;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** See {@link Dataset#cached}. Two threads that read the same sample for the first time both read it, and get the same. */
final class Cached extends Wrapped {
    private final AtomicReferenceArray<float[]> inputs;
    private final AtomicReferenceArray<float[]> targets;

    Cached(Dataset data) {
        super(data);
        if (data.size() > Permutation.MAX_SIZE) {
            throw new IllegalArgumentException("cached: " + data.size() + " samples are too many");
        }
        inputs = new AtomicReferenceArray<>((int) data.size());
        targets = new AtomicReferenceArray<>(data.classes() > 0 ? 0 : (int) data.size());
    }

    @Override
    public void read(long index, FloatBuffer input) throws IOException {
        int i = (int) Objects.checkIndex(index, size());
        float[] values = inputs.get(i);
        if (values == null) {
            FloatBuffer buffer = FloatBuffer.allocate(Math.toIntExact(inputShape().count()));
            data.read(index, buffer);
            values = whole(buffer, "input");
            inputs.set(i, values);
        }
        input.put(values);
    }

    @Override
    public void readTarget(long index, FloatBuffer target) throws IOException {
        int i = (int) Objects.checkIndex(index, size());
        float[] values = targets.get(i);
        if (values == null) {
            FloatBuffer buffer = FloatBuffer.allocate(Math.toIntExact(targetShape().count()));
            data.readTarget(index, buffer);
            values = whole(buffer, "target");
            targets.set(i, values);
        }
        target.put(values);
    }

    private static float[] whole(FloatBuffer buffer, String what) throws IOException {
        if (buffer.hasRemaining()) {
            throw new IOException("only " + buffer.position() + " of " + buffer.capacity() + " numbers of its " + what + " were put");
        }
        return buffer.array();
    }

    @Override
    public String toString() {
        return data.toString();
    }
}
