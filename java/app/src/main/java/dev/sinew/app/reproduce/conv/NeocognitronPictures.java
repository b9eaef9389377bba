package dev.sinew.app.reproduce.conv;

import dev.sinew.Scope;
import dev.sinew.Tensor;
import dev.sinew.app.reproduce.Findings;
import dev.sinew.app.reproduce.Plot;
import dev.sinew.functional.Convolution;
import dev.sinew.functional.Resampling;
import dev.sinew.functional.Window;
import dev.sinew.models.Neocognitron;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the cells of a neocognitron of three stages look for and how they respond. */
final class NeocognitronPictures {
    private static final int PLANES = 6;
    private static final int[] FEATURES = {16, 48};
    private static final int[] SIDES = {5, 14};
    private static final String[] SAID = {"edges in 16 directions, which it knows from the start",
        "bends, ends and crossings of strokes, found without labels"};

    private NeocognitronPictures() {}

    /** What the lower stages expect to see, and the mean of the images that each plane of the highest stage wins. */
    static void features(Neocognitron net, Tensor images, Findings findings) {
        for (int stage = 0; stage < net.stages() - 1; stage++) {
            List<BufferedImage> pictures = new ArrayList<>();
            int planes = net.cells(stage).planes();
            for (int k = 0; k < Math.min(planes, FEATURES[stage]); k++) {
                try (var _ = Scope.open()) {
                    pictures.add(Plot.signed(expected(net, stage, k, SIDES[stage]), SIDES[stage], SIDES[stage]));
                }
            }
            List<String> numbers = IntStream.rangeClosed(1, pictures.size()).mapToObj(Integer::toString).toList();
            findings.plot(Plot.grid(pictures, numbers, 16, 52), "What S-cells of stage " + (stage + 1) + " look for (" + pictures.size()
                    + " of " + planes + " planes): " + SAID[stage] + ". Orange: lighter than around it, blue: darker.");
        }
        winners(net, images, findings);
    }

    private static void winners(Neocognitron net, Tensor images, Findings findings) {
        int[] winners = net.winners(images);
        List<BufferedImage> pictures = new ArrayList<>();
        List<String> captions = new ArrayList<>();
        IntStream.range(0, net.cells(net.stages() - 1).planes()).boxed().sorted(Comparator.comparing(net::label)).forEach(k -> {
            long[] won = IntStream.range(0, winners.length).filter(i -> winners[i] == k).asLongStream().toArray();
            try (var _ = Scope.open()) {
                Tensor sum = Tensor.zeros(1, 1, images.shape().dim(2), images.shape().dim(3));
                for (long i : won) {
                    sum = sum.add(images.slice(0, i, 1));
                }
                pictures.add(Photo.of(sum).picture(0, Math.max(1, won.length)));
                captions.add(net.label(k) + " (" + won.length + ")");
            }
        });
        findings.plot(Plot.grid(pictures, captions, 13, 66), "The " + pictures.size() + " planes of the highest stage: the mean of the"
                + " training digits that each wins, and below it the digit it stands for and how many it wins.");
    }

    /** The contrasts, lighter less darker, that a cell expects: its feature, drawn with the features of the stages below. */
    private static double[] expected(Neocognitron net, int stage, int plane, int side) {
        Tensor parts = net.cells(stage).features().slice(0, plane, 1);
        for (int below = stage - 1; below >= 0; below--) {
            Tensor features = net.cells(below).features();
            long size = features.shape().dim(2);
            Tensor finer = Resampling.scale(parts, Resampling.Mode.NEAREST, false, 2);
            parts = Convolution.transposed(finer, features, null, Window.of(size, size), new long[] {0}, 1);
        }
        long margin = (parts.shape().dim(2) - side) / 2;
        Tensor middle = parts.slice(2, margin, side).slice(3, margin, side);
        return middle.slice(1, 0, 1).sub(middle.slice(1, 1, 1)).toDoubles();
    }

    /** The planes of each layer that respond most to a digit, [1, 1, H, W], and the same planes when it is moved. */
    static void maps(Neocognitron net, Tensor digit, int shift, Findings findings) {
        List<Tensor> images = List.of(digit, moved(digit, shift));
        List<BufferedImage> pictures = new ArrayList<>();
        List<String> captions = new ArrayList<>();
        List<List<String>> rows = new ArrayList<>();
        for (int layer = 0; layer < 2 * net.stages(); layer++) {
            int stage = layer / 2;
            boolean simple = layer % 2 == 0;
            List<Tensor> u = images.stream().map(x -> simple ? net.simple(x, stage) : net.complex(x, stage)).toList();
            int[] shown = strongest(u.getFirst());
            if (u.getFirst().shape().dim(2) == 1) {
                for (int k : shown) {
                    rows.add(List.of("a " + net.label(k), text(u.getFirst(), k), text(u.getLast(), k)));
                }
                continue;
            }
            double most = Math.max(u.getFirst().max(0, 1, 2, 3).item(), u.getLast().max(0, 1, 2, 3).item());
            for (int i = 0; i < 2; i++) {
                pictures.add(Photo.of(images.get(i)).picture(0, 1));
                captions.add(i == 0 ? "digit" : "moved");
                for (int k : shown) {
                    pictures.add(Photo.of(u.get(i).slice(1, k, 1)).picture(0, most));
                    String what = stage + 1 < net.stages() ? "plane " + (k + 1) : "a " + net.label(k);
                    captions.add((simple ? "U_S" : "U_C") + (stage + 1) + ", " + what);
                }
            }
        }
        findings.plot(Plot.grid(pictures, captions, PLANES + 1, 112), "A test digit, and the same moved by " + shift + " pixels down and"
                + " to the right: in each layer the " + PLANES + " planes that respond most to it in the middle (black: 0, white: the"
                + " layer's strongest response). Responses move along with the digit, by fewer cells in higher layers, which are coarser.");
        findings.table("The highest C-cells, U_C3, each the strongest S-cell of its plane: the " + PLANES + " that respond most to the"
                + " digit in the middle.", List.of("stands for", "digit in the middle", "moved by " + shift), rows);
    }

    /** Down and to the right. */
    static Tensor moved(Tensor images, int by) {
        long kept = images.shape().dim(2) - by;
        return images.slice(2, 0, kept).slice(3, 0, kept).pad(new long[] {0, 0, by, by}, new long[4], 0);
    }

    private static int[] strongest(Tensor u) {
        double[] sums = u.sum(2, 3).toDoubles();
        return IntStream.range(0, sums.length).boxed().sorted((p, q) -> Double.compare(sums[q], sums[p])).limit(PLANES).mapToInt(k -> k)
                .toArray();
    }

    private static String text(Tensor u, int plane) {
        return String.format(Locale.ROOT, "%.3f", u.slice(1, plane, 1).item());
    }

    /** For each layer, pixels first, how alike its responses to digits and to moved ones are, place by place: the mean cosine. */
    static double[] likeness(Neocognitron net, Tensor digits, int shift) {
        Tensor moved = moved(digits, shift);
        double[] likeness = new double[1 + 2 * net.stages()];
        for (int layer = 0; layer < likeness.length; layer++) {
            try (var _ = Scope.open()) {
                int stage = (layer - 1) / 2;
                List<Tensor> u = Stream.of(digits, moved).map(layer == 0 ? x -> x : layer % 2 == 1 ? x -> net.simple(x, stage)
                        : (UnaryOperator<Tensor>) x -> net.complex(x, stage)).map(NeocognitronDigits::directions).toList();
                likeness[layer] = u.getFirst().mul(u.getLast()).sum(1).mean(0).item();
            }
        }
        return likeness;
    }
}
