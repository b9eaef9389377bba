package dev.sinew.app.reproduce.nets;

import dev.sinew.Scope;
import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.nn.Conv;
import dev.sinew.nn.Network;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Sizes and numbers of parameters of convolutions. */
final class ConvArithmetic implements Reproduction {
    /** What the picture shows: image, kernel, padding, stride. */
    private static final int[][] SHOWN = {{7, 3, 0, 1}, {7, 3, 1, 1}, {7, 3, 0, 2}, {7, 3, 1, 2}, {7, 5, 2, 1}, {7, 1, 0, 2}};

    @Override
    public String id() {
        return "conv-arithmetic";
    }

    @Override
    public String title() {
        return "Sizes and parameters of convolutions";
    }

    @Override
    public String about() {
        return "A window of `K` pixels that moves by `S` over `N` pixels with `P` zeros on both sides has `(N - K + 2P)/S + 1` places,"
                + " rounded down. A filter over `D` channels has `K K D` weights and a bias, so `F` filters have `(K K D + 1) F`"
                + " parameters, whatever the size of the image. Both are checked against windows that are counted one by one, and"
                + " against what the library computes.";
    }

    @Override
    public void run(Lab lab, Findings findings) {
        Network.Builder example = Network.input(3, 28, 28).conv(100, 3, 1);
        findings.equal("parameters of 100 filters of 3 x 3 on 3 x 28 x 28 with padding 1", 2_800, example.architecture().parameterCount());
        findings.check("their output", "[100, 28, 28]", example.architecture().output().toString(),
                example.architecture().output().equals(Shape.of(100, 28, 28)));
        String summary = example.summary();
        findings.check("formulas in the summary", "size and parameters", summary.contains("(3*3*3 + 1) * 100")
                ? "(28 - 3 + 2*1)/1 + 1 = 28, (3*3*3 + 1) * 100" : summary,
                summary.contains("(28 - 3 + 2*1)/1 + 1 = 28") && summary.contains("(3*3*3 + 1) * 100"));
        count(lab, findings);
        List<BufferedImage> pictures = new ArrayList<>();
        List<List<?>> rows = new ArrayList<>();
        for (int[] s : SHOWN) {
            int places = places(s[0], s[1], s[2], s[3]);
            rows.add(List.of(s[0], s[1], s[2], s[3], String.format(Locale.ROOT, "(%d - %d + 2*%d)/%d + 1 = %d", s[0], s[1], s[2], s[3],
                    places)));
            pictures.add(Plot.of(String.format(Locale.ROOT, "K = %d, P = %d, S = %d: %d x %d windows", s[1], s[2], s[3], places, places),
                    -s[2], s[0] + s[2], -s[2],
                    s[0] + s[2]).side(220).axes("column", "row").heat(seen(s), s[0] + 2 * s[2], s[0] + 2 * s[2], 0, Math.max(1,
                    s[1] * s[1])).draw());
        }
        findings.plot(Plot.beside(3, pictures.toArray(BufferedImage[]::new)), "How many windows see each pixel of an image of 7 x 7,"
                + " the padding included (rows and columns below 0 and from 7 on): without padding the border is seen less often than"
                + " the middle, and a window of one pixel with stride 2 does not see most of the image.");
        findings.table("The same in numbers.", List.of("N", "K", "P", "S", "windows along a side"), rows);
        findings.preformatted(Network.input(3, 28, 28).conv(100, 3, 1).relu().maxPool(2).layer(Conv.of(50,
                5).stride(2).pad(2)).relu().dense(10).summary());
    }

    /** Every combination of small numbers: the formula, windows put one by one, what a convolution of ones gives. */
    private static void count(Lab lab, Findings findings) {
        int sizes = 0;
        int wrong = 0;
        for (int n = 1; n <= lab.pick(9, 16); n++) {
            for (int k = 1; k <= 7; k++) {
                for (int p = 0; p <= 3; p++) {
                    for (int s = 1; s <= 4; s++) {
                        if (n + 2 * p >= k) {
                            sizes++;
                            wrong += agree(n, k, p, s) ? 0 : 1;
                        }
                    }
                }
            }
        }
        findings.equal("sizes and sums that differ, of " + sizes + " combinations of N, K, P and S", 0, wrong);
    }

    private static boolean agree(int n, int k, int p, int s) {
        try (var _ = Scope.open(); Network net = Network.input(1, n, n).layer(Conv.of(1, k).pad(p).stride(s).noBias()).build(Seed.of(1))) {
            net.parameter("conv1.weight").fill(1);
            double[] y = net.forward(Tensor.full(net.dtype(), Shape.of(1, 1, n, n), 1)).toDoubles();
            int places = places(n, k, p, s);
            long formula = (n - k + 2L * p) / s + 1;
            double pixels = 0;
            for (int first = -p; first + k <= n + p; first += s) {
                pixels += Math.max(0, Math.min(n, first + k) - Math.max(0, first));
            }
            double sum = java.util.Arrays.stream(y).sum();
            return places == formula && y.length == places * places && Math.abs(sum - pixels * pixels) < 1e-3 * (1 + sum);
        }
    }

    /** Windows put one after the other as long as they fit. */
    private static int places(int n, int k, int p, int s) {
        int places = 0;
        for (int first = -p; first + k <= n + p; first += s) {
            places++;
        }
        return places;
    }

    /** How many windows see each pixel, those of the padding included. */
    private static double[] seen(int[] s) {
        int side = s[0] + 2 * s[2];
        double[] seen = new double[side * side];
        for (int y = 0; y + s[1] <= side; y += s[3]) {
            for (int x = 0; x + s[1] <= side; x += s[3]) {
                for (int i = 0; i < s[1] * s[1]; i++) {
                    seen[(y + i / s[1]) * side + x + i % s[1]]++;
                }
            }
        }
        return seen;
    }
}
