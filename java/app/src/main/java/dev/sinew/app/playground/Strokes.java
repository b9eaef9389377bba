package dev.sinew.app.playground;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A digit drawn by hand: lines through places of a square from 0 to 1, the origin at the top left. It becomes a picture as those of
 * {@link dev.sinew.data.Digits} were made: brought to the height of 32 x 32 points, then the share of dark ones in each square of 4 x 4.
 */
record Strokes(List<double[]> lines) {
    private static final int MOST_LINES = 50;
    private static final int MOST_PLACES = 3000;
    private static final int FINE = 32;
    private static final int COARSE = 8;
    /** Of the pen, in fine points. */
    private static final double HALF_WIDTH = 2;

    static Strokes of(JsonNode body) {
        List<double[]> lines = new ArrayList<>();
        int places = 0;
        for (JsonNode stroke : Fields.list(body, "strokes", MOST_LINES)) {
            Fields.list(stroke, "a stroke", 2, 2 * MOST_PLACES);
            if (stroke.size() % 2 != 0) {
                throw new Mistake("a stroke must be a list of pairs x, y.");
            }
            double[] line = new double[stroke.size()];
            for (int i = 0; i < line.length; i++) {
                line[i] = Fields.number(stroke.get(i), "a stroke's place", 0, 1);
            }
            places += line.length / 2;
            lines.add(line);
        }
        if (places > MOST_PLACES) {
            throw Mistake.of("The drawing has %,d places; %,d are the most.", places, MOST_PLACES);
        }
        if (lines.isEmpty()) {
            throw new Mistake("Draw a digit first.");
        }
        return new Strokes(lines);
    }

    /**
     * The picture, 8 x 8 values from 0 to 1.
     *
     * @param turn anticlockwise, in radians
     * @param slim the width is divided by it
     * @param pen the pen's width is multiplied by it
     */
    float[] picture(double turn, double slim, double pen) {
        double[] box = {Double.MAX_VALUE, Double.MAX_VALUE, -Double.MAX_VALUE, -Double.MAX_VALUE};
        List<double[]> turned = new ArrayList<>();
        for (double[] line : lines) {
            double[] t = new double[line.length];
            for (int i = 0; i < line.length; i += 2) {
                t[i] = (line[i] * Math.cos(turn) + line[i + 1] * Math.sin(turn)) / slim;
                t[i + 1] = line[i + 1] * Math.cos(turn) - line[i] * Math.sin(turn);
                box = new double[] {Math.min(box[0], t[i]), Math.min(box[1], t[i + 1]), Math.max(box[2], t[i]), Math.max(box[3], t[i + 1])};
            }
            turned.add(t);
        }
        double radius = HALF_WIDTH * pen;
        double high = (FINE - 2 * radius) / Math.max(0.02, box[3] - box[1]);
        // a digit keeps its proportions, unless it is too wide
        double wide = Math.min(high, (FINE - 4 - 2 * radius) / Math.max(0.02, box[2] - box[0]));
        boolean[] dark = new boolean[FINE * FINE];
        for (double[] t : turned) {
            for (int i = 0; i < t.length; i += 2) {
                int j = Math.max(0, i - 2);
                segment(dark, radius, FINE / 2.0 + (t[j] - (box[0] + box[2]) / 2) * wide, FINE / 2.0 + (t[j + 1] - (box[1] + box[3]) / 2) * high,
                        FINE / 2.0 + (t[i] - (box[0] + box[2]) / 2) * wide, FINE / 2.0 + (t[i + 1] - (box[1] + box[3]) / 2) * high);
            }
        }
        float[] picture = new float[COARSE * COARSE];
        int block = FINE / COARSE;
        for (int i = 0; i < dark.length; i++) {
            picture[i / FINE / block * COARSE + i % FINE / block] += dark[i] ? 1f / (block * block) : 0;
        }
        return picture;
    }

    /** Darkens the points within a radius of a segment. */
    private static void segment(boolean[] dark, double radius, double x0, double y0, double x1, double y1) {
        double square = (x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0);
        int top = (int) Math.max(0, Math.floor(Math.min(y0, y1) - radius));
        int bottom = (int) Math.min(FINE - 1, Math.ceil(Math.max(y0, y1) + radius));
        int left = (int) Math.max(0, Math.floor(Math.min(x0, x1) - radius));
        int right = (int) Math.min(FINE - 1, Math.ceil(Math.max(x0, x1) + radius));
        for (int y = top; y <= bottom; y++) {
            for (int x = left; x <= right; x++) {
                double dx = x + 0.5 - x0;
                double dy = y + 0.5 - y0;
                double along = square == 0 ? 0 : Math.clamp((dx * (x1 - x0) + dy * (y1 - y0)) / square, 0, 1);
                dx -= along * (x1 - x0);
                dy -= along * (y1 - y0);
                dark[y * FINE + x] |= dx * dx + dy * dy <= radius * radius;
            }
        }
    }
}
