package dev.sinew.app.reproduce.conv;

import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.data.ArrayDataset;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Drawn micrographs: cells of uneven outline, bright or dark, that touch; blurred, noisy, unevenly lit.
 *
 * @param images pixel by pixel
 * @param masks 1 in a cell; where two cells touch the border between them is 0
 */
record Cells(int side, float[][] images, float[][] masks) {
    static Cells draw(int count, int side, Seed seed) {
        float[][] images = new float[count][];
        float[][] masks = new float[count][];
        for (int i = 0; i < count; i++) {
            masks[i] = new float[side * side];
            images[i] = draw(side, masks[i], new SplittableRandom(seed.derive(i).value()));
        }
        return new Cells(side, images, masks);
    }

    private static float[] draw(int side, float[] mask, SplittableRandom random) {
        double[][] shape = new double[random.nextInt(7, 12)][];
        int cells = 0;
        while (cells < shape.length) {
            double[] cell = {random.nextDouble(side), random.nextDouble(side), random.nextDouble(6, 11), random.nextDouble(0.2),
                random.nextDouble(7), random.nextDouble(0.1), random.nextDouble(7), random.nextBoolean() ? 1 : -0.7};
            // they may touch and press each other flat, but not lie on top of each other
            boolean room = Arrays.stream(shape, 0, cells).allMatch(c -> Math.hypot(c[0] - cell[0], c[1] - cell[1]) > 0.85 * (c[2] + cell[2]));
            shape[cells] = room ? cell : shape[cells];
            cells += room ? 1 : 0;
        }
        double[] light = random.doubles(4, -0.5, 0.5).toArray();
        double[] sharp = new double[side * side];
        int[] owner = new int[side * side];
        for (int i = 0; i < sharp.length; i++) {
            int x = i % side;
            int y = i / side;
            double nearest = 1;
            double second = Double.MAX_VALUE;
            owner[i] = -1;
            for (int c = 0; c < shape.length; c++) {
                double d = distance(shape[c], x, y);
                if (d < nearest) {
                    second = nearest;
                    nearest = d;
                    owner[i] = c;
                } else {
                    second = Math.min(second, d);
                }
            }
            boolean cell = owner[i] >= 0 && second - nearest > 0.12;
            mask[i] = cell ? 1 : 0;
            // bright or dark inside, with a rim of the other kind
            double body = cell ? shape[owner[i]][7] * (0.35 - (nearest > 0.8 ? 0.7 : 0)) : 0;
            double u = (double) x / side - 0.5;
            double v = (double) y / side - 0.5;
            sharp[i] = body + 1.6 * (light[0] * u + light[1] * v + light[2] * u * v + light[3] * Math.sin(5 * u + 3 * v));
        }
        float[] image = new float[side * side];
        for (int i = 0; i < image.length; i++) {
            image[i] = (float) (blurred(sharp, side, i % side, i / side) + 0.12 * random.nextGaussian());
        }
        return image;
    }

    /** From the middle (0) to the outline (1) of a cell. */
    private static double distance(double[] cell, int x, int y) {
        double angle = Math.atan2(y - cell[1], x - cell[0]);
        double radius = cell[2] * (1 + cell[3] * Math.cos(2 * (angle - cell[4])) + cell[5] * Math.cos(3 * (angle - cell[6])));
        return Math.hypot(x - cell[0], y - cell[1]) / radius;
    }

    /** Smoothed by [1 2 1] / 4 both ways. */
    private static double blurred(double[] image, int side, int x, int y) {
        double sum = 0;
        for (int dy = -1; dy <= 1; dy++) {
            for (int dx = -1; dx <= 1; dx++) {
                sum += image[Math.clamp(y + dy, 0, side - 1) * side + Math.clamp(x + dx, 0, side - 1)] * (2 - Math.abs(dx)) * (2 - Math.abs(dy)) / 16;
            }
        }
        return sum;
    }

    /** For {@link dev.sinew.nn.Loss#crossEntropy}: each pixel has class 0 or 1. */
    ArrayDataset data() {
        return ArrayDataset.of(flat(images), Shape.of(1, side, side), flat(masks), Shape.of(side, side));
    }

    static float[] flat(float[][] rows) {
        float[] flat = new float[rows.length * rows[0].length];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, flat, i * rows[0].length, rows[0].length);
        }
        return flat;
    }

    /** Each pixel less than the given brightness is 0, the others are 1. */
    static float[] above(float[] image, double brightness) {
        float[] mask = image.clone();
        for (int i = 0; i < mask.length; i++) {
            mask[i] = mask[i] > brightness ? 1 : 0;
        }
        return mask;
    }

    /** Pieces that hang together by their sides, and have at least so many pixels. */
    static int pieces(float[] mask, int side, int least) {
        float[] left = mask.clone();
        int[] open = new int[left.length];
        int pieces = 0;
        for (int i = 0; i < left.length; i++) {
            if (left[i] > 0) {
                int size = 0;
                int top = 0;
                open[top++] = i;
                left[i] = 0;
                while (top > 0) {
                    int at = open[--top];
                    size++;
                    int[] beside = {at % side > 0 ? at - 1 : -1, at % side < side - 1 ? at + 1 : -1, at - side, at + side};
                    for (int next : Arrays.stream(beside).filter(n -> n >= 0 && n < left.length && left[n] > 0).toArray()) {
                        left[next] = 0;
                        open[top++] = next;
                    }
                }
                pieces += size >= least ? 1 : 0;
            }
        }
        return pieces;
    }
}
