package dev.sinew.app.reproduce;

import dev.sinew.app.Html;
import dev.sinew.app.Pictures;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a reproduction has found: figures beside their targets, and words, tables and pictures in the order they came. */
public final class Findings {
    /** A figure beside its target. */
    public record Check(String what, String target, String measured, boolean passed) {}

    private final List<Check> checks = new ArrayList<>();
    private final StringBuilder html = new StringBuilder();

    /** A figure beside its target, both in words. */
    public Findings check(String what, String target, String measured, boolean passed) {
        checks.add(new Check(what, target, measured, passed));
        return this;
    }

    /** A figure that must be at least its target; a share is written as such with {@code format} "%.3f". */
    public Findings atLeast(String what, double target, double measured, String format) {
        return check(what, ">= " + number(format, target), number(format, measured), measured >= target);
    }

    /** A figure that must be at most its target. */
    public Findings atMost(String what, double target, double measured, String format) {
        return check(what, "<= " + number(format, target), number(format, measured), measured <= target);
    }

    /** A figure that must be its target, to within a tolerance. */
    public Findings near(String what, double target, double measured, double tolerance, String format) {
        return check(what, number(format, target) + " +- " + number("%.1g", tolerance), number(format, measured),
                Math.abs(measured - target) <= tolerance);
    }

    /** A count that must be its target. */
    public Findings equal(String what, long target, long measured) {
        return check(what, number("%,d", target), number("%,d", measured), target == measured);
    }

    private static String number(String format, Object value) {
        return String.format(Locale.ROOT, format, value);
    }

    /** A paragraph; parts between backticks are shown as formulas. */
    public Findings text(String words) {
        html.append("<p>").append(Page.formulas(words)).append("</p>\n");
        return this;
    }

    /** A picture in the size it has, and a line below that says what is to be seen. */
    public Findings picture(BufferedImage image, String caption) {
        return picture(image, caption, 1);
    }

    /**
     * A picture.
     *
     * @param scale screen pixels for each of its own: plots are drawn at twice the size they are shown in, so theirs is 0.5
     */
    public Findings picture(BufferedImage image, String caption, double scale) {
        html.append(String.format(Locale.ROOT, "<figure class=\"wide\"><img%s src=\"%s\" width=\"%d\" height=\"%d\" alt=\"%s\"><figcaption>%s"
                + "</figcaption></figure>%n", scale > 1 ? " class=\"pixels\"" : "", Pictures.uri(image), Math.round(image.getWidth() * scale),
                Math.round(image.getHeight() * scale), Html.text(caption), Html.text(caption)));
        return this;
    }

    /** A plot of {@link Plot} or {@link Curves}. */
    public Findings plot(BufferedImage image, String caption) {
        return picture(image, caption, 1.0 / Plot.SCALE);
    }

    /** A table; cells that look like numbers are set to the right. */
    public Findings table(String caption, List<String> header, List<? extends List<?>> rows) {
        html.append("<div class=\"scroll\"><table class=\"data\"><caption>").append(Html.text(caption)).append("</caption>\n<tr>");
        header.forEach(h -> html.append("<th scope=\"col\">").append(Html.text(h)).append("</th>"));
        html.append("</tr>\n");
        for (List<?> row : rows) {
            html.append("<tr>");
            for (Object cell : row) {
                String text = String.valueOf(cell);
                html.append(text.matches("[-+]?[\\d.,]+(e[-+]?\\d+)?\\s?\\S{0,3}") ? "<td class=\"number\">" : "<td>").append(Html.text(text))
                        .append("</td>");
            }
            html.append("</tr>\n");
        }
        html.append("</table></div>\n");
        return this;
    }

    /** Counts: a row for each true class, a column for each prediction, shaded by the share of the row. */
    public Findings confusion(String caption, long[][] counts, List<String> names) {
        html.append("<div class=\"scroll\"><table class=\"confusion\"><caption>").append(Html.text(caption + " Rows: the truth; columns: the"
                + " prediction; shade: share of the row.")).append("</caption>\n<tr><td></td>");
        names.forEach(name -> html.append("<th scope=\"col\">").append(Html.text(name)).append("</th>"));
        html.append("</tr>\n");
        for (int row = 0; row < counts.length; row++) {
            long all = Math.max(1, java.util.Arrays.stream(counts[row]).sum());
            html.append("<tr><th scope=\"row\">").append(Html.text(names.get(row))).append("</th>");
            for (long count : counts[row]) {
                double share = (double) count / all;
                html.append(String.format(Locale.ROOT, "<td style=\"background:#%06x;color:%s\">%s</td>", Pictures.mix(0xffffff, 0x08519c, share),
                        share > 0.5 ? "#fff" : "#111", count == 0 ? "" : count));
            }
            html.append("</tr>\n");
        }
        html.append("</table></div>\n");
        return this;
    }

    /** Text in columns, such as a net's summary. */
    public Findings preformatted(String text) {
        html.append("<pre>").append(Html.text(text)).append("</pre>\n");
        return this;
    }

    /** The figures. */
    public List<Check> checks() {
        return List.copyOf(checks);
    }

    /** Whether there are figures and all reach their targets. */
    public boolean passed() {
        return !checks.isEmpty() && checks.stream().allMatch(Check::passed);
    }

    String html() {
        return html.toString();
    }
}
