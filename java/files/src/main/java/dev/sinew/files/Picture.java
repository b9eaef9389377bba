package dev.sinew.files;

import dev.sinew.Shape;
import dev.sinew.data.transform.Resize;
import dev.sinew.io.CorruptDataException;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * A decoded picture: values from 0 to 1, [channels, height, width]. Grey, RGB, palette and 16-bit pictures, with and without
 * transparency, of the formats Java knows: PNG, JPEG, GIF (its first frame), BMP, TIFF.
 */
public final class Picture {
    /** More pixels than this are refused before they are decoded: 100 million. */
    public static final long MAX_PIXELS = 100_000_000;
    /** No format packs more into a byte: those of PNG with 1 bit each, deflated 1032 times. */
    private static final long MAX_PIXELS_PER_BYTE = 8 * 1032;

    /** What is kept of the colours. */
    public enum Channels {
        /** One channel, by Rec. 601 luma; what is transparent is white. */
        GREY(1),
        /** Three channels; what is transparent is white. */
        RGB(3),
        /** Four channels, the last one the opacity. */
        RGBA(4);

        private final int count;

        Channels(int count) {
            this.count = count;
        }

        /** How many they are. */
        public int count() {
            return count;
        }
    }

    /** What happens when a picture has another shape than it should get. */
    public enum Fit {
        /** It is stretched. */
        STRETCH,
        /** What is too much at two sides is cut off, the middle remains. */
        CROP,
        /** All remains, with bars of the mean colour of its rim. */
        PAD
    }

    private final Shape shape;
    private final float[] values;

    private Picture(Shape shape, float[] values) {
        this.shape = shape;
        this.values = values;
    }

