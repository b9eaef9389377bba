package dev.sinew.data;

import dev.sinew.Shape;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Objects;

/**
 * Samples in one Java array, one after the other, each in row-major order (C, H, W). The arrays are not copied: bytes stay
 * bytes, and normalisation happens while a sample is read.
 */
public final class ArrayDataset implements Dataset {
    private final float[] floats;
    private final byte[] bytes;
    private final Shape inputShape;
    private final int sampleSize;
    private final int[] labels;
    private final int classes;
    private final float[] targets;
    private final Shape targetShape;
    private final List<String> classNames;
    private final double scale;
    private final double mean;
    private final double std;
    /** What each byte is read as. */
    private final float[] byteValues;

    private ArrayDataset(float[] floats, byte[] bytes, Shape inputShape, int[] labels, int classes, float[] targets,
            Shape targetShape, List<String> classNames, double scale, double mean, double std) {
        this.floats = floats;
        this.bytes = bytes;
        this.inputShape = inputShape;
        this.sampleSize = (int) inputShape.count();
        this.labels = labels;
        this.classes = classes;
        this.targets = targets;
        this.targetShape = targetShape;
        this.classNames = classNames;
        this.scale = scale;
        this.mean = mean;
        this.std = std;
        this.byteValues = bytes == null ? null : new float[256];
        for (int i = 0; bytes != null && i < 256; i++) {
            byteValues[i] = normalised(i);
        }
    }

    /**
     * Samples with labels.
     *
     * @param values labels.length x inputShape.count() of them
     * @param labels from 0 up to classes, exclusive
     * @throws IllegalArgumentException when the lengths do not match, or a label is out of range
     */
    public static ArrayDataset of(float[] values, Shape inputShape, int[] labels, int classes) {
        checkLabels(labels, classes);
        checkLength("values", values.length, labels.length, inputShape);
        return new ArrayDataset(values, null, inputShape, labels, classes, null, Shape.scalar(), List.of(), 1, 0, 1);
    }

    /** The same from bytes, read as 0 to 255. */
    public static ArrayDataset of(byte[] values, Shape inputShape, int[] labels, int classes) {
        checkLabels(labels, classes);
        checkLength("values", values.length, labels.length, inputShape);
        return new ArrayDataset(null, values, inputShape, labels, classes, null, Shape.scalar(), List.of(), 1, 0, 1);
    }

    /**
     * Samples with numbers to predict.
     *
     * @param values as many times inputShape.count() as targets are times targetShape.count()
     * @throws IllegalArgumentException when the lengths do not match
     */
    public static ArrayDataset of(float[] values, Shape inputShape, float[] targets, Shape targetShape) {
        long size = targets.length / targetShape.count();
        if (size == 0) {
            throw new IllegalArgumentException("data set: " + targets.length + " targets are not one of shape " + targetShape);
        }
        checkLength("targets", targets.length, size, targetShape);
        checkLength("values", values.length, size, inputShape);
        return new ArrayDataset(values, null, inputShape, null, 0, targets, targetShape, List.of(), 1, 0, 1);
    }

    private static void checkLabels(int[] labels, int classes) {
        if (classes < 1) {
            throw new IllegalArgumentException("data set: needs at least 1 class, not " + classes);
        }
        if (labels.length == 0) {
            throw new IllegalArgumentException("data set: needs at least one sample");
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException("data set: label " + labels[i] + " of sample " + i + " is not within 0 to " + (classes - 1));
            }
        }
    }

    private static void checkLength(String what, int length, long size, Shape shape) {
        // divided, because the product may overflow
        if (length % shape.count() != 0 || length / shape.count() != size) {
            throw new IllegalArgumentException("data set: " + length + " " + what + " are not " + size + " times shape " + shape
                    + " (" + shape.count() + " numbers)");
        }
    }

    /**
     * The same samples with every value x read as (x scale - mean) / std.
     *
     * @throws IllegalArgumentException when one of them is not finite, or std is not positive
     */
    public ArrayDataset normalised(double scale, double mean, double std) {
        if (!Double.isFinite(scale) || !Double.isFinite(mean) || !Double.isFinite(std) || std <= 0) {
            throw new IllegalArgumentException("data set: scale and mean must be finite and std positive, not " + scale + ", " + mean
                    + " and " + std);
        }
        return new ArrayDataset(floats, bytes, inputShape, labels, classes, targets, targetShape, classNames, scale, mean, std);
    }

    /** The same samples with names for their classes: one for each. */
    public ArrayDataset named(String... names) {
        if (names.length != classes) {
            throw new IllegalArgumentException("data set: " + names.length + " names for " + classes + " classes");
        }
        return new ArrayDataset(floats, bytes, inputShape, labels, classes, targets, targetShape, List.of(names), scale, mean, std);
    }

    private float normalised(float value) {
        return (float) ((value * scale - mean) / std);
    }

    @Override
    public long size() {
        return labels != null ? labels.length : targets.length / targetShape.count();
    }

    @Override
    public Shape inputShape() {
        return inputShape;
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public void read(long index, FloatBuffer input) {
        int from = (int) Objects.checkIndex(index, size()) * sampleSize;
        if (bytes != null) {
            for (int i = from; i < from + sampleSize; i++) {
                input.put(byteValues[bytes[i] & 0xFF]);
            }
        } else if (scale == 1 && mean == 0 && std == 1) {
            input.put(floats, from, sampleSize);
        } else {
            for (int i = from; i < from + sampleSize; i++) {
                input.put(normalised(floats[i]));
            }
        }
    }

    @Override
    public int label(long index) {
        if (labels == null) {
            throw new UnsupportedOperationException("this data set has targets of shape " + targetShape + " instead of labels");
        }
        return labels[(int) Objects.checkIndex(index, size())];
    }

    @Override
    public Shape targetShape() {
        return targetShape;
    }

    @Override
    public void readTarget(long index, FloatBuffer target) {
        if (targets == null) {
            throw new UnsupportedOperationException("this data set has labels instead of targets");
        }
        int count = (int) targetShape.count();
        target.put(targets, (int) Objects.checkIndex(index, size()) * count, count);
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    /** Size, sample shape and number of classes. */
    @Override
    public String toString() {
        return size() + " samples of shape " + inputShape + (classes > 0 ? " in " + classes + " classes" : " with targets of shape " + targetShape);
    }
}
