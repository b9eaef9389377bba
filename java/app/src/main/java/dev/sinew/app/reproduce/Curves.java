package dev.sinew.app.reproduce;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Curves of several runs in one plot, or bars; drawn at {@link Plot#SCALE} times the size they are shown in. */
public final class Curves {
    private static final int WIDTH = 560;
    private static final int HEIGHT = 360;
    /** Full lines first, then dashes, so that more than eight curves differ, and all differ without colour. */
    private static final float[][] DASHES = {null, {8, 4}, {2, 3}, {10, 3, 2, 3}};
    /** So many points each have room for a number below them. */
    private static final int NUMBERED = 12;
    private final XYChart chart;
    private final List<XYSeries> curves = new ArrayList<>();

    private Curves(String title, String xTitle, String yTitle) {
        chart = new XYChartBuilder().width(Plot.SCALE * WIDTH).height(Plot.SCALE * HEIGHT).title(title).xAxisTitle(xTitle).yAxisTitle(yTitle).build();
        style(chart.getStyler());
    }

    /** Without curves yet. */
    public static Curves of(String title, String xTitle, String yTitle) {
        return new Curves(title, xTitle, yTitle);
    }

    /** A logarithmic scale upwards; values must be positive. */
    public Curves logarithmic() {
        chart.getStyler().setYAxisLogarithmic(true);
        return this;
    }

    /** A logarithmic scale to the right; values must be positive. */
    public Curves logarithmicX() {
        chart.getStyler().setXAxisLogarithmic(true);
        return this;
    }

    /** Bounds of the vertical axis. */
    public Curves bounds(double least, double most) {
        chart.getStyler().setYAxisMin(least).setYAxisMax(most);
        return this;
    }

    /** Another curve. */
    public Curves add(String name, double[] x, double[] y) {
        int count = curves.size();
        XYSeries series = chart.addSeries(name, roundlyNumbered(x), y);
        Color colour = Plot.colour(count % 7 == 6 ? 7 : count % 7);
        series.setLineColor(colour);
        series.setMarkerColor(colour);
        series.setMarker(x.length <= 24 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
        float[] dashes = DASHES[count / 7 % DASHES.length] == null ? DASHES[count % DASHES.length] : DASHES[(count + 2) % DASHES.length];
        series.setLineStyle(dashes == null ? new BasicStroke(1.8f * Plot.SCALE)
                : new BasicStroke(1.8f * Plot.SCALE, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, scaled(dashes), 0));
        curves.add(series);
        return this;
    }

    /** Equally spaced values are all numbered until the numbers touch; of others few and round ones are: so many become others, unseen. */
    private static double[] roundlyNumbered(double[] x) {
        double range = x[x.length - 1] - x[0];
        if (x.length <= NUMBERED || Math.abs(range / (x.length - 1) - (x[1] - x[0])) > 1e-6 * range) {
            return x;
        }
        double[] moved = x.clone();
        moved[0] += 5e-4 * range;
        return moved;
    }

    /** Another curve over 1, 2, 3, ... */
    public Curves add(String name, double[] y) {
        double[] x = new double[y.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = i + 1.0;
        }
        return add(name, x, y);
    }

    private static float[] scaled(float[] dashes) {
        float[] scaled = dashes.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= Plot.SCALE;
        }
        return scaled;
    }

    /** Draws them. */
    public BufferedImage draw() {
        var styler = chart.getStyler();
        double[] y = decades(XYSeries::getYData);
        if (styler.isYAxisLogarithmic() && y != null) {
            styler.setYAxisMin(y[0]).setYAxisMax(y[1]);
        }
        double[] x = decades(XYSeries::getXData);
        if (styler.isXAxisLogarithmic() && x != null) {
            styler.setXAxisMin(x[0]).setXAxisMax(x[1]);
        }
        return BitmapEncoder.getBufferedImage(chart);
    }

    /** A logarithmic axis has numbers at powers of ten only: those around the values, where fewer than two lie among them; else null. */
    private double[] decades(Function<XYSeries, double[]> axis) {
        double[] logarithms = curves.stream().flatMapToDouble(series -> Arrays.stream(axis.apply(series))).map(Math::log10)
                .filter(Double::isFinite).sorted().toArray();
        if (logarithms.length == 0) {
            return null;
        }
        double least = logarithms[0];
        double most = logarithms[logarithms.length - 1];
        return Math.floor(most) - Math.ceil(least) >= 1 ? null : new double[] {Math.pow(10, Math.floor(least)), Math.pow(10, Math.ceil(most))};
    }

    /** Bars: a group for each category, a bar in it for each series. */
    public static BufferedImage bars(String title, String xTitle, String yTitle, List<String> categories, List<String> series, List<double[]> heights) {
        CategoryChart bars = new CategoryChartBuilder().width(Plot.SCALE * WIDTH).height(Plot.SCALE * HEIGHT).title(title).xAxisTitle(xTitle)
                .yAxisTitle(yTitle).build();
        style(bars.getStyler());
        bars.getStyler().setLegendVisible(series.size() > 1);
        for (int i = 0; i < series.size(); i++) {
            bars.addSeries(series.get(i), categories, Arrays.stream(heights.get(i)).boxed().toList()).setFillColor(Plot.colour(i));
        }
        return BitmapEncoder.getBufferedImage(bars);
    }

    private static void style(AxesChartStyler styler) {
        styler.setChartBackgroundColor(Color.WHITE);
        styler.setPlotBorderVisible(false);
        styler.setPlotGridLinesColor(new Color(0xdddddd));
        styler.setLegendPosition(Styler.LegendPosition.OutsideE);
        styler.setLegendBorderColor(Color.WHITE);
        styler.setLegendFont(Plot.font(Font.PLAIN, 12));
        styler.setChartTitleFont(Plot.font(Font.BOLD, 14));
        styler.setAxisTitleFont(Plot.font(Font.PLAIN, 12));
        styler.setAxisTickLabelsFont(Plot.font(Font.PLAIN, 11));
        styler.setLegendSeriesLineLength(Plot.SCALE * 26);
        styler.setAxisTitlePadding(Plot.SCALE * 6);
        styler.setAxisTickPadding(Plot.SCALE * 3);
        styler.setMarkerSize(Plot.SCALE * 4);
        styler.setXAxisMaxLabelCount(11);
        styler.setXAxisTickMarkSpacingHint(Plot.SCALE * 90);
        styler.setYAxisTickMarkSpacingHint(Plot.SCALE * 40);
    }
}
