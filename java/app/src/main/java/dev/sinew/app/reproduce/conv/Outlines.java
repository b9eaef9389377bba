package dev.sinew.app.reproduce.conv;

import dev.sinew.app.reproduce.Plot;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;

/** Gray images with the outlines of a truth (blue, broad) and of a prediction (yellow, dashed) on top. */
final class Outlines {
    private static final int ZOOM = 6;
    private static final Color TRUTH = new Color(0x56b4e9);
    private static final Color PREDICTION = new Color(0xf0e442);
    /** What a caption says about the lines. */
    static final String LEGEND = "Broad blue line: the truth; dashed yellow line: the prediction.";

    private Outlines() {}

    /** Values from the least (black) to the most (white), and the borders of the places where a mask is above 0; masks may be null. */
    static BufferedImage of(float[] values, int rows, int columns, float[] truth, float[] prediction) {
        BufferedImage image = new BufferedImage(ZOOM * columns, ZOOM * rows, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.drawImage(gray(values, rows, columns), 0, 0, ZOOM * columns, ZOOM * rows, null);
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        draw(g, truth, rows, columns, TRUTH, new BasicStroke(3.4f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        draw(g, prediction, rows, columns, PREDICTION, new BasicStroke(1.6f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {4, 2}, 0));
        g.dispose();
        return image;
    }

    /** Values from the least (black) to the most (white). */
    static BufferedImage gray(float[] values, int rows, int columns) {
        double least = Double.MAX_VALUE;
        double most = -Double.MAX_VALUE;
        for (float v : values) {
            least = Math.min(least, v);
            most = Math.max(most, v);
        }
        double[] shades = Plot.doubles(values);
        for (int i = 0; i < shades.length; i++) {
            shades[i] = (shades[i] - least) / Math.max(1e-9, most - least);
        }
        return Plot.gray(shades, rows, columns);
    }

    private static void draw(Graphics2D g, float[] mask, int rows, int columns, Color colour, BasicStroke stroke) {
        if (mask == null) {
            return;
        }
        g.setColor(colour);
        g.setStroke(stroke);
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                boolean here = mask[y * columns + x] > 0;
                if (x + 1 < columns && here != mask[y * columns + x + 1] > 0) {
                    g.draw(new Line2D.Double(ZOOM * (x + 1), ZOOM * y, ZOOM * (x + 1), ZOOM * (y + 1)));
                }
                if (y + 1 < rows && here != mask[(y + 1) * columns + x] > 0) {
                    g.draw(new Line2D.Double(ZOOM * x, ZOOM * (y + 1), ZOOM * (x + 1), ZOOM * (y + 1)));
                }
            }
        }
    }
}
