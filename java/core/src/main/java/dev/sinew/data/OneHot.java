package dev.sinew.data;

import dev.sinew.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;

/** See {@link Dataset#oneHot}. */
final class OneHot extends Wrapped {
    OneHot(Dataset data) {
        super(data);
        if (data.classes() < 1) {
            throw new IllegalArgumentException("one-hot: the data have no classes");
        }
    }

    @Override
    public int classes() {
        return 0;
    }

    @Override
    public Shape targetShape() {
        return Shape.of(data.classes());
    }

    @Override
    public void readTarget(long index, FloatBuffer target) throws IOException {
        int label = data.label(index);
        for (int c = 0; c < data.classes(); c++) {
            target.put(c == label ? 1 : 0);
        }
    }

    @Override
    public Dataset inEpoch(long epoch) {
        Dataset now = data.inEpoch(epoch);
        return now == data ? this : new OneHot(now);
    }

    @Override
    public String toString() {
        return data + " with labels as vectors";
    }
}
