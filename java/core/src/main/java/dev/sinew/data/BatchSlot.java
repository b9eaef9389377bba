package dev.sinew.data;

import dev.sinew.DType;
import dev.sinew.Shape;
import dev.sinew.Spec;
import dev.sinew.Tensor;
import dev.sinew.internal.Buffer;
import dev.sinew.internal.Owner;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** Memory for one batch. Every sample has a view of exactly its place: a data set cannot write anywhere else. */
final class BatchSlot {
    /** A sample that could not be read. */
    static final class SampleException extends Exception {
        private static final long serialVersionUID = 1;

        SampleException(long index, String what, Throwable cause) {
            super("batches: sample " + index + " " + what, cause);
        }
    }

    private final Dataset whole;
    private final int classes;
    private final Buffer inputMemory;
    private final Buffer targetMemory;
    private final FloatBuffer[] inputs;
    /** Null when targets are labels. */
    private final FloatBuffer[] targets;
    private final Spec fullInput;
    private final Spec fullTarget;
    private Batch batch;

    BatchSlot(Owner owner, Dataset data, int batchSize) {
        whole = data;
        classes = data.classes();
        fullInput = spec(DType.F32, data.inputShape(), batchSize);
        fullTarget = classes > 0 ? spec(DType.I32, Shape.scalar(), batchSize) : spec(DType.F32, data.targetShape(), batchSize);
        inputMemory = Buffer.allocate(owner, fullInput.bytes());
        targetMemory = Buffer.allocate(owner, fullTarget.bytes());
        inputs = views(inputMemory.memory(), data.inputShape(), batchSize);
        targets = classes > 0 ? null : views(targetMemory.memory(), data.targetShape(), batchSize);
    }

    private static Spec spec(DType type, Shape sample, int batchSize) {
        if (sample.rank() == Shape.MAX_RANK) {
            throw new IllegalArgumentException("batches: samples of shape " + sample + " have too high a rank, the highest is " + (Shape.MAX_RANK - 1));
        }
        if (sample.count() > Integer.MAX_VALUE / Float.BYTES) {
            throw new IllegalArgumentException("batches: a sample of shape " + sample + " takes more than 2 GiB");
        }
        return Spec.of(type, sample.withFirst(batchSize));
    }

    private static FloatBuffer[] views(MemorySegment memory, Shape sample, int batchSize) {
        long bytes = sample.count() * Float.BYTES;
        FloatBuffer[] views = new FloatBuffer[batchSize];
        for (int i = 0; i < batchSize; i++) {
            views[i] = memory.asSlice(i * bytes, bytes).asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer();
        }
        return views;
    }

    Batch batch() {
        return batch;
    }

    /** Fills samples {@code from}, ... of the order, or of the data set's own when that is null. */
    void fill(long epoch, long index, int[] order, long from, int samples) throws SampleException {
        touch();
        Dataset data = whole.inEpoch(epoch);
        for (int i = 0; i < samples; i++) {
            long sample = order == null ? from + i : order[(int) from + i];
            try {
                data.read(sample, inputs[i].clear());
                if (targets != null) {
                    data.readTarget(sample, targets[i].clear());
                }
            } catch (Throwable e) {
                throw new SampleException(sample, "could not be read: " + e, e);
            }
            requireFull(sample, inputs[i], "input");
            if (targets != null) {
                requireFull(sample, targets[i], "target");
            } else {
                targetMemory.memory().setAtIndex(ValueLayout.JAVA_INT, i, label(data, sample));
            }
        }
        touch();
        boolean full = samples == inputs.length;
        batch = new Batch(epoch, index, view(inputMemory, full ? fullInput : partial(fullInput, samples)),
                view(targetMemory, full ? fullTarget : partial(fullTarget, samples)));
    }

    private void touch() {
        inputMemory.touch();
        targetMemory.touch();
    }

    private int label(Dataset data, long sample) throws SampleException {
        int label;
        try {
            label = data.label(sample);
        } catch (Throwable e) {
            throw new SampleException(sample, "has no label that could be read: " + e, e);
        }
        if (label < 0 || label >= classes) {
            throw new SampleException(sample, "has label " + label + ", which is not within 0 to " + (classes - 1), null);
        }
        return label;
    }

    private static void requireFull(long sample, FloatBuffer view, String what) throws SampleException {
        if (view.position() != view.capacity()) {
            throw new SampleException(sample, "is incomplete: " + view.position() + " of " + view.capacity() + " numbers of its " + what
                    + " were put", null);
        }
    }

    private static Spec partial(Spec full, int samples) {
        return full.withShape(full.shape().with(0, samples));
    }

    private static Tensor view(Buffer memory, Spec spec) {
        return new Tensor(spec, memory, 0);
    }
}
