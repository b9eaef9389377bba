package dev.sinew.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinew.Scoped;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.functional.Normalization;
import dev.sinew.models.Neocognitron.Stage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Scoped.class)
class NeocognitronTest {
    private static final int SIDE = 24;
    private static final String[] CROSS = {"..#..", "..#..", "#####", "..#..", "..#.."};
    private static final String[] CORNER = {"#....", "#....", "#....", "#....", "#####"};
    private static final String[] ROOF = {"#####", "....#", "....#", "....#", "....#"};

    /** A drawing on a black square, its middle at a place, each of its pixels two wide. */
    private static Tensor image(int row, int column, String... drawing) {
        float[] pixels = new float[SIDE * SIDE];
        for (int i = 0; i < 100; i++) {
            pixels[(row - 5 + i / 10) * SIDE + column - 5 + i % 10] = drawing[i / 20].charAt(i % 10 / 2) == '#' ? 1 : 0;
        }
        return Tensor.of(pixels, 1, 1, SIDE, SIDE);
    }

    private static Neocognitron net() {
        return Neocognitron.of(8, new Stage(5, 0.5, 5, 2), new Stage(3, 0.6, 3, 2), new Stage(5, 0.3, 0, 1));
    }

    @Test
    void anSCellRespondsByTheFormula() {
        Tensor x = Tensor.uniform(Shape.of(1, 2, 7, 9), 0, 1, 1);
        Tensor y = Tensor.uniform(Shape.of(2, 2, 7, 9), 0, 1, 2);
        double theta = 0.6;
        SCells cells = new SCells(3, theta);
        cells.add(x, 9 + 8);
        cells.reinforce(0, x, 4 * 9 + 4);
        float[] c = Normalization.gaussian(3, 0.9).toFloats();
        float[] first = window(x, 0, 1, 8);
        float[] second = window(x, 0, 4, 4);
        float[] a = new float[18];
        for (int i = 0; i < 18; i++) {
            a[i] = (float) (first[i] / Math.sqrt(product(first, first, c)) + second[i] / Math.sqrt(product(second, second, c)));
        }
        Tensor u = cells.apply(y);
        assertThat(u.shape()).isEqualTo(Shape.of(2, 1, 7, 9));
        float[] all = u.toFloats();
        for (int place = 0; place < all.length; place++) {
            float[] seen = window(y, place / 63, place % 63 / 9, place % 9);
            double length = Math.sqrt(product(seen, seen, c));
            double s = product(a, seen, c) / Math.sqrt(product(a, a, c)) / length;
            assertThat((double) all[place]).isEqualTo(length * Math.max(s - theta, 0) / (1 - theta), within(1e-5));
        }
    }

    /** What lies around a place, zeros outside: [2, 3, 3]. */
    private static float[] window(Tensor x, int image, int row, int column) {
        float[] all = x.toFloats();
        float[] window = new float[18];
        for (int i = 0; i < 18; i++) {
            int y = row - 1 + i % 9 / 3;
            int z = column - 1 + i % 3;
            window[i] = y < 0 || y > 6 || z < 0 || z > 8 ? 0 : all[((image * 2 + i / 9) * 7 + y) * 9 + z];
        }
        return window;
    }

    private static double product(float[] a, float[] b, float[] c) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += c[i % c.length] * a[i] * b[i];
        }
        return sum;
    }

    @Test
    void addIfSilentLeavesNoPlaceSilentAndAddsNothingTwice() {
        Neocognitron net = net();
        Tensor images = Tensor.concat(0, image(12, 12, CROSS), image(12, 12, CORNER));
        net.learn(images, 1, 0.8);
        int planes = net.cells(1).planes();
        assertThat(planes).isBetween(5, 100);
        net.learn(images, 1, 0.8);
        assertThat(net.cells(1).planes()).isEqualTo(planes);
        // moved by the first C-cells' stride all is known already
        net.learn(image(14, 10, CROSS), 1, 0.8);
        assertThat(net.cells(1).planes()).isEqualTo(planes);
        net.learn(image(12, 12, ROOF), 1, 0.8);
        assertThat(net.cells(1).planes()).isGreaterThan(planes);
    }

    @Test
    void itKnowsAgainWhatIsMoved() {
        Neocognitron net = net();
        Tensor images = Tensor.concat(0, image(12, 12, CROSS), image(12, 12, CORNER), image(12, 12, ROOF), image(12, 12, CORNER));
        int[] classes = {4, 7, 9, 7};
        net.learn(images, 1, 0.8);
        assertThat(net.learn(images, classes)).isEqualTo(3);
        assertThat(net.learn(images, classes)).isZero();
        assertThat(net.classes(images)).containsExactly(classes);
        for (int by = -5; by <= 5; by++) {
            Tensor moved = Tensor.concat(0, image(12 + by, 12 - by / 2, CROSS), image(12, 12 + by, CORNER), image(12 - by, 12, ROOF));
            assertThat(net.classes(moved)).as("moved by " + by).containsExactly(4, 7, 9);
        }
    }

    @Test
    void theFirstStageKnowsEdgesInAllDirections() {
        Neocognitron net = net();
        assertThat(net.cells(0).features().shape()).isEqualTo(Shape.of(8, 2, 5, 5));
        // the left border of a light square is dark to the left: direction 0
        String[] square = {"#####", "#####", "#####", "#####", "#####"};
        Tensor u = net.simple(image(12, 12, square), 0);
        int[] best = u.argmax(1).toInts();
        assertThat(best[12 * SIDE + 7]).isEqualTo(0);
        assertThat(best[7 * SIDE + 12]).isEqualTo(2);
        assertThat(best[12 * SIDE + 16]).isEqualTo(4);
        assertThat(best[16 * SIDE + 12]).isEqualTo(6);
        assertThat(Neocognitron.contrast(image(12, 12, square)).shape()).isEqualTo(Shape.of(1, 2, SIDE, SIDE));
    }

    @Test
    void shapesAndMistakes() {
        Neocognitron net = net();
        Tensor image = image(12, 12, CROSS);
        assertThat(net.simple(image, 0).shape()).isEqualTo(Shape.of(1, 8, 24, 24));
        assertThat(net.complex(image, 0).shape()).isEqualTo(Shape.of(1, 8, 12, 12));
        assertThatThrownBy(() -> net.simple(image, 1)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nothing has been learned");
        assertThatThrownBy(() -> net.classes(image)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has not learned classes");
        assertThatThrownBy(() -> net.learn(image, 0, 0.8)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("1 to 2 learn");
        net.learn(image, 1, 0.8);
        net.learn(image, new int[] {3});
        assertThat(net.label(0)).isEqualTo(3);
        assertThat(net.complex(image, 2).shape()).isEqualTo(Shape.of(1, 1, 1, 1));
        assertThat(net.stages()).isEqualTo(3);
        assertThatThrownBy(() -> net.learn(image, new int[2])).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 classes");
        assertThatThrownBy(() -> new Stage(3, 0.5, 4, 1)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("4 and 1");
        assertThatThrownBy(() -> new SCells(4, 0.5)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("not 4 and 0.5");
        assertThatThrownBy(() -> new SCells(3, 1)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("3 and 1.0");
        assertThatThrownBy(() -> Neocognitron.of(8, new Stage(5, 0.5, 5, 2), new Stage(5, 0.5, 5, 2)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("blur 0");
    }
}