    /**
     * Reads a file of any format that Java knows.
     *
     * @throws CorruptDataException when it is no picture, is damaged, or has more than {@link #MAX_PIXELS}
     * @throws NoSuchFileException when there is no such file
     */
    public static Picture read(Path file, Channels channels) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString());
        }
        return decode(file, Files.readAllBytes(file), channels);
    }

    /** Reads the bytes of a file; {@code name} is what errors call it. */
    public static Picture decode(Object name, byte[] bytes, Channels channels) throws IOException {
        BufferedImage image;
        MemoryCacheImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes));
        try (in) {
            image = decode(name, in, Math.min(MAX_PIXELS, bytes.length * MAX_PIXELS_PER_BYTE));
        } catch (CorruptDataException e) {
            throw e;
        } catch (IOException | RuntimeException | StackOverflowError e) {
            throw new CorruptDataException(name, position(in, bytes), "an intact picture", e.toString(), e);
        }
        int height = image.getHeight();
        int width = image.getWidth();
        return new Picture(Shape.of(channels.count, height, width), values(image, channels));
    }

    private static long position(ImageInputStream in, byte[] bytes) {
        try {
            return Math.min(in.getStreamPosition(), bytes.length);
        } catch (IOException e) {
            return bytes.length; // closed: how far it was read is not known any more
        }
    }

    private static BufferedImage decode(Object name, ImageInputStream in, long most) throws IOException {
        Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
        if (!readers.hasNext()) {
            throw new CorruptDataException(name, 0, "a picture that Java can read (PNG, JPEG, GIF, BMP, TIFF)", "other bytes");
        }
        ImageReader reader = readers.next();
        try {
            // the metadata are not needed, and may be large
            reader.setInput(in, true, true);
            int width = reader.getWidth(0);
            int height = reader.getHeight(0);
            if (width < 1 || height < 1 || (long) width * height > most) {
                throw new CorruptDataException(name, 0, "1 to " + most + " pixels", width + " x " + height);
            }
            BufferedImage image = reader.read(0);
            if (image.getWidth() != width || image.getHeight() != height) {
                throw new CorruptDataException(name, 0, width + " x " + height + " pixels", image.getWidth() + " x " + image.getHeight());
            }
            return image;
        } finally {
            reader.dispose();
        }
    }

    // ---- colours ----

    private static float[] values(BufferedImage image, Channels channels) {
        int height = image.getHeight();
        int width = image.getWidth();
        float[] out = new float[channels.count * height * width];
        float[] rgba = new float[4];
        Samples samples = Samples.of(image);
        for (int y = 0; y < height; y++) {
            samples.row(y);
            for (int x = 0; x < width; x++) {
                samples.pixel(x, rgba);
                put(rgba, channels, out, y * width + x, height * width);
            }
        }
        return out;
    }

    private static void put(float[] rgba, Channels channels, float[] out, int at, int plane) {
        float opacity = rgba[3];
        switch (channels) {
            case GREY -> {
                boolean grey = rgba[0] == rgba[1] && rgba[1] == rgba[2];
                float luma = grey ? rgba[0] : 0.299f * rgba[0] + 0.587f * rgba[1] + 0.114f * rgba[2];
                out[at] = luma * opacity + 1 - opacity;
            }
            case RGB -> {
                for (int c = 0; c < 3; c++) {
                    out[c * plane + at] = rgba[c] * opacity + 1 - opacity;
                }
            }
            case RGBA -> {
                for (int c = 0; c < 4; c++) {
                    out[c * plane + at] = rgba[c];
                }
            }
        }
    }

    /** The colours of one row after the other. */
    private interface Samples {
        void row(int y);

        void pixel(int x, float[] rgba);

        /** Values of grey and RGB samples as they are; other kinds as Java converts them to sRGB with 8 bits. */
        static Samples of(BufferedImage image) {
            ColorModel model = image.getColorModel();
            ColorSpace space = model.getColorSpace();
            boolean plain = model instanceof ComponentColorModel && !model.isAlphaPremultiplied()
                    && (space.getType() == ColorSpace.TYPE_GRAY || space.isCS_sRGB())
                    && image.getRaster().getNumBands() == model.getNumComponents();
            return plain ? new Exact(image.getRaster(), model) : new Converted(image);
        }
    }

    /** Java takes the values of grey pictures for linear light, and would brighten them on the way to RGB; 16 bits it would cut to 8. */
    private static final class Exact implements Samples {
        private final Raster raster;
        private final int bands;
        private final int colours;
        private final boolean alpha;
        private final float[] most;
        private float[] row;

        Exact(Raster raster, ColorModel model) {
            this.raster = raster;
            bands = raster.getNumBands();
            colours = model.getNumColorComponents();
            alpha = model.hasAlpha();
            most = new float[bands];
            for (int b = 0; b < bands; b++) {
                most[b] = (1L << model.getComponentSize(b)) - 1;
            }
        }

        @Override
        public void row(int y) {
            row = raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, row);
        }

        @Override
        public void pixel(int x, float[] rgba) {
            for (int c = 0; c < 3; c++) {
                int band = colours == 1 ? 0 : c;
                rgba[c] = row[x * bands + band] / most[band];
            }
            rgba[3] = alpha ? row[x * bands + bands - 1] / most[bands - 1] : 1;
        }
    }

    private static final class Converted implements Samples {
        private final BufferedImage image;
        private int[] row;

        Converted(BufferedImage image) {
            this.image = image;
        }

        @Override
        public void row(int y) {
            row = image.getRGB(0, y, image.getWidth(), 1, row, 0, image.getWidth());
        }

        @Override
        public void pixel(int x, float[] rgba) {
            for (int c = 0; c < 3; c++) {
                rgba[c] = (row[x] >> 16 - 8 * c & 0xff) / 255f;
            }
            rgba[3] = (row[x] >>> 24) / 255f;
        }
    }

    // ---- the picture ----

    /** [channels, height, width]. */
    public Shape shape() {
        return shape;
    }

    /** The values from 0 to 1, row-major; not a copy. */
    public float[] values() {
        return values;
    }

    private int height() {
        return (int) shape.dim(1);
    }

    private int width() {
        return (int) shape.dim(2);
    }

    /** Whether the rim is rather light than dark. */
    public boolean isDarkOnLight() {
        double sum = 0;
        for (int c = 0; c < shape.dim(0); c++) {
            sum += rim(c);
        }
        return sum / shape.dim(0) > 0.5;
    }

    /** The mean of the outermost pixels of a channel. */
    private float rim(int channel) {
        int height = height();
        int width = width();
        int from = channel * height * width;
        double sum = 0;
        for (int x = 0; x < width; x++) {
            sum += values[from + x] + values[from + (height - 1) * width + x];
        }
        for (int y = 0; y < height; y++) {
            sum += values[from + y * width] + values[from + (y + 1) * width - 1];
        }
        return (float) (sum / (2 * (width + height)));
    }

    /** The picture with 0 and 1 exchanged. */
    public Picture inverted() {
        float[] out = new float[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = 1 - values[i];
        }
        return new Picture(shape, out);
    }

    /** The picture at a size. */
    public Picture fitted(Resize size, Fit fit) {
        int height = height();
        int width = width();
        long wide = (long) width * size.height();
        long high = (long) height * size.width();
        if (fit == Fit.STRETCH || wide == high) {
            return new Picture(size.shape(shape), size.apply(values, shape));
        }
        boolean tooWide = wide > high;
        if (fit == Fit.CROP) {
            // the part has the proportions of the result, as well as whole pixels can have them
            int newHeight = tooWide ? height : (int) Math.max(1, Math.round((double) width * size.height() / size.width()));
            int newWidth = tooWide ? (int) Math.max(1, Math.round((double) height * size.width() / size.height())) : width;
            Picture part = framed(newHeight, newWidth, this);
            return new Picture(size.shape(shape), size.apply(part.values, part.shape));
        }
        int newHeight = tooWide ? (int) Math.max(1, Math.round((double) height * size.width() / width)) : size.height();
        int newWidth = tooWide ? size.width() : (int) Math.max(1, Math.round((double) width * size.height() / height));
        Resize inner = new Resize(newHeight, newWidth, size.method());
        return new Picture(inner.shape(shape), inner.apply(values, shape)).framed(size.height(), size.width(), this);
    }

    /** The middle at another size; what is missing gets the rim's colour of a picture. */
    private Picture framed(int height, int width, Picture rim) {
        int channels = (int) shape.dim(0);
        float[] out = new float[channels * height * width];
        int top = Math.floorDiv(height - height(), 2);
        int left = Math.floorDiv(width - width(), 2);
        int columns = Math.min(width, width());
        for (int c = 0; c < channels; c++) {
            java.util.Arrays.fill(out, c * height * width, (c + 1) * height * width, rim.rim(c));
            for (int y = Math.max(0, top); y < Math.min(height, top + height()); y++) {
                System.arraycopy(values, (c * height() + y - top) * width() + Math.max(0, -left), out,
                        (c * height + y) * width + Math.max(0, left), columns);
            }
        }
        return new Picture(Shape.of(channels, height, width), out);
    }

    /** Its shape. */
    @Override
    public String toString() {
        return "picture " + shape;
    }
}
