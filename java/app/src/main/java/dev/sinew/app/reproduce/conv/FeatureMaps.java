package dev.sinew.app.reproduce.conv;

import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Lab;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.app.reproduce.Reproduction;
import dev.sinew.data.Split;
import dev.sinew.nn.Network;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What each layer gives for images: pictures, how it moves with the image, and how well it separates the classes. */
final class FeatureMaps implements Reproduction {
    private static final List<String> LAYERS = List.of("relu1", "relu2", "relu3", "globalmaxpool1");
    private static final int SHIFT = 4;
    private static final int LARGE = 48;

    @Override
    public String id() {
        return "feature-maps";
    }

    @Override
    public String title() {
        return "Feature maps, layer by layer";
    }

    @Override
    public String about() {
        return "Each filter of a layer gives a map of where in the image it answers: edges in the first layer, parts of things further up, coarser and"
                + " sparser from layer to layer. Convolution and pooling move with the image, `f(T_s x) = T_(s/p) f(x)` for a shift by s pixels, p"
                + " being the product of the strides so far, when it divides s; and the classes lie further apart the higher one looks, which the"
                + " nearest class mean shows as a classifier without any weights of its own.";
    }

    @Override
    public void run(Lab lab, Findings findings) throws IOException {
        Split data = lab.fashion();
        int perMean = lab.pick(1000, 5000);
        try (Network net = FashionNet.trained(lab, FashionNet.SIDE); Network large = FashionNet.trained(lab, LARGE)) {
            List<List<String>> rows = new ArrayList<>();
            double[] accuracies = new double[LAYERS.size() + 1];
            for (int i = 0; i <= LAYERS.size(); i++) {
                String layer = i == 0 ? null : LAYERS.get(i - 1);
                accuracies[i] = nearestMean(net, layer, data, perMean, lab.pick(500, 2000));
                rows.add(List.of(i == 0 ? "pixels" : layer, i == 0 ? "1 x 28 x 28" : net.activations(dev.sinew.Tensor.zeros(1, 1, 28, 28), layer)
                        .get(layer).shape().withoutFirst().toString(), i == 0 ? "" : String.format(Locale.ROOT, "%.2f", active(net, layer, data)),
                        String.format(Locale.ROOT, "%.3f", accuracies[i])));
            }
            findings.atMost("shifting the image and then applying the net, against the reverse", 1e-4, shiftError(large, data.test().input(0)), "%.1e");
            findings.check("nearest class mean: from pixels to the last layer", "higher", String.format(Locale.ROOT, "%.3f to %.3f", accuracies[0],
                    accuracies[LAYERS.size()]), accuracies[LAYERS.size()] > accuracies[0]);
            findings.table("For each layer the shape of its maps, the share of values above 0, and the accuracy of the nearest class mean.",
                    List.of("layer", "shape", "active", "nearest class mean"), rows);
            for (int image : new int[] {0, 1, 2}) {
                float[] x = data.test().input(image);
                String name = data.test().className(data.test().label(image));
                List<BufferedImage> pictures = new ArrayList<>(List.of(Outlines.gray(x, FashionNet.SIDE, FashionNet.SIDE)));
                List<String> captions = new ArrayList<>(List.of(name));
                for (String layer : LAYERS.subList(0, 3)) {
                    float[] maps = FashionNet.maps(net, layer, x, FashionNet.SIDE);
                    int side = layer.equals("relu1") ? 28 : layer.equals("relu2") ? 14 : 7;
                    for (int map : strongest(maps, side, layer.equals("relu1") ? 7 : 8)) {
                        pictures.add(Outlines.gray(Arrays.copyOfRange(maps, map * side * side, (map + 1) * side * side), side, side));
                        captions.add(layer.replace("relu", "layer ") + ", map " + (map + 1));
                    }
                }
                findings.plot(Plot.grid(pictures, captions, 8, 92), name + ": the image and, layer by layer, the maps that answer most strongly to it"
                        + " (black: 0, white: the highest of the map).");
            }
        }
    }

    private static int[] strongest(float[] maps, int side, int count) {
        return java.util.stream.IntStream.range(0, maps.length / (side * side)).boxed().sorted((a, b) -> Double.compare(sum(maps, b, side), sum(maps, a, side)))
                .limit(count).mapToInt(i -> i).toArray();
    }

    private static double sum(float[] maps, int map, int side) {
        double sum = 0;
        for (int i = map * side * side; i < (map + 1) * side * side; i++) {
            sum += maps[i];
        }
        return sum;
    }

    /** The largest difference between the last maps, moved, and the maps of the moved image, relative to the largest value. */
    private static double shiftError(Network large, float[] image) {
        float[] here = FashionNet.maps(large, "relu3", onto(image, 8), LARGE);
        float[] there = FashionNet.maps(large, "relu3", onto(image, 8 + SHIFT), LARGE);
        int side = LARGE / 4;
        double most = 0;
        double error = 0;
        for (int c = 0; c < 64; c++) {
            // the rim sees the padding
            for (int y = 3; y < side - 4; y++) {
                for (int x = 3; x < side - 4; x++) {
                    float a = here[(c * side + y) * side + x];
                    error = Math.max(error, Math.abs(a - there[(c * side + y + SHIFT / 4) * side + x + SHIFT / 4]));
                    most = Math.max(most, a);
                }
            }
        }
        return error / most;
    }

    /** The image on a larger black one. */
    static float[] onto(float[] image, int at) {
        float[] large = new float[LARGE * LARGE];
        Arrays.fill(large, image[0]);
        for (int i = 0; i < image.length; i++) {
            large[(at + i / FashionNet.SIDE) * LARGE + at + i % FashionNet.SIDE] = image[i];
        }
        return large;
    }

    private static double active(Network net, String layer, Split data) throws IOException {
        long above = 0;
        long all = 0;
        for (int i = 0; i < 50; i++) {
            for (float v : FashionNet.maps(net, layer, data.test().input(i), FashionNet.SIDE)) {
                above += v > 0 ? 1 : 0;
                all++;
            }
        }
        return (double) above / all;
    }

    private static double nearestMean(Network net, String layer, Split data, int train, int test) throws IOException {
        double[][] means = new double[10][];
        int[] counts = new int[10];
        for (int i = 0; i < train; i++) {
            float[] f = features(net, layer, data.train().input(i));
            int label = data.train().label(i);
            means[label] = means[label] == null ? new double[f.length] : means[label];
            counts[label]++;
            for (int k = 0; k < f.length; k++) {
                means[label][k] += (f[k] - means[label][k]) / counts[label];
            }
        }
        int right = 0;
        for (int i = 0; i < test; i++) {
            float[] f = features(net, layer, data.test().input(i));
            int best = 0;
            double least = Double.MAX_VALUE;
            for (int c = 0; c < 10; c++) {
                double d = 0;
                for (int k = 0; k < f.length; k++) {
                    d += (f[k] - means[c][k]) * (f[k] - means[c][k]);
                }
                best = d < least ? c : best;
                least = Math.min(least, d);
            }
            right += best == data.test().label(i) ? 1 : 0;
        }
        return (double) right / test;
    }

    private static float[] features(Network net, String layer, float[] image) {
        return layer == null ? image : FashionNet.maps(net, layer, image, FashionNet.SIDE);
    }

    @Override
    public List<Class<?>> sources() {
        return List.of(FeatureMaps.class, FashionNet.class);
    }
}
