package dev.sinew.app;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;

/** A picture from a file as brightnesses from 0 to 1; where it is transparent it is white. */
final class ImageFile {
    /** [height][width]. */
    private final float[][] pixels;

    private ImageFile(float[][] pixels) {
        this.pixels = pixels;
    }

    /** Reads a file of any format that Java knows. */
    static ImageFile read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString());
        }
        BufferedImage picture;
        try {
            ImageIO.setUseCache(false);
            picture = ImageIO.read(file.toFile());
        } catch (IOException | RuntimeException e) {
            throw new UserError(file + " is a damaged picture: " + e.getMessage(), e);
        }
        if (picture == null) {
            throw new UserError(file + " is not a picture that Java can read (PNG, JPEG, GIF, BMP, TIFF)");
        }
        float[][] pixels = new float[picture.getHeight()][picture.getWidth()];
        boolean grey = isGrey(picture.getColorModel());
        for (int y = 0; y < pixels.length; y++) {
            for (int x = 0; x < pixels[y].length; x++) {
                pixels[y][x] = grey ? greyAt(picture, x, y) : luminanceAt(picture, x, y);
            }
        }
        return new ImageFile(pixels);
    }

    /** Java takes the values of grey pictures for linear light, and would brighten them on the way to RGB. */
    private static boolean isGrey(ColorModel model) {
        return model.getColorSpace().getType() == ColorSpace.TYPE_GRAY && !(model instanceof IndexColorModel);
    }

    private static float greyAt(BufferedImage picture, int x, int y) {
        ColorModel model = picture.getColorModel();
        float value = picture.getRaster().getSampleFloat(x, y, 0) / ((1 << model.getComponentSize(0)) - 1);
        float opacity = model.hasAlpha() ? picture.getRaster().getSampleFloat(x, y, 1) / ((1 << model.getComponentSize(1)) - 1) : 1;
        return value * opacity + 1 - opacity;
    }

    /** Rec. 601 luma. */
    private static float luminanceAt(BufferedImage picture, int x, int y) {
        int argb = picture.getRGB(x, y);
        float opacity = (argb >>> 24) / 255f;
        float value = (0.299f * (argb >> 16 & 0xff) + 0.587f * (argb >> 8 & 0xff) + 0.114f * (argb & 0xff)) / 255;
        return value * opacity + 1 - opacity;
    }

    /** Whether the rim is rather light than dark. */
    boolean isDarkOnLight() {
        return rim() > 0.5;
    }

    /** The mean of the outermost pixels. */
    private float rim() {
        int height = pixels.length;
        int width = pixels[0].length;
        double sum = 0;
        for (int x = 0; x < width; x++) {
            sum += pixels[0][x] + pixels[height - 1][x];
        }
        for (float[] row : pixels) {
            sum += row[0] + row[width - 1];
        }
        return (float) (sum / (2 * (width + height)));
    }

    /** The picture, made square with the colour of its rim, at that size, row by row; {@code inverted}: 1 is black. */
    float[] fitted(int height, int width, boolean inverted) {
        float[][] square = squared();
        float[][] down = weights(square.length, height);
        float[][] across = weights(square.length, width);
        float[] fitted = new float[height * width];
        for (int x = 0; x < width; x++) {
            double[] column = new double[square.length];
            for (int y = 0; y < square.length; y++) {
                for (int i = 0; i < square.length; i++) {
                    column[y] += across[x][i] * square[y][i];
                }
            }
            for (int y = 0; y < height; y++) {
                double sum = 0;
                for (int i = 0; i < square.length; i++) {
                    sum += down[y][i] * column[i];
                }
                fitted[y * width + x] = (float) (inverted ? 1 - sum : sum);
            }
        }
        return fitted;
    }

    private float[][] squared() {
        int height = pixels.length;
        int width = pixels[0].length;
        int side = Math.max(height, width);
        float[][] square = new float[side][side];
        float rim = rim();
        for (float[] row : square) {
            Arrays.fill(row, rim);
        }
        for (int y = 0; y < height; y++) {
            System.arraycopy(pixels[y], 0, square[(side - height) / 2 + y], (side - width) / 2, width);
        }
        return square;
    }

    /** How much of each old pixel is in each new one: means of what it covers, or linear between two when enlarging. */
    private static float[][] weights(int from, int to) {
        float[][] weights = new float[to][from];
        double step = (double) from / to;
        for (int i = 0; i < to; i++) {
            if (step >= 1) {
                for (int j = (int) (i * step); j < Math.min(from, Math.ceil((i + 1) * step)); j++) {
                    weights[i][j] = (float) ((Math.min(j + 1, (i + 1) * step) - Math.max(j, i * step)) / step);
                }
            } else {
                double place = Math.max(0, Math.min(from - 1, (i + 0.5) * step - 0.5));
                int left = (int) place;
                weights[i][left] += (float) (1 - (place - left));
                weights[i][Math.min(from - 1, left + 1)] += (float) (place - left);
            }
        }
        return weights;
    }
}
