package dev.sinew.data;

import dev.sinew.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** See {@link Dataset#concat}. */
final class Concatenated implements Dataset {
    private final List<Dataset> parts;
    /** The index of the first sample of each part, and of the one after the last. */
    private final long[] starts;

    Concatenated(List<Dataset> parts) {
        this.parts = List.copyOf(parts);
        Dataset first = parts.getFirst();
        starts = new long[parts.size() + 1];
        for (int i = 0; i < parts.size(); i++) {
            Dataset part = parts.get(i);
            if (!part.inputShape().equals(first.inputShape()) || part.classes() != first.classes()
                    || part.classes() == 0 && !part.targetShape().equals(first.targetShape())) {
                throw new IllegalArgumentException("concat: samples " + part.inputShape() + " of " + part.classes() + " classes with targets "
                        + part.targetShape() + " are not like samples " + first.inputShape() + " of " + first.classes()
                        + " classes with targets " + first.targetShape());
            }
            starts[i + 1] = Math.addExact(starts[i], part.size());
        }
    }

    private int part(long index) {
        Objects.checkIndex(index, size());
        int found = Arrays.binarySearch(starts, index);
        return found >= 0 ? found : -found - 2;
    }

    @Override
    public long size() {
        return starts[parts.size()];
    }

    @Override
    public Shape inputShape() {
        return parts.getFirst().inputShape();
    }

    @Override
    public int classes() {
        return parts.getFirst().classes();
    }

    @Override
    public void read(long index, FloatBuffer input) throws IOException {
        int part = part(index);
        parts.get(part).read(index - starts[part], input);
    }

    @Override
    public int label(long index) throws IOException {
        int part = part(index);
        return parts.get(part).label(index - starts[part]);
    }

    @Override
    public Shape targetShape() {
        return parts.getFirst().targetShape();
    }

    @Override
    public void readTarget(long index, FloatBuffer target) throws IOException {
        int part = part(index);
        parts.get(part).readTarget(index - starts[part], target);
    }

    @Override
    public List<String> classNames() {
        return parts.getFirst().classNames();
    }

    @Override
    public Dataset inEpoch(long epoch) {
        return new Concatenated(parts.stream().map(part -> part.inEpoch(epoch)).toList());
    }

    @Override
    public String toString() {
        return String.join(" and ", parts.stream().map(Dataset::toString).toList());
    }
}
