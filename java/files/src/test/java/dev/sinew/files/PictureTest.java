package dev.sinew.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Shape;
import dev.sinew.data.transform.Resize;
import dev.sinew.io.CorruptDataException;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PictureTest {
    private static final Offset<Float> EXACT = Offset.offset(1e-5f);

    @TempDir
    private Path folder;

    private Picture saved(BufferedImage image, String format) throws Exception {
        Path file = folder.resolve("image." + format);
        assertThat(ImageIO.write(image, format, file.toFile())).isTrue();
        return Picture.read(file, Picture.Channels.GREY);
    }

    private static float[] fitted(Picture picture, int height, int width, boolean inverted) {
        Picture fitted = picture.fitted(Resize.to(height, width), Picture.Fit.PAD);
        return (inverted ? fitted.inverted() : fitted).values();
    }

    @ParameterizedTest
    @ValueSource(ints = {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_3BYTE_BGR, BufferedImage.TYPE_INT_ARGB,
        BufferedImage.TYPE_BYTE_INDEXED})
    void greysAreKept(int type) throws Exception {
        BufferedImage image = new BufferedImage(4, 4, type);
        // multiples of 51: greys that the default palette has too
        int[] greys = {0, 51, 102, 153, 204, 255, 51, 102, 0, 0, 255, 255, 204, 153, 102, 51};
        for (int i = 0; i < 16; i++) {
            if (type == BufferedImage.TYPE_BYTE_GRAY) {
                image.getRaster().setSample(i % 4, i / 4, 0, greys[i]);
            } else {
                image.setRGB(i % 4, i / 4, 0xff000000 | greys[i] * 0x010101);
            }
        }
        float[] pixels = fitted(saved(image, "png"), 4, 4, false);
        for (int i = 0; i < 16; i++) {
            assertThat(pixels[i]).as("pixel " + i).isCloseTo(greys[i] / 255f, EXACT);
        }
    }

    @Test
    void sixteenBits() throws Exception {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
        image.getRaster().setSample(0, 0, 0, 13107);
        image.getRaster().setSample(1, 0, 0, 65535);
        float[] pixels = fitted(saved(image, "png"), 2, 2, false);
        assertThat(pixels[0]).isCloseTo(0.2f, EXACT);
        assertThat(pixels[1]).isCloseTo(1f, EXACT);
    }

    @Test
    void transparentIsWhite() throws Exception {
        BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0xff000000);
        float[] pixels = fitted(saved(image, "png"), 2, 2, false);
        assertThat(pixels).containsExactly(0, 1, 1, 1);
        assertThat(fitted(saved(image, "png"), 2, 2, true)).containsExactly(1, 0, 0, 0);
    }

    @Test
    void aColourCountsByItsLuma() throws Exception {
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, 0x00ff00);
        assertThat(fitted(saved(image, "png"), 1, 1, false)[0]).isCloseTo(0.587f, EXACT);
    }

    @Test
    void reducedByMeans() throws Exception {
        BufferedImage image = new BufferedImage(3, 3, BufferedImage.TYPE_BYTE_GRAY);
        int[] values = {0, 90, 180, 90, 180, 0, 180, 0, 90};
        image.getRaster().setSamples(0, 0, 3, 3, 0, values);
        float[] pixels = fitted(saved(image, "png"), 2, 2, false);
        // the first covers one pixel, halves of two, and a quarter of the middle: in 9ths of its area
        assertThat(pixels[0] * 255).isCloseTo((4 * 0 + 2 * 90 + 2 * 90 + 180) / 9f, Offset.offset(1e-3f));
        assertThat(fitted(saved(image, "png"), 1, 1, false)[0] * 255).isCloseTo(90f, Offset.offset(1e-3f));
    }

    @Test
    void enlargedLinearly() throws Exception {
        BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setSamples(0, 0, 2, 2, 0, new int[] {0, 255, 0, 255});
        float[] pixels = fitted(saved(image, "png"), 4, 4, false);
        assertThat(java.util.Arrays.copyOf(pixels, 4)).containsExactly(new float[] {0, 0.25f, 0.75f, 1}, EXACT);
    }

    @Test
    void madeSquareWithTheColourOfTheRim() throws Exception {
        BufferedImage image = new BufferedImage(4, 2, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 8; i++) {
            image.setRGB(i % 4, i / 4, 0xffffff);
        }
        Picture file = saved(image, "png");
        assertThat(file.isDarkOnLight()).isTrue();
        assertThat(fitted(file, 4, 4, true)).containsOnly(0);
    }

    @Test
    void jpegs() throws Exception {
        BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
        Picture file = saved(image, "jpg");
        assertThat(file.isDarkOnLight()).isFalse();
        assertThat(fitted(file, 8, 8, false)).containsOnly(0);
    }

    @Test
    void whatIsNoPicture() throws Exception {
        assertThatThrownBy(() -> Picture.read(folder.resolve("nowhere"), Picture.Channels.GREY)).isInstanceOf(NoSuchFileException.class);
        Path text = Files.writeString(folder.resolve("text.png"), "hello");
        assertThatThrownBy(() -> Picture.read(text, Picture.Channels.GREY)).isInstanceOf(CorruptDataException.class).hasMessageContaining("expected a picture that Java can read");
        Path whole = folder.resolve("whole.png");
        BufferedImage image = new BufferedImage(50, 50, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 2500; i++) {
            image.setRGB(i % 50, i / 50, i * 7919);
        }
        ImageIO.write(image, "png", whole.toFile());
        byte[] bytes = Files.readAllBytes(whole);
        for (int length = 8; length < bytes.length - 12; length += 37) {
            Path cut = Files.write(folder.resolve("cut.png"), java.util.Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> Picture.read(cut, Picture.Channels.GREY)).as(length + " bytes").isInstanceOf(CorruptDataException.class);
        }
    }

    @Test
    void channels() throws Exception {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0xff336699);
        image.setRGB(1, 0, 0x00ffffff);
        ImageIO.write(image, "png", folder.resolve("image.png").toFile());
        Picture rgb = Picture.read(folder.resolve("image.png"), Picture.Channels.RGB);
        assertThat(rgb.shape()).isEqualTo(Shape.of(3, 1, 2));
        assertThat(rgb.values()).containsExactly(new float[] {0.2f, 1, 0.4f, 1, 0.6f, 1}, EXACT);
        Picture rgba = Picture.read(folder.resolve("image.png"), Picture.Channels.RGBA);
        assertThat(rgba.values()).containsExactly(new float[] {0.2f, 1, 0.4f, 1, 0.6f, 1, 1, 0}, EXACT);
    }

    @Test
    void cropsTheMiddle() throws Exception {
        BufferedImage image = new BufferedImage(6, 2, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setSamples(0, 0, 6, 2, 0, new int[] {0, 0, 51, 102, 255, 255, 0, 0, 51, 102, 255, 255});
        Picture picture = saved(image, "png");
        assertThat(picture.fitted(Resize.to(2, 2), Picture.Fit.CROP).values()).containsExactly(new float[] {0.2f, 0.4f, 0.2f, 0.4f}, EXACT);
        assertThat(picture.fitted(Resize.to(1, 1), Picture.Fit.STRETCH).values()).containsExactly(new float[] {663 / 6f / 255}, EXACT);
    }

    /** Whatever the proportions, no more memory than the two pictures take. */
    @Test
    void extremeProportions() throws Exception {
        BufferedImage image = new BufferedImage(20_000, 2, BufferedImage.TYPE_BYTE_GRAY);
        Picture picture = saved(image, "png");
        for (Picture.Fit fit : Picture.Fit.values()) {
            assertThat(picture.fitted(Resize.to(3, 4), fit).values()).hasSize(12).containsOnly(0);
            assertThat(picture.fitted(Resize.to(4, 3), fit).shape()).isEqualTo(Shape.of(1, 4, 3));
        }
    }

    /** The header of a PNG of 40,000 x 40,000 pixels: refused before memory is taken. */
    @Test
    void absurdSizesAllocateNothing() throws Exception {
        BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_GRAY);
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        byte[] bytes = out.toByteArray();
        java.nio.ByteBuffer.wrap(bytes).putInt(16, 40_000).putInt(20, 40_000);
        assertThatThrownBy(() -> Picture.decode("big", bytes, Picture.Channels.GREY)).isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("40000 x 40000");
    }
}
