package dev.sinew.data;

import dev.sinew.Seed;
import dev.sinew.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Objects;

/**
 * Images that are turned, zoomed, shifted and mirrored a little, each time in another way: more to learn from than there
 * is. What becomes of a sample depends on the seed, the epoch and the sample's index alone.
 *
 * {@snippet :
 * Dataset more = Augmented.of(digits.train(), Seed.of(7)).rotate(10).zoom(0.1).shift(0.8);
 * }
 *
 * @param images of shape [C, H, W]
 * @param seed of the random numbers
 * @param epoch the epoch whose versions are read; set by {@link #inEpoch}
 * @param degrees turned by an angle between - and + this, 0 to 180
 * @param zoom enlarged by a factor between 1 - and 1 + this, height and width each by one of its own, 0 up to 1
 * @param shift moved along each dimension by a number of pixels between - and + this
 * @param mirror whether every second image is mirrored, left to right
 * @param background what lies around an image, after normalisation
 */
public record Augmented(Dataset images, Seed seed, long epoch, double degrees, double zoom, double shift, boolean mirror,
        double background) implements Dataset {
    /** Checks the ranges. */
    public Augmented {
        Objects.requireNonNull(images, "images");
        Objects.requireNonNull(seed, "seed");
        if (images.inputShape().rank() != 3) {
            throw new IllegalArgumentException("augmented: needs images [channels, height, width], the samples are " + images.inputShape());
        }
        if (!(degrees >= 0 && degrees <= 180)) {
            throw new IllegalArgumentException("augmented: the angle must be from 0 to 180 degrees, not " + degrees);
        }
        if (!(zoom >= 0 && zoom < 1)) {
            throw new IllegalArgumentException("augmented: the zoom must be from 0 up to 1, not " + zoom);
        }
        if (!(shift >= 0) || Double.isInfinite(shift)) {
            throw new IllegalArgumentException("augmented: the shift must be finite and not negative, not " + shift);
        }
        if (!Double.isFinite(background)) {
            throw new IllegalArgumentException("augmented: the background must be finite, not " + background);
        }
    }

    /** Nothing is changed yet; background 0. */
    public static Augmented of(Dataset images, Seed seed) {
        return new Augmented(images, seed, 0, 0, 0, 0, false, 0);
    }

    /** Turned by up to that many degrees. */
    public Augmented rotate(double most) {
        return new Augmented(images, seed, epoch, most, zoom, shift, mirror, background);
    }

    /** Zoomed by up to that share. */
    public Augmented zoom(double most) {
        return new Augmented(images, seed, epoch, degrees, most, shift, mirror, background);
    }

    /** Moved by up to that many pixels. */
    public Augmented shift(double most) {
        return new Augmented(images, seed, epoch, degrees, zoom, most, mirror, background);
    }

    /** Every second one mirrored, left to right. */
    public Augmented mirrored() {
        return new Augmented(images, seed, epoch, degrees, zoom, shift, true, background);
    }

    /** With another background. */
    public Augmented background(double value) {
        return new Augmented(images, seed, epoch, degrees, zoom, shift, mirror, value);
    }

    @Override
    public Dataset inEpoch(long number) {
        return new Augmented(images.inEpoch(number), seed, number, degrees, zoom, shift, mirror, background);
    }

    @Override
    public long size() {
        return images.size();
    }

    @Override
    public Shape inputShape() {
        return images.inputShape();
    }

    @Override
    public int classes() {
        return images.classes();
    }

    @Override
    public int label(long index) throws IOException {
        return images.label(index);
    }

    @Override
    public Shape targetShape() {
        return images.targetShape();
    }

    @Override
    public void readTarget(long index, FloatBuffer target) throws IOException {
        images.readTarget(index, target);
    }

    @Override
    public List<String> classNames() {
        return images.classNames();
    }

    @Override
    public void read(long index, FloatBuffer input) throws IOException {
        FloatBuffer image = FloatBuffer.allocate(Math.toIntExact(inputShape().count()));
        images.read(index, image);
        Seed numbers = seed.derive(epoch).derive(index);
        // StrictMath, so that every machine computes the same bits
        double angle = StrictMath.toRadians(degrees * symmetric(numbers, 0));
        double scaleX = 1 / (1 + zoom * symmetric(numbers, 1));
        double scaleY = 1 / (1 + zoom * symmetric(numbers, 2));
        double cos = StrictMath.cos(angle);
        double sin = StrictMath.sin(angle);
        double flip = mirror && symmetric(numbers, 5) < 0 ? -1 : 1;
        int height = (int) inputShape().dim(1);
        int width = (int) inputShape().dim(2);
        double middleX = (width - 1) / 2.0;
        double middleY = (height - 1) / 2.0;
        double fromX = middleX + shift * symmetric(numbers, 3);
        double fromY = middleY + shift * symmetric(numbers, 4);
        for (int channel = 0; channel < inputShape().dim(0); channel++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    double dx = flip * (x - middleX) * scaleX;
                    double dy = (y - middleY) * scaleY;
                    input.put(bilinear(image.array(), channel * height * width, height, width,
                            fromX + cos * dx - sin * dy, fromY + sin * dx + cos * dy));
                }
            }
        }
    }

    /** The image at a place between pixels, from the four around it. */
    private float bilinear(float[] image, int offset, int height, int width, double x, double y) {
        int left = (int) Math.floor(x);
        int top = (int) Math.floor(y);
        double right = x - left;
        double down = y - top;
        double sum = 0;
        for (int i = 0; i < 4; i++) {
            int column = left + i % 2;
            int row = top + i / 2;
            boolean inside = column >= 0 && column < width && row >= 0 && row < height;
            double weight = (i % 2 == 0 ? 1 - right : right) * (i / 2 == 0 ? 1 - down : down);
            sum += weight * (inside ? image[offset + row * width + column] : background);
        }
        return (float) sum;
    }

    /** Random number {@code k} of a sample, uniform in [-1, 1). */
    private static double symmetric(Seed sample, int k) {
        return (sample.derive(k).value() >> 11) * 0x1p-52;
    }

    @Override
    public String toString() {
        return images + " turned by up to " + degrees + " degrees, zoomed by " + zoom + ", shifted by " + shift + " pixels"
                + (mirror ? ", mirrored" : "");
    }
}
