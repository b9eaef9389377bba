package dev.sinew.data;

import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.data.transform.Draw;
import dev.sinew.data.transform.Transform;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The samples of a data set after some changes, one after the other. What becomes of a sample depends on the seed, the epoch
 * and the sample's index alone: random changes are others in every epoch, the same whatever thread reads.
 *
 * {@snippet :
 * Dataset more = digits.train().transformed(Seed.of(7), Affine.none().rotate(10).zoom(0.1).shift(0.8), Cutout.of(2));
 * }
 *
 * <p>With {@link #withMasks} the targets are images too, of shape [height, width] or [channels, height, width], such as the
 * class of each pixel; what moves the pixels of a sample moves those of its target alike.
 */
public final class Transformed implements Dataset {
    private final Dataset data;
    private final Seed seed;
    private final List<Transform> transforms;
    private final boolean masks;
    private final long epoch;
    /** The shape before each transform, and after the last. */
    private final Shape[] shapes;
    private final Shape[] maskShapes;

    private Transformed(Dataset data, Seed seed, List<Transform> transforms, boolean masks, long epoch) {
        this.data = Objects.requireNonNull(data, "data");
        this.seed = Objects.requireNonNull(seed, "seed");
        this.transforms = List.copyOf(transforms);
        this.masks = masks;
        this.epoch = epoch;
        shapes = shapes(data.inputShape());
        maskShapes = masks ? shapes(asImage(data)) : null;
    }

    /**
     * Changes every sample.
     *
     * @param seed of the random numbers
     * @throws IllegalArgumentException when a change is not for samples of that shape
     */
    public static Transformed of(Dataset data, Seed seed, Transform... transforms) {
        return new Transformed(data, seed, List.of(transforms), false, 0);
    }

    /**
     * The same, with targets that are changed as the samples are.
     *
     * @throws IllegalArgumentException when the targets are not images of the samples' height and width
     */
    public Transformed withMasks() {
        return new Transformed(data, seed, transforms, true, epoch);
    }

    private Shape[] shapes(Shape first) {
        Shape[] all = new Shape[transforms.size() + 1];
        all[0] = first;
        for (int i = 0; i < transforms.size(); i++) {
            // a mask follows the moves of its image, whatever its number of channels
            Shape image = shapes == null ? all[i] : shapes[i];
            Shape after = transforms.get(i).shape(image);
            all[i + 1] = shapes == null ? after : Shape.of(all[i].dim(0), after.dim(1), after.dim(2));
        }
        return all;
    }

    private static Shape asImage(Dataset data) {
        Shape target = data.targetShape();
        Shape image = data.inputShape();
        boolean fits = data.classes() == 0 && image.rank() == 3 && (target.rank() == 2 || target.rank() == 3)
                && target.dim(target.rank() - 2) == image.dim(1) && target.dim(target.rank() - 1) == image.dim(2);
        if (!fits) {
            throw new IllegalArgumentException("transformed: targets " + (data.classes() > 0 ? "in classes" : "of shape " + target)
                    + " are not masks of samples of shape " + image);
        }
        return target.rank() == 3 ? target : target.withFirst(1);
    }

    private Draw draw(long index, int transform) {
        return Draw.of(seed.derive(epoch).derive(index), transform);
    }

    @Override
    public void read(long index, FloatBuffer input) throws IOException {
        float[] values = new float[Math.toIntExact(shapes[0].count())];
        fill(index, values, false);
        for (int i = 0; i < transforms.size(); i++) {
            values = transforms.get(i).apply(values, shapes[i], draw(index, i));
        }
        input.put(values);
    }

    private void fill(long index, float[] values, boolean target) throws IOException {
        FloatBuffer buffer = FloatBuffer.wrap(values);
        if (target) {
            data.readTarget(index, buffer);
        } else {
            data.read(index, buffer);
        }
        if (buffer.hasRemaining()) {
            throw new IOException("only " + buffer.position() + " of " + values.length + " numbers of its "
                    + (target ? "target" : "input") + " were put");
        }
    }

    @Override
    public void readTarget(long index, FloatBuffer target) throws IOException {
        if (!masks) {
            data.readTarget(index, target);
            return;
        }
        float[] values = new float[Math.toIntExact(maskShapes[0].count())];
        fill(index, values, true);
        for (int i = 0; i < transforms.size(); i++) {
            values = transforms.get(i).applyToMask(values, maskShapes[i], draw(index, i));
        }
        target.put(values);
    }

    @Override
    public Dataset inEpoch(long number) {
        return new Transformed(data.inEpoch(number), seed, transforms, masks, number);
    }

    @Override
    public long size() {
        return data.size();
    }

    @Override
    public Shape inputShape() {
        return shapes[transforms.size()];
    }

    @Override
    public int classes() {
        return data.classes();
    }

    @Override
    public int label(long index) throws IOException {
        return data.label(index);
    }

    @Override
    public Shape targetShape() {
        if (!masks) {
            return data.targetShape();
        }
        Shape image = maskShapes[transforms.size()];
        return data.targetShape().rank() == 3 ? image : image.withoutFirst();
    }

    @Override
    public List<String> classNames() {
        return data.classNames();
    }

    /** The data set and what is done to it, in words. */
    @Override
    public String toString() {
        return data + ": " + transforms.stream().map(Transform::toString).collect(Collectors.joining("; "));
    }
}
