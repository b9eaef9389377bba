package dev.sinew.data;

import dev.sinew.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Objects;

/** A data set in front of another one, the same in all that is not overridden. */
abstract class Wrapped implements Dataset {
    final Dataset data;

    Wrapped(Dataset data) {
        this.data = Objects.requireNonNull(data, "data");
    }

    @Override
    public long size() {
        return data.size();
    }

    @Override
    public Shape inputShape() {
        return data.inputShape();
    }

    @Override
    public int classes() {
        return data.classes();
    }

    @Override
    public void read(long index, FloatBuffer input) throws IOException {
        data.read(index, input);
    }

    @Override
    public int label(long index) throws IOException {
        return data.label(index);
    }

    @Override
    public Shape targetShape() {
        return data.targetShape();
    }

    @Override
    public void readTarget(long index, FloatBuffer target) throws IOException {
        data.readTarget(index, target);
    }

    @Override
    public List<String> classNames() {
        return data.classNames();
    }
}
