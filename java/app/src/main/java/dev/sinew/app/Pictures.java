package dev.sinew.app;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/** Arrays of numbers as pictures that a page can carry within itself. */
public final class Pictures {
    /** The ends of the scale for numbers of either sign: blue and orange, which everybody can tell apart. */
    private static final int NEGATIVE = 0x2166ac;
    private static final int POSITIVE = 0xb35806;
    private static final int WHITE = 0xffffff;

    private Pictures() {}

    /**
     * An image of brightnesses from 0 to 1.
     *
     * @param pixels [channels, height, width] with 1 or 3 channels; of another number the first is taken
     */
    public static String image(float[] pixels, int channels, int height, int width) {
        return draw(height, width, i -> {
            int red = brightness(pixels[i]);
            int green = channels == 3 ? brightness(pixels[height * width + i]) : red;
            int blue = channels == 3 ? brightness(pixels[2 * height * width + i]) : red;
            return red << 16 | green << 8 | blue;
        });
    }

    /** Weights, negative ones blue and positive ones orange, white being 0; {@code most} is full colour. */
    public static String weights(float[] values, int from, int height, int width, float most) {
        return draw(height, width, i -> {
            float share = most == 0 ? 0 : Math.max(-1, Math.min(1, values[from + i] / most));
            return mix(WHITE, share < 0 ? NEGATIVE : POSITIVE, Math.abs(share));
        });
    }

    /** The colour at a place between two. */
    public static int mix(int from, int to, double share) {
        int colour = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
            int a = from >> shift & 0xff;
            int b = to >> shift & 0xff;
            colour |= (int) Math.round(a + (b - a) * share) << shift;
        }
        return colour;
    }

    private static int brightness(float value) {
        return Math.round(255 * Math.max(0, Math.min(1, value)));
    }

    private interface Colour {
        int at(int pixel);
    }

    private static String draw(int height, int width, Colour colour) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < height * width; i++) {
            image.setRGB(i % width, i / width, colour.at(i));
        }
        return uri(image);
    }

    /** A PNG as an address. */
    public static String uri(BufferedImage image) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            // no cache file on the disk
            ImageIO.setUseCache(false);
            ImageIO.write(image, "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
