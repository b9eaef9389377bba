package dev.sinew.data.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.data.ArrayDataset;
import dev.sinew.data.Dataset;
import dev.sinew.io.CorruptDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The transforms of images beside references in double precision that are written out plainly. */
class TransformTest {
    private static final Shape SHAPE = Shape.of(3, 9, 7);
    private static final Offset<Float> CLOSE = Offset.offset(2e-6f);

    @TempDir
    Path folder;

    private static float[] image(Shape shape, long seed) {
        float[] values = new float[(int) shape.count()];
        Random random = new Random(seed);
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        return values;
    }

    private static Draw draw(long seed) {
        return Draw.of(Seed.of(seed), 0);
    }

    // ---- resizing ----

    /** Each new pixel as the weighted mean of all old ones. */
    private static double[] resized(float[] values, int oldHeight, int oldWidth, int height, int width, Resize.Method method) {
        double[] out = new double[height * width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double sum = 0;
                double total = 0;
                for (int i = 0; i < oldHeight; i++) {
                    for (int j = 0; j < oldWidth; j++) {
                        double weight = weight(i, y, (double) oldHeight / height, oldHeight, method)
                                * weight(j, x, (double) oldWidth / width, oldWidth, method);
                        sum += weight * values[i * oldWidth + j];
                        total += weight;
                    }
                }
                out[y * width + x] = sum / total;
            }
        }
        return out;
    }

    private static double weight(int old, int now, double step, int count, Resize.Method method) {
        double centre = (now + 0.5) * step;
        double distance = Math.abs(old + 0.5 - centre);
        return switch (method) {
            case NEAREST -> (int) Math.min(count - 1, centre) == old ? 1 : 0;
            case AREA -> step >= 1 ? Math.max(0, Math.min(old + 1, (now + 1) * step) - Math.max(old, now * step)) : Math.max(0, 1 - distance);
            case LINEAR -> Math.max(0, 1 - distance / Math.max(1, step));
            case CUBIC -> cubic(distance / Math.max(1, step));
        };
    }

    private static double cubic(double x) {
        double a = -0.5;
        return x < 1 ? (a + 2) * x * x * x - (a + 3) * x * x + 1 : x < 2 ? a * (x * x * x - 5 * x * x + 8 * x - 4) : 0;
    }

    @ParameterizedTest
    @EnumSource(Resize.Method.class)
    void resize(Resize.Method method) {
        float[] values = image(SHAPE, 1);
        for (int[] size : new int[][] {{9, 7}, {4, 3}, {18, 14}, {1, 1}, {5, 11}, {20, 2}}) {
            Resize resize = new Resize(size[0], size[1], method);
            assertThat(resize.shape(SHAPE)).isEqualTo(Shape.of(3, size[0], size[1]));
            float[] out = resize.apply(values, SHAPE);
            for (int c = 0; c < 3; c++) {
                double[] expected = resized(Arrays.copyOfRange(values, c * 63, (c + 1) * 63), 9, 7, size[0], size[1], method);
                for (int i = 0; i < expected.length; i++) {
                    assertThat(out[c * expected.length + i]).as(resize + " " + i).isCloseTo((float) expected[i], CLOSE);
                }
            }
        }
    }

    // ---- moves ----

    @Test
    void flips() {
        Shape shape = Shape.of(2, 2, 3);
        float[] values = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
        assertThat(new Flip(true, 1).apply(values, shape, draw(1))).containsExactly(3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10);
        assertThat(new Flip(false, 1).apply(values, shape, draw(1))).containsExactly(4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9);
        assertThat(new Flip(true, 0).apply(values, shape, draw(1))).containsExactly(values);
        int turned = 0;
        for (int i = 0; i < 1000; i++) {
            turned += Flip.vertical().apply(values, shape, draw(i))[0] == 4 ? 1 : 0;
        }
        assertThat(turned).isBetween(420, 580);
    }

    @Test
    void crops() {
        Shape shape = Shape.of(1, 3, 4);
        float[] values = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
        assertThat(Crop.center(1, 2).apply(values, shape, draw(1))).containsExactly(6, 7);
        assertThat(Crop.center(5, 6).padded(1, -1).apply(values, shape, draw(1))).containsExactly(-1, -1, -1, -1, -1, -1, -1, 1, 2, 3, 4, -1, -1,
                5, 6, 7, 8, -1, -1, 9, 10, 11, 12, -1, -1, -1, -1, -1, -1, -1);
        java.util.Set<Float> seen = new java.util.HashSet<>();
        for (int i = 0; i < 300; i++) {
            float[] out = Crop.random(2, 2).apply(values, shape, draw(i));
            assertThat(out).containsExactly(out[0], out[0] + 1, out[0] + 4, out[0] + 5);
            seen.add(out[0]);
        }
        assertThat(seen).containsExactlyInAnyOrder(1f, 2f, 3f, 5f, 6f, 7f);
        // far outside: all padding is possible
        assertThat(Crop.random(1, 1).padded(100, 7).apply(values, shape, draw(3))).hasSize(1);
        assertThatIllegalArgumentException().isThrownBy(() -> Crop.random(4, 4).shape(shape))
                .withMessage("crop: 4 x 4 pixels are more than images [1, 3, 4] with padding 0 have");
    }

    @Test
    void resizedCrops() {
        float[] values = new float[30 * 40];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 40; // the column
        }
        Shape shape = Shape.of(1, 30, 40);
        ResizedCrop crop = ResizedCrop.to(5, 8);
        assertThat(crop.shape(shape)).isEqualTo(Shape.of(1, 5, 8));
        for (int i = 0; i < 100; i++) {
            float[] out = crop.apply(values, shape, draw(i));
            for (int x = 1; x < 8; x++) {
                assertThat(out[x]).isGreaterThan(out[x - 1]).isBetween(0f, 39f);
            }
        }
        // all of it, whatever is drawn: no part of these proportions fits, so the middle remains
        ResizedCrop square = new ResizedCrop(Resize.to(30, 30), 1, 1, 1, 1);
        float[] out = square.apply(values, shape, draw(1));
        assertThat(out[0]).isEqualTo(5);
        assertThat(out[29]).isEqualTo(34);
    }

    @ParameterizedTest
    @CsvSource({"0,0,0", "30,0,0", "0,0.5,0", "0,0,3", "40,0.3,2"})
    void affineWithShear(double degrees, double zoom, double shift) {
        Affine affine = new Affine(degrees, zoom, shift, 25, true, 0.5);
        float[] values = image(SHAPE, 5);
        for (int seed = 0; seed < 5; seed++) {
            Draw d = draw(seed);
            double angle = Math.toRadians(degrees * d.symmetric());
            double zoomX = 1 + zoom * d.symmetric();
            double zoomY = 1 + zoom * d.symmetric();
            double shiftX = shift * d.symmetric();
            double shiftY = shift * d.symmetric();
            double flip = d.symmetric() < 0 ? -1 : 1;
            double slantX = Math.tan(Math.toRadians(25 * d.symmetric()));
            double slantY = Math.tan(Math.toRadians(25 * d.symmetric()));
            float[] out = affine.apply(values, SHAPE, draw(seed));
            for (int c = 0; c < 3; c++) {
                for (int y = 0; y < 9; y++) {
                    for (int x = 0; x < 7; x++) {
                        double u = flip * (x - 3) / zoomX;
                        double v = (y - 4) / zoomY;
                        double dx = u + slantX * v;
                        double dy = v + slantY * u;
                        double expected = bilinear(values, c, 4 + shiftY + Math.sin(angle) * dx + Math.cos(angle) * dy,
                                3 + shiftX + Math.cos(angle) * dx - Math.sin(angle) * dy, 0.5);
                        assertThat(out[(c * 9 + y) * 7 + x]).isCloseTo((float) expected, CLOSE);
                    }
                }
            }
        }
    }

    private static double bilinear(float[] values, int c, double y, double x, double background) {
        double sum = 0;
        for (int i = (int) Math.floor(y); i <= Math.floor(y) + 1; i++) {
            for (int j = (int) Math.floor(x); j <= Math.floor(x) + 1; j++) {
                boolean inside = i >= 0 && i < 9 && j >= 0 && j < 7;
                sum += (1 - Math.abs(y - i)) * (1 - Math.abs(x - j)) * (inside ? values[(c * 9 + i) * 7 + j] : background);
            }
        }
        return sum;
    }

    @Test
    void elastic() {
        float[] values = image(SHAPE, 6);
        Elastic elastic = new Elastic(8, 1.2, 0.25);
        Draw d = draw(3);
        double[][] fields = new double[2][63];
        for (double[] field : fields) {
            for (int i = 0; i < 63; i++) {
                field[i] = d.symmetric();
            }
        }
        double[] kernel = new double[9];
        double sum = 0;
        for (int i = 0; i < 9; i++) {
            kernel[i] = Math.exp(-(i - 4) * (i - 4) / (2 * 1.2 * 1.2));
            sum += kernel[i];
        }
        float[] out = elastic.apply(values, SHAPE, draw(3));
        for (int y = 0; y < 9; y++) {
            for (int x = 0; x < 7; x++) {
                double[] move = new double[2];
                for (int f = 0; f < 2; f++) {
                    for (int i = Math.max(0, y - 4); i <= Math.min(8, y + 4); i++) {
                        for (int j = Math.max(0, x - 4); j <= Math.min(6, x + 4); j++) {
                            move[f] += kernel[i - y + 4] * kernel[j - x + 4] / (sum * sum) * fields[f][i * 7 + j];
                        }
                    }
                }
                for (int c = 0; c < 3; c++) {
                    assertThat(out[(c * 9 + y) * 7 + x]).isCloseTo((float) bilinear(values, c, y + 8 * move[0], x + 8 * move[1], 0.25),
                            Offset.offset(1e-5f));
                }
            }
        }
    }

    // ---- values ----

    @Test
    void blur() {
        float[] values = image(SHAPE, 7);
        float[] out = Blur.of(0.8).apply(values.clone(), SHAPE, draw(1));
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < 9; y++) {
                for (int x = 0; x < 7; x++) {
                    double sum = 0;
                    double total = 0;
                    for (int i = -3; i <= 3; i++) {
                        for (int j = -3; j <= 3; j++) {
                            double weight = Math.exp(-(i * i + j * j) / (2 * 0.8 * 0.8));
                            sum += weight * values[(c * 9 + Math.clamp(y + i, 0, 8)) * 7 + Math.clamp(x + j, 0, 6)];
                            total += weight;
                        }
                    }
                    assertThat(out[(c * 9 + y) * 7 + x]).isCloseTo((float) (sum / total), CLOSE);
                }
            }
        }
    }

    @Test
    void noise() {
        float[] values = new float[20_000];
        new Noise(2).apply(values, Shape.of(20_000), draw(1));
        double sum = 0;
        double squares = 0;
        int beyond = 0;
        for (float value : values) {
            sum += value;
            squares += value * value;
            beyond += Math.abs(value) > 2 ? 1 : 0;
        }
        // five standard deviations of each
        assertThat(sum / 20_000).isCloseTo(0, Offset.offset(5 * 2 / Math.sqrt(20_000)));
        assertThat(squares / 20_000).isCloseTo(4, Offset.offset(5 * 4 * Math.sqrt(2 / 20_000.0)));
        assertThat(beyond / 20_000.0).isCloseTo(0.3173, Offset.offset(5 * Math.sqrt(0.3173 * 0.6827 / 20_000)));
    }

    @Test
    void greyAndSaturation() {
        float[] values = image(SHAPE, 8);
        float[] grey = new Grey(1).apply(values.clone(), SHAPE, draw(1));
        for (int i = 0; i < 63; i++) {
            float luma = (float) (0.299 * values[i] + 0.587 * values[63 + i] + 0.114 * values[126 + i]);
            assertThat(new float[] {grey[i], grey[63 + i], grey[126 + i]}).containsOnly(luma);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new Grey(1).shape(Shape.of(1, 4, 4))).withMessageContaining("3 channels");
    }

    @Test
    void colorJitter() {
        float[] values = image(SHAPE, 9);
        for (int seed = 0; seed < 20; seed++) {
            Draw d = draw(seed);
            double bright = d.uniform(0.6, 1.4);
            double sharp = d.uniform(0.5, 1.5);
            double rich = d.uniform(0, 3);
            double turn = 0.4 * d.symmetric();
            double[][] p = new double[63][];
            double mean = 0;
            for (int i = 0; i < 63; i++) {
                p[i] = new double[] {cut(bright * values[i]), cut(bright * values[63 + i]), cut(bright * values[126 + i])};
                mean += (0.299 * p[i][0] + 0.587 * p[i][1] + 0.114 * p[i][2]) / 63;
            }
            float[] out = new ColorJitter(0.4, 0.5, 2, 0.4).apply(values.clone(), SHAPE, draw(seed));
            for (int i = 0; i < 63; i++) {
                for (int c = 0; c < 3; c++) {
                    p[i][c] = cut(sharp * p[i][c] + (1 - sharp) * mean);
                }
                double luma = 0.299 * p[i][0] + 0.587 * p[i][1] + 0.114 * p[i][2];
                for (int c = 0; c < 3; c++) {
                    p[i][c] = cut(rich * p[i][c] + (1 - rich) * luma);
                }
                double[] expected = turned(p[i], turn);
                for (int c = 0; c < 3; c++) {
                    assertThat(out[c * 63 + i]).as("seed " + seed + " pixel " + i).isCloseTo((float) expected[c], Offset.offset(1e-5f));
                }
            }
        }
        assertThat(new ColorJitter(0.5, 0.5, 0, 0).shape(Shape.of(1, 4, 4))).isEqualTo(Shape.of(1, 4, 4));
        assertThatIllegalArgumentException().isThrownBy(() -> new ColorJitter(0, 0, 0, 0.1).shape(Shape.of(1, 4, 4)));
    }

    private static double cut(double value) {
        return Math.clamp(value, 0, 1);
    }

    /** By sectors of the hue, as in textbooks. */
    private static double[] turned(double[] p, double share) {
        double v = Math.max(p[0], Math.max(p[1], p[2]));
        double range = v - Math.min(p[0], Math.min(p[1], p[2]));
        if (range == 0) {
            return p;
        }
        double h = (v == p[0] ? (p[1] - p[2]) / range : v == p[1] ? 2 + (p[2] - p[0]) / range : 4 + (p[0] - p[1]) / range) / 6 + share;
        h = (h - Math.floor(h)) * 6;
        int sector = (int) h;
        double f = h - sector;
        double low = v - range;
        double falling = v - range * f;
        double rising = v - range * (1 - f);
        return switch (sector) {
            case 0 -> new double[] {v, rising, low};
            case 1 -> new double[] {falling, v, low};
            case 2 -> new double[] {low, v, rising};
            case 3 -> new double[] {low, falling, v};
            case 4 -> new double[] {rising, low, v};
            default -> new double[] {v, low, falling};
        };
    }

    @Test
    void holes() {
        Shape shape = Shape.of(2, 12, 10);
        int erased = 0;
        for (int seed = 0; seed < 400; seed++) {
            float[] out = new float[240];
            Arrays.fill(out, 1);
            Erase.standard().apply(out, shape, draw(seed));
            assertThat(Arrays.copyOf(out, 120)).containsExactly(Arrays.copyOfRange(out, 120, 240));
            int hole = 0;
            for (int i = 0; i < 120; i++) {
                hole += out[i] == 0 ? 1 : 0;
            }
            assertThat(hole).isLessThanOrEqualTo((int) (0.33 * 120 * 1.3));
            erased += hole > 0 ? 1 : 0;
        }
        assertThat(erased).isBetween(150, 250);
        boolean whole = false;
        for (int seed = 0; seed < 100; seed++) {
            float[] out = new float[240];
            Cutout.of(4).apply(out, shape, draw(seed));
            new Cutout(4, 1).apply(out, shape, draw(seed));
            int hole = 0;
            for (int i = 0; i < 120; i++) {
                hole += out[i] == 1 ? 1 : 0;
            }
            assertThat(hole).isBetween(4, 16);
            whole |= hole == 16;
        }
        assertThat(whole).isTrue();
    }

    // ---- standardize ----

    @Test
    void fittedStatistics() throws IOException {
        float[] values = image(Shape.of(50, 3, 4, 5), 10);
        for (int i = 0; i < values.length; i++) {
            int channel = i / 20 % 3;
            values[i] = channel == 2 ? 7 : values[i] * (1 + channel) + 1000 * channel;
        }
        Dataset data = ArrayDataset.of(values, Shape.of(3, 4, 5), new int[50], 1);
        Standardize fitted = Standardize.fit(data);
        for (int c = 0; c < 3; c++) {
            double sum = 0;
            double squares = 0;
            for (int n = 0; n < 50; n++) {
                for (int i = 0; i < 20; i++) {
                    sum += values[n * 60 + c * 20 + i];
                }
            }
            double mean = sum / 1000;
            for (int n = 0; n < 50; n++) {
                for (int i = 0; i < 20; i++) {
                    squares += Math.pow(values[n * 60 + c * 20 + i] - mean, 2);
                }
            }
            assertThat(fitted.mean().get(c)).isCloseTo(mean, Offset.offset(1e-9));
            assertThat(fitted.deviation().get(c)).isCloseTo(c == 2 ? 1 : Math.sqrt(squares / 1000), Offset.offset(1e-9));
        }
        Path file = folder.resolve("scale.json");
        fitted.save(file);
        assertThat(Standardize.load(file)).isEqualTo(fitted);
        float[] there = data.transformed(Seed.of(1), fitted).input(3);
        assertThat(data.transformed(Seed.of(1), fitted, fitted.undo()).input(3)).containsExactly(data.input(3), Offset.offset(1e-4f));
        assertThat(there[0]).isCloseTo((float) ((data.input(3)[0] - fitted.mean().get(0)) / fitted.deviation().get(0)), CLOSE);
        assertThat(Standardize.fit(data.slice(0, 25))).as("fitted to a part").isNotEqualTo(fitted);
    }

    @Test
    void badStatistics() throws IOException {
        for (String text : List.of("", "[]", "{}", "{\"mean\":[1],\"deviation\":[0]}", "{\"mean\":[1],\"deviation\":[1,2]}",
                "{\"mean\":[\"1\"],\"deviation\":[1]}", "{\"mean\":[1],\"deviation\":[-1]}")) {
            Path file = Files.writeString(folder.resolve("bad.json"), text);
            assertThatThrownBy(() -> Standardize.load(file)).as(text).isInstanceOf(CorruptDataException.class).hasMessageContaining("bad.json");
        }
        Dataset nan = ArrayDataset.of(new float[] {1, Float.NaN}, Shape.of(1), new int[2], 1);
        assertThatIllegalArgumentException().isThrownBy(() -> Standardize.fit(nan)).withMessageContaining("sample 1 holds NaN");
        assertThatIllegalArgumentException().isThrownBy(() -> new Standardize(List.of(1.0), List.of(1.0)).shape(Shape.of(3, 2, 2)))
                .withMessageContaining("1 channels");
    }

    // ---- draws ----

    @Test
    void draws() {
        Draw one = Draw.of(Seed.of(5), 2);
        Draw again = Draw.of(Seed.of(5), 2);
        for (int i = 0; i < 10; i++) {
            assertThat(one.uniform()).isEqualTo(again.uniform());
        }
        assertThat(Draw.of(Seed.of(5), 1).uniform()).isNotEqualTo(Draw.of(Seed.of(5), 2).uniform());
        for (double[] ab : new double[][] {{0.2, 0.2}, {1, 1}, {2, 5}}) {
            double sum = 0;
            double squares = 0;
            Draw d = draw(1);
            for (int i = 0; i < 20_000; i++) {
                double x = d.beta(ab[0], ab[1]);
                assertThat(x).isBetween(0.0, 1.0);
                sum += x;
                squares += x * x;
            }
            double mean = ab[0] / (ab[0] + ab[1]);
            double variance = mean * (1 - mean) / (ab[0] + ab[1] + 1);
            assertThat(sum / 20_000).isCloseTo(mean, Offset.offset(5 * Math.sqrt(variance / 20_000)));
            assertThat(squares / 20_000 - sum * sum / 4e8).isCloseTo(variance, Offset.offset(0.05 * variance + 0.002));
        }
    }

    @Test
    void badArguments() {
        assertThatIllegalArgumentException().isThrownBy(() -> Resize.to(0, 3)).withMessage("resize: the height must be at least 1, not 0");
        assertThatIllegalArgumentException().isThrownBy(() -> Cutout.of(0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Flip(true, Double.NaN)).withMessageContaining("from 0.0 to 1.0, not NaN");
        assertThatIllegalArgumentException().isThrownBy(() -> ResizedCrop.to(4, 4).area(0.5, 0.2));
        assertThatIllegalArgumentException().isThrownBy(() -> Elastic.of(1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new ColorJitter(0, 0, 0, 0.6));
        for (Transform t : List.of(Flip.horizontal(), Crop.center(1, 1), ResizedCrop.to(1, 1), Elastic.of(1, 1), Blur.of(1), Erase.standard(),
                Cutout.of(1), new Grey(1), new ColorJitter(0, 0, 0, 0), Resize.to(1, 1), Affine.none())) {
            assertThatIllegalArgumentException().as(t.toString()).isThrownBy(() -> t.shape(Shape.of(4)))
                    .withMessageContaining("needs images [channels, height, width], the samples are [4]");
        }
    }
}
