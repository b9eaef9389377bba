package dev.sinew.app.reproduce;

import dev.sinew.app.Pictures;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * A plot of the plane: a field of values or of classes with points and lines on top, axes, a title and a legend. Drawn at
 * {@link #SCALE} times the size it is shown in. For curves over a number see {@link Curves}.
 */
public final class Plot {
    /** Pixels for each pixel of the page, for sharp screens. */
    public static final int SCALE = 2;
    /** Colours that everybody can tell apart (Okabe, Ito 2008): blue, vermilion, green, purple, orange, sky, yellow, black. */
    private static final int[] COLOURS = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9, 0xf0e442, 0x000000};
    /** Points along the scale from dark blue by green to yellow, of even lightness (cividis-like). */
    private static final int[] SEQUENTIAL = {0x00224e, 0x35456c, 0x666970, 0x948e77, 0xc8b866, 0xfee838};
    private static final int NEGATIVE = 0x2166ac;
    private static final int POSITIVE = 0xb35806;
    private static final int LEFT = 58;
    private static final int BOTTOM = 44;
    private static final int TOP = 30;
    private static final int BAR = 78;

    private final String title;
    private final double x0;
    private final double x1;
    private final double y0;
    private final double y1;
    private final int side;
    private String xTitle = "x1";
    private String yTitle = "x2";
    private BufferedImage field;
    private double[] bar;
    private boolean diverging;
    private boolean imageAxes;
    private final List<Mark> marks = new ArrayList<>();
    private final List<String> legend = new ArrayList<>();
    private final List<Integer> legendKinds = new ArrayList<>();

    private interface Mark {
        void draw(Graphics2D g, Plot plot);
    }

    private Plot(String title, double x0, double x1, double y0, double y1, int side) {
        this.title = title;
        this.x0 = x0;
        this.x1 = x1;
        this.y0 = y0;
        this.y1 = y1;
        this.side = side;
    }

    /** An empty plot of that part of the plane, 320 pixels wide and high. */
    public static Plot of(String title, double x0, double x1, double y0, double y1) {
        if (!(x1 > x0 && y1 > y0)) {
            throw new IllegalArgumentException("a plot needs x0 < x1 and y0 < y1, not " + x0 + ", " + x1 + ", " + y0 + ", " + y1);
        }
        return new Plot(title, x0, x1, y0, y1, 320);
    }

    /** The same with another side, in pixels of the page. */
    public Plot side(int pixels) {
        Plot plot = new Plot(title, x0, x1, y0, y1, pixels);
        plot.xTitle = xTitle;
        plot.yTitle = yTitle;
        return plot;
    }

    /** Names the axes; x1 and x2 unless named. */
    public Plot axes(String x, String y) {
        xTitle = x;
        yTitle = y;
        return this;
    }

    /** A colour for number {@code i} of several things. */
    public static Color colour(int i) {
        return new Color(COLOURS[Math.floorMod(i, COLOURS.length)]);
    }

    /** What is evaluated at many places at once: the places [n][2], to a value each. */
    public interface Function {
        double[] at(double[][] places);
    }

    private double[] values(Function function, int resolution) {
        double[][] places = new double[resolution * resolution][];
        for (int i = 0; i < places.length; i++) {
            places[i] = new double[] {x0 + (x1 - x0) * (i % resolution + 0.5) / resolution,
                y1 - (y1 - y0) * (i / resolution + 0.5) / resolution};
        }
        return function.at(places);
    }

    /** A field of classes in pale colours: the function gives class numbers. */
    public Plot regions(Function classes) {
        int n = side;
        double[] values = values(classes, n);
        field = picture(n, n, i -> Pictures.mix(0xffffff, COLOURS[Math.floorMod((int) values[i], COLOURS.length)], 0.32));
        return this;
    }

    /** A field of values from least (dark blue) to most (yellow), with a colour bar. */
    public Plot heat(Function function, double least, double most) {
        double[] values = values(function, side / 2);
        return heat(values, side / 2, side / 2, least, most);
    }

    /** The same from values in rows, the first row at the top. */
    public Plot heat(double[] values, int rows, int columns, double least, double most) {
        field = picture(columns, rows, i -> sequential((values[i] - least) / (most - least)));
        bar = new double[] {least, most};
        return this;
    }

    /** A field of values of either sign: blue below 0, white at 0, orange above; {@code most} is full colour. */
    public Plot signed(Function function, double most) {
        double[] values = values(function, side / 2);
        field = picture(side / 2, side / 2, i -> signed(values[i] / most));
        bar = new double[] {-most, most};
        diverging = true;
        return this;
    }

    /** A picture in the place of the field; with rows counted from the top, as in images, when the axes say so. */
    public Plot image(BufferedImage image, boolean rowsFromTop) {
        field = image;
        imageAxes = rowsFromTop;
        return this;
    }

    /** Points: circles with a white rim, in the colour of number {@code kind}. */
    public Plot points(double[][] places, int kind, String name) {
        marks.add((g, p) -> {
            for (double[] at : places) {
                double r = 3.4 * SCALE;
                Ellipse2D circle = new Ellipse2D.Double(p.px(at[0]) - r, p.py(at[1]) - r, 2 * r, 2 * r);
                g.setColor(colour(kind));
                g.fill(circle);
                g.setColor(Color.WHITE);
                g.setStroke(new BasicStroke(0.8f * SCALE));
                g.draw(circle);
            }
        });
        return named(name, kind);
    }

    /** A line through places, in the colour of number {@code kind}; cut off at the edge. */
    public Plot line(double[][] places, int kind, boolean dashed, String name) {
        marks.add((g, p) -> {
            Path2D path = new Path2D.Double();
            for (int i = 0; i < places.length; i++) {
                if (i == 0) {
                    path.moveTo(p.px(places[i][0]), p.py(places[i][1]));
                } else {
                    path.lineTo(p.px(places[i][0]), p.py(places[i][1]));
                }
            }
            g.setColor(colour(kind));
            g.setStroke(dashed ? new BasicStroke(2.2f * SCALE, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {7 * SCALE, 5 * SCALE}, 0)
                    : new BasicStroke(2.2f * SCALE));
            g.draw(path);
        });
        return named(name, kind);
    }

    /** The line a x + b y + c = 0. */
    public Plot straight(double a, double b, double c, int kind, boolean dashed, String name) {
        return Math.abs(b) > Math.abs(a)
                ? line(new double[][] {{x0, -(a * x0 + c) / b}, {x1, -(a * x1 + c) / b}}, kind, dashed, name)
                : line(new double[][] {{-(b * y0 + c) / a, y0}, {-(b * y1 + c) / a, y1}}, kind, dashed, name);
    }

    /** A word at a place. */
    public Plot label(double x, double y, String text) {
        marks.add((g, p) -> {
            g.setFont(font(Font.BOLD, 12));
            float w = g.getFontMetrics().stringWidth(text);
            g.setColor(new Color(255, 255, 255, 200));
            g.fill(new Rectangle2D.Double(p.px(x) - w / 2 - 4, p.py(y) - 12 * SCALE, w + 8, 16 * SCALE));
            g.setColor(Color.BLACK);
            g.drawString(text, (float) p.px(x) - w / 2, (float) p.py(y));
        });
        return this;
    }

    private Plot named(String name, int kind) {
        if (name != null) {
            legend.add(name);
            legendKinds.add(kind);
        }
        return this;
    }

    private double height() {
        // a picture keeps its proportions, everything else is square
        return field != null && (imageAxes) ? side * (double) field.getHeight() / field.getWidth() : side;
    }

    private double px(double x) {
        return SCALE * (LEFT + side * (x - x0) / (x1 - x0));
    }

    private double py(double y) {
        double share = (y - y0) / (y1 - y0);
        return SCALE * (TOP + height() * (imageAxes ? share : 1 - share));
    }

    /** Draws it. */
    public BufferedImage draw() {
        int rows = legend.isEmpty() ? 0 : 1 + rowsOfLegend();
        int width = LEFT + side + (bar == null ? 16 : BAR);
        int height = (int) (TOP + height() + BOTTOM + 18 * rows);
        BufferedImage image = new BufferedImage(SCALE * width, SCALE * height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = graphics(image);
        double plotHeight = height();
        if (field != null) {
            g.drawImage(field, SCALE * LEFT, SCALE * TOP, SCALE * side, (int) (SCALE * plotHeight), null);
        }
        g.setClip(SCALE * LEFT, SCALE * TOP, SCALE * side, (int) (SCALE * plotHeight));
        marks.forEach(mark -> mark.draw(g, this));
        g.setClip(null);
        g.setColor(new Color(0x444444));
        g.setStroke(new BasicStroke(SCALE));
        g.draw(new Rectangle2D.Double(SCALE * LEFT, SCALE * TOP, SCALE * side, SCALE * plotHeight));
        ticks(g);
        g.setFont(font(Font.BOLD, 13));
        g.drawString(title, SCALE * LEFT, SCALE * (TOP - 10));
        g.setFont(font(Font.PLAIN, 12));
        centred(g, xTitle, px((x0 + x1) / 2), SCALE * (TOP + plotHeight + 36));
        var turned = (Graphics2D) g.create();
        turned.rotate(-Math.PI / 2, SCALE * 14.0, SCALE * (TOP + plotHeight / 2));
        centred(turned, yTitle, SCALE * 14.0, SCALE * (TOP + plotHeight / 2));
        turned.dispose();
        if (bar != null) {
            colourBar(g);
        }
        drawLegend(g, SCALE * (TOP + plotHeight + 56));
        g.dispose();
        return image;
    }

    private static Graphics2D graphics(BufferedImage image) {
        Graphics2D g = image.createGraphics();
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, image.getWidth(), image.getHeight());
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
        return g;
    }

    static Font font(int style, int size) {
        return new Font(Font.SANS_SERIF, style, SCALE * size);
    }

    private static void centred(Graphics2D g, String text, double x, double y) {
        g.drawString(text, (float) (x - g.getFontMetrics().stringWidth(text) / 2.0), (float) y);
    }

    private void ticks(Graphics2D g) {
        g.setFont(font(Font.PLAIN, 11));
        for (double x : places(x0, x1)) {
            g.draw(new Line2D.Double(px(x), SCALE * (TOP + height()), px(x), SCALE * (TOP + height() + 4)));
            centred(g, number(x), px(x), SCALE * (TOP + height() + 17));
        }
        for (double y : places(y0, y1)) {
            g.draw(new Line2D.Double(SCALE * (LEFT - 4), py(y), SCALE * LEFT, py(y)));
            String text = number(y);
            g.drawString(text, (float) (SCALE * (LEFT - 7) - g.getFontMetrics().stringWidth(text)), (float) py(y) + 4 * SCALE);
        }
    }

    /** Round numbers, four to seven of them. */
    private static List<Double> places(double from, double to) {
        double raw = (to - from) / 5;
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        double unit = raw / power;
        double step = power * (unit < 1.5 ? 1 : unit < 3.5 ? 2 : unit < 7.5 ? 5 : 10);
        List<Double> places = new ArrayList<>();
        for (long i = (long) Math.ceil(from / step - 1e-9); i * step <= to + 1e-9 * (to - from); i++) {
            places.add(i * step);
        }
        return places;
    }

    private static String number(double value) {
        double clean = Math.abs(value) < 1e-12 ? 0 : value;
        if (clean != 0 && (Math.abs(clean) >= 1e5 || Math.abs(clean) < 1e-3)) {
            return String.format(Locale.ROOT, "%.1e", clean);
        }
        String text = String.format(Locale.ROOT, "%.4f", clean);
        return text.replaceAll("0+$", "").replaceAll("\\.$", "");
    }

    private void colourBar(Graphics2D g) {
        int left = SCALE * (LEFT + side + 14);
        int width = SCALE * 12;
        int top = SCALE * TOP;
        int tall = (int) (SCALE * height());
        for (int i = 0; i < tall; i++) {
            double share = 1 - (i + 0.5) / tall;
            g.setColor(new Color(diverging ? signed(2 * share - 1) : sequential(share)));
            g.fillRect(left, top + i, width, 1);
        }
        g.setColor(new Color(0x444444));
        g.drawRect(left, top, width, tall);
        g.setFont(font(Font.PLAIN, 11));
        for (double v : places(bar[0], bar[1])) {
            float y = (float) (top + tall * (1 - (v - bar[0]) / (bar[1] - bar[0])));
            g.drawString(number(v), left + width + 4 * SCALE, y + 4 * SCALE);
        }
    }

    private int rowsOfLegend() {
        int length = legend.stream().mapToInt(name -> name.length() + 5).sum();
        return length * 7 / side;
    }

    private void drawLegend(Graphics2D g, double top) {
        g.setFont(font(Font.PLAIN, 12));
        double x = SCALE * LEFT;
        double y = top;
        for (int i = 0; i < legend.size(); i++) {
            double w = g.getFontMetrics().stringWidth(legend.get(i)) + 30.0 * SCALE;
            if (x + w > SCALE * (LEFT + side + 16) && x > SCALE * LEFT) {
                x = SCALE * LEFT;
                y += 18 * SCALE;
            }
            g.setColor(colour(legendKinds.get(i)));
            g.fill(new Ellipse2D.Double(x, y - 9 * SCALE, 9 * SCALE, 9 * SCALE));
            g.setColor(Color.BLACK);
            g.drawString(legend.get(i), (float) x + 14 * SCALE, (float) y);
            x += w;
        }
    }

    /** Plots beside each other, in rows of so many. */
    public static BufferedImage beside(int columns, BufferedImage... plots) {
        int rows = (plots.length + columns - 1) / columns;
        int[] widths = new int[columns];
        int[] heights = new int[rows];
        for (int i = 0; i < plots.length; i++) {
            widths[i % columns] = Math.max(widths[i % columns], plots[i].getWidth());
            heights[i / columns] = Math.max(heights[i / columns], plots[i].getHeight());
        }
        BufferedImage all = new BufferedImage(java.util.Arrays.stream(widths).sum(), java.util.Arrays.stream(heights).sum(), BufferedImage.TYPE_INT_RGB);
        Graphics2D g = graphics(all);
        for (int i = 0, y = 0; i < rows; y += heights[i++]) {
            for (int j = 0, x = 0; j < columns && i * columns + j < plots.length; x += widths[j++]) {
                g.drawImage(plots[i * columns + j], x, y, null);
            }
        }
        g.dispose();
        return all;
    }

    /** Small pictures in rows, each enlarged without smoothing to about {@code size} page pixels with its caption below. */
    public static BufferedImage grid(List<BufferedImage> pictures, List<String> captions, int columns, int size) {
        BufferedImage[] cells = new BufferedImage[pictures.size()];
        for (int i = 0; i < cells.length; i++) {
            BufferedImage picture = pictures.get(i);
            boolean captioned = !captions.isEmpty();
            int w = SCALE * size;
            int h = SCALE * size * picture.getHeight() / picture.getWidth();
            int gap = 3 * SCALE;
            cells[i] = new BufferedImage(w + 2 * gap, h + 2 * gap + (captioned ? 15 * SCALE : 0), BufferedImage.TYPE_INT_RGB);
            Graphics2D g = graphics(cells[i]);
            g.drawImage(picture, gap, gap, w, h, null);
            g.setColor(new Color(0x999999));
            g.drawRect(gap - 1, gap - 1, w + 1, h + 1);
            if (captioned) {
                g.setColor(Color.BLACK);
                g.setFont(font(Font.PLAIN, 11));
                centred(g, captions.get(i), gap + w / 2.0, h + gap + 12.0 * SCALE);
            }
            g.dispose();
        }
        return beside(columns, cells);
    }

    /** Brightnesses from 0 to 1 in rows, as a picture. */
    public static BufferedImage gray(double[] values, int rows, int columns) {
        return picture(columns, rows, i -> {
            int v = (int) Math.round(255 * Math.clamp(values[i], 0, 1));
            return v << 16 | v << 8 | v;
        });
    }

    /** Values of either sign in rows, as a picture: blue below 0, white at 0, orange above. */
    public static BufferedImage signed(double[] values, int rows, int columns) {
        double most = 1e-30;
        for (double v : values) {
            most = Math.max(most, Math.abs(v));
        }
        double full = most;
        return picture(columns, rows, i -> signed(values[i] / full));
    }

    /** The same of numbers in single precision. */
    public static double[] doubles(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    private static BufferedImage picture(int width, int height, java.util.function.IntUnaryOperator colour) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            image.setRGB(i % width, i / width, colour.applyAsInt(i));
        }
        return image;
    }

    private static int signed(double share) {
        double s = Math.clamp(share, -1, 1);
        return Pictures.mix(0xffffff, s < 0 ? NEGATIVE : POSITIVE, Math.abs(s));
    }

    private static int sequential(double share) {
        double at = Math.clamp(Double.isNaN(share) ? 0 : share, 0, 1) * (SEQUENTIAL.length - 1);
        int i = (int) Math.min(SEQUENTIAL.length - 2, Math.floor(at));
        return Pictures.mix(SEQUENTIAL[i], SEQUENTIAL[i + 1], at - i);
    }

    /** The least and the most of values, widened a little. */
    public static double[] range(List<double[]> points, ToDoubleFunction<double[]> coordinate) {
        double least = points.stream().mapToDouble(coordinate).min().orElse(0);
        double most = points.stream().mapToDouble(coordinate).max().orElse(1);
        double margin = Math.max(1e-9, 0.08 * (most - least));
        return new double[] {least - margin, most + margin};
    }
}
