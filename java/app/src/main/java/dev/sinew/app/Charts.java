package dev.sinew.app;

import dev.sinew.train.EpochReport;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Curves over the epochs. */
final class Charts {
    /** Drawn at twice the size it is shown in, for sharp screens. */
    private static final int SCALE = 2;
    static final int WIDTH = 520;
    static final int HEIGHT = 340;
    /** Blue and vermilion of the palette of Okabe and Ito (2008): told apart by everybody. */
    private static final Color TRAINING = new Color(0x0072b2);
    private static final Color VALIDATION = new Color(0xd55e00);
    private static final int MOST_MARKERS = 40;

    private Charts() {}

    /** Training and, where there is one, validation. */
    static String curves(String title, String unit, List<EpochReport> history, ToDoubleFunction<EpochReport> training,
            ToDoubleFunction<EpochReport> validation) {
        XYChart chart = new XYChartBuilder().width(SCALE * WIDTH).height(SCALE * HEIGHT).title(title).xAxisTitle("epoch").yAxisTitle(unit)
                .build();
        style(chart.getStyler());
        double[] epochs = history.stream().mapToDouble(EpochReport::epoch).toArray();
        add(chart, "training", epochs, history.stream().mapToDouble(training).toArray(), TRAINING, SeriesMarkers.CIRCLE);
        double[] held = history.stream().mapToDouble(validation).toArray();
        if (Arrays.stream(held).anyMatch(Double::isFinite)) {
            add(chart, "validation", epochs, held, VALIDATION, SeriesMarkers.SQUARE);
        }
        return Pictures.uri(BitmapEncoder.getBufferedImage(chart));
    }

    private static void style(XYStyler xy) {
        xy.setChartBackgroundColor(Color.WHITE);
        xy.setPlotBorderVisible(false);
        xy.setPlotGridLinesColor(new Color(0xdddddd));
        xy.setLegendPosition(Styler.LegendPosition.OutsideS);
        xy.setLegendLayout(Styler.LegendLayout.Horizontal);
        xy.setLegendBorderColor(Color.WHITE);
        xy.setLegendFont(font(Font.PLAIN, 13));
        xy.setChartTitleFont(font(Font.BOLD, 15));
        xy.setAxisTitleFont(font(Font.PLAIN, 13));
        xy.setAxisTickLabelsFont(font(Font.PLAIN, 12));
        xy.setLegendSeriesLineLength(SCALE * 24);
        xy.setLegendPadding(SCALE * 8);
        xy.setAxisTitlePadding(SCALE * 6);
        xy.setAxisTickPadding(SCALE * 3);
        xy.setMarkerSize(SCALE * 4);
        xy.setXAxisDecimalPattern("0");
        xy.setXAxisTickMarkSpacingHint(SCALE * 60);
        xy.setYAxisTickMarkSpacingHint(SCALE * 40);
    }

    private static Font font(int style, int size) {
        return new Font(Font.SANS_SERIF, style, SCALE * size);
    }

    private static void add(XYChart chart, String name, double[] x, double[] y, Color colour, Marker marker) {
        XYSeries series = chart.addSeries(name, x, y);
        series.setLineColor(colour);
        series.setMarkerColor(colour);
        series.setMarker(x.length <= MOST_MARKERS ? marker : SeriesMarkers.NONE);
        series.setLineStyle(new BasicStroke(SCALE * 1.8f));
    }
}
