package dev.sinew.data.transform;

import dev.sinew.Shape;

/** Images read at other places than their own pixels. */
final class Warp {
    /** Where a pixel of the result comes from: y and x in the old image, at whole numbers the centres of pixels. */
    interface From {
        void place(int y, int x, double[] from);
    }

    private Warp() {}

    /** Each pixel from the four around its place; {@code background} lies outside. */
    static float[] bilinear(float[] values, Shape shape, double background, From from) {
        int channels = Images.channels(shape);
        int height = Images.height(shape);
        int width = Images.width(shape);
        float[] out = new float[values.length];
        double[] place = new double[2];
        double[] weights = new double[4];
        int[] offsets = new int[4];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                from.place(y, x, place);
                neighbours(place, height, width, weights, offsets);
                for (int c = 0; c < channels; c++) {
                    double sum = 0;
                    for (int i = 0; i < 4; i++) {
                        sum += weights[i] * (offsets[i] >= 0 ? values[c * height * width + offsets[i]] : background);
                    }
                    out[(c * height + y) * width + x] = (float) sum;
                }
            }
        }
        return out;
    }

    private static void neighbours(double[] place, int height, int width, double[] weights, int[] offsets) {
        int top = (int) Math.floor(place[0]);
        int left = (int) Math.floor(place[1]);
        double down = place[0] - top;
        double right = place[1] - left;
        for (int i = 0; i < 4; i++) {
            int column = left + i % 2;
            int row = top + i / 2;
            boolean inside = column >= 0 && column < width && row >= 0 && row < height;
            offsets[i] = inside ? row * width + column : -1;
            weights[i] = (i % 2 == 0 ? 1 - right : right) * (i / 2 == 0 ? 1 - down : down);
        }
    }

    /** Each pixel from the nearest; 0 outside. */
    static float[] nearest(float[] values, Shape shape, From from) {
        int height = Images.height(shape);
        int width = Images.width(shape);
        float[] out = new float[values.length];
        double[] place = new double[2];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                from.place(y, x, place);
                int row = (int) Math.floor(place[0] + 0.5);
                int column = (int) Math.floor(place[1] + 0.5);
                if (row < 0 || row >= height || column < 0 || column >= width) {
                    continue;
                }
                for (int c = 0; c < Images.channels(shape); c++) {
                    out[(c * height + y) * width + x] = values[(c * height + row) * width + column];
                }
            }
        }
        return out;
    }
}
