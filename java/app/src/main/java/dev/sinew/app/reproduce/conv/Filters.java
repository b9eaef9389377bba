package dev.sinew.app.reproduce.conv;

import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.nn.Network;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The filters of the first layer, before and after training, beside the oriented derivative that fits each best. */
final class Filters implements Reproduction {
    private static final int K = FashionNet.KERNEL;
    private static final double ALIKE = 0.8;

    /** An oriented derivative and how well a filter goes with it: the correlation of their weights. */
    private record Fit(double correlation, double[] filter) {}

    @Override
    public String id() {
        return "filters";
    }

    @Override
    public String title() {
        return "What the first layer learns: oriented derivatives";
    }

    @Override
    public String about() {
        return "Nobody tells the first layer of a convolutional net what to look for, yet some of its filters come out much like derivatives of a Gaussian"
                + " in some direction, `d/du exp(-(u^2/a^2 + v^2/b^2)/2)` with u across the edge and v along it, or the second derivative, which"
                + " answers to lines. Each filter of a net trained on Fashion-MNIST is compared with many of these: it counts as an oriented derivative"
                + " where the correlation of the 25 weights is at least 0.8. The untrained filters are put to the same test.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        double[][] before;
        double[][] after;
        try (Network fresh = FashionNet.fresh(lab, FashionNet.SIDE); Network net = FashionNet.trained(lab, FashionNet.SIDE)) {
            before = filters(fresh);
            after = filters(net);
            findings.preformatted(net.summary());
        }
        List<Fit> untrained = Arrays.stream(before).map(Filters::fit).toList();
        List<Fit> trained = Arrays.stream(after).map(Filters::fit).toList();
        findings.atLeast("test accuracy of the net", lab.pick(0.80, 0.88), FashionNet.accuracy(), "%.3f");
        findings.atLeast("filters that are oriented derivatives, of 16: trained", 4, share(trained), "%.0f");
        findings.check("of the untrained ones", "fewer", Integer.toString((int) share(untrained)), share(untrained) < share(trained));
        List<BufferedImage> pictures = new ArrayList<>();
        List<String> captions = new ArrayList<>();
        List<Integer> order = java.util.stream.IntStream.range(0, after.length).boxed()
                .sorted((a, b) -> Double.compare(trained.get(b).correlation, trained.get(a).correlation)).toList();
        for (int half = 0; half < 2; half++) {
            for (int row = 0; row < 3; row++) {
                for (int i : order.subList(8 * half, 8 * half + 8)) {
                    Fit fit = trained.get(i);
                    pictures.add(Plot.signed(row == 0 ? before[i] : row == 1 ? after[i] : fit.filter, K, K));
                    captions.add(row == 0 ? "untrained" : row == 1 ? "trained" : String.format(Locale.ROOT, "fit: %.2f", fit.correlation));
                }
            }
        }
        findings.plot(Plot.grid(pictures, captions, 8, 84), "The 16 filters of 5 x 5 weights (blue: negative, white: 0, orange: positive), each as it was drawn"
                + " at random, as it was learned, and the oriented derivative that goes best with it, with the correlation.");
    }

    private static double share(List<Fit> fits) {
        return fits.stream().filter(fit -> fit.correlation >= ALIKE).count();
    }

    private static double[][] filters(Network net) {
        double[] all = net.parameter("conv1.weight").toDoubles();
        double[][] filters = new double[all.length / (K * K)][];
        for (int i = 0; i < filters.length; i++) {
            filters[i] = Arrays.copyOfRange(all, i * K * K, (i + 1) * K * K);
        }
        return filters;
    }

    /** The best of first and second derivatives in 16 directions, of several widths and lengths, at several places. */
    private static Fit fit(double[] filter) {
        Fit best = new Fit(-1, filter);
        for (int order = 1; order <= 2; order++) {
            for (int turn = 0; turn < 16; turn++) {
                double angle = (order == 1 ? 2 : 1) * Math.PI * turn / 16;
                for (double across : new double[] {0.8, 1.2, 1.8, 2.6}) {
                    for (double along : new double[] {1.2, 2, 3.5}) {
                        for (int place = 0; place < 25; place++) {
                            double[] derivative = derivative(order, angle, across, Math.max(along, across), place % 5 - 2, place / 5 - 2);
                            double r = correlation(filter, derivative);
                            for (int sign = -1; sign <= 1; sign += 2) {
                                if (sign * r > best.correlation) {
                                    int s = sign;
                                    best = new Fit(sign * r, Arrays.stream(derivative).map(v -> s * v).toArray());
                                }
                            }
                        }
                    }
                }
            }
        }
        return best;
    }

    private static double[] derivative(int order, double angle, double across, double along, double x0, double y0) {
        double[] values = new double[K * K];
        for (int i = 0; i < values.length; i++) {
            double x = i % K - K / 2 - x0;
            double y = i / K - K / 2 - y0;
            double u = (x * Math.cos(angle) + y * Math.sin(angle)) / across;
            double v = (y * Math.cos(angle) - x * Math.sin(angle)) / along;
            values[i] = Math.exp(-(u * u + v * v) / 2) * (order == 1 ? -u : u * u - 1);
        }
        return values;
    }

    private static double correlation(double[] a, double[] b) {
        double meanA = Arrays.stream(a).average().orElseThrow();
        double meanB = Arrays.stream(b).average().orElseThrow();
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += (a[i] - meanA) * (b[i] - meanB);
            aa += (a[i] - meanA) * (a[i] - meanA);
            bb += (b[i] - meanB) * (b[i] - meanB);
        }
        return ab / Math.sqrt(aa * bb + 1e-30);
    }

    @Override
    public List<Class<?>> sources() {
        return List.of(Filters.class, FashionNet.class);
    }
}
