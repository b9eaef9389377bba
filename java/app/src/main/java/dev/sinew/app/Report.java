package dev.sinew.app;

import dev.sinew.Seed;
import dev.sinew.Shape;
import dev.sinew.data.Dataset;
import dev.sinew.data.transform.Draw;
import dev.sinew.nn.ParameterSpec;
import dev.sinew.train.EpochReport;
import dev.sinew.train.Evaluation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A page about a run that needs nothing but itself: pictures are within it. */
final class Report {
    private static final int MOST_MISTAKES = 60;
    private static final int MOST_UNITS = 64;
    private static final int PICTURE_SIDE = 64;
    private static final int FULL = 0x08519c;

    private Report() {}

    /** The whole page. */
    static String of(Run run) {
        return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" + Html.text(title(run))
                + "</title>\n<style>\n" + style() + "</style>\n</head>\n<body>\n<header>\n<h1>" + Html.text(title(run)) + "</h1>\n"
                + headline(run) + "</header>\n<main>\n"
                + Html.section("Curves", curves(run.history()))
                + Html.section("Confusion matrix", confusion(run))
                + Html.section("Mistakes", mistakes(run))
                + Html.section(isConvolutional(run) ? "Filters of the first layer" : "Weights of the first layer", weights(run))
                + Html.section("Network", network(run))
                + Html.section("Settings", Html.facts(run.settings()))
                + Html.section("Environment", Html.facts(environment(run)))
                + "</main>\n</body>\n</html>\n";
    }

    private static String title(Run run) {
        return run.model() + " on " + run.data();
    }

    private static String style() {
        try (InputStream in = Report.class.getResourceAsStream("report.css")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String headline(Run run) {
        Evaluation e = run.evaluation();
        long wrong = Math.round(e.size() * (1 - e.accuracy()));
        return String.format(Locale.ROOT, "<p class=\"headline\"><strong>%.2f %%</strong> of %,d test images right, %,d wrong; "
                        + "test loss %.4f; %,d parameters; trained in %.1f&nbsp;s.</p>%n", 100 * e.accuracy(), e.size(), wrong, e.loss(),
                run.network().architecture().parameterCount(), run.seconds());
    }

    /** The table of the layers, and the totals below it. */
    private static String network(Run run) {
        String summary = run.network().architecture().summary(run.recipe().batch());
        int totals = summary.indexOf("parameters:");
        StringBuilder html = new StringBuilder("<pre>" + Html.text(summary.substring(0, totals)) + "</pre>\n");
        summary.substring(totals).lines().forEach(line -> html.append(Html.paragraph(line)));
        return html.toString();
    }

    private static Map<String, String> environment(Run run) {
        Map<String, String> facts = Environment.describe();
        facts.put("command", "sinew " + String.join(" ", run.arguments()));
        facts.put("training", String.format(Locale.ROOT, "%.1f s", run.seconds()));
        facts.put("weights SHA-256", run.network().sha256());
        return facts;
    }

    // ---- curves ----

    private static String curves(List<EpochReport> history) {
        try {
            return "<div class=\"charts\">\n"
                    + chart("Loss", Charts.curves("Loss", "cross-entropy", history, EpochReport::trainLoss, EpochReport::validationLoss))
                    + chart("Accuracy", Charts.curves("Accuracy", "share of images right", history, EpochReport::trainAccuracy,
                            EpochReport::validationAccuracy))
                    + "</div>\n" + Html.paragraph("Training values are means over the epoch, each batch measured before the net learnt"
                            + " from it, with dropout and varied images where they are on; validation values are taken at the epoch's end.");
        } catch (RuntimeException | LinkageError e) {
            // Java draws text with the system's fonts: a bare container has none
            return Html.paragraph("The curves could not be drawn (" + e + "); their numbers are in metrics.json. On Linux this needs the"
                    + " packages fontconfig and a font, such as fonts-dejavu.");
        }
    }

    private static String chart(String name, String address) {
        return "<img src=\"" + address + "\" width=\"" + Charts.WIDTH + "\" height=\"" + Charts.HEIGHT + "\" alt=\"" + name
                + " over the epochs\">\n";
    }

    // ---- confusion ----

    private static String confusion(Run run) {
        long[][] counts = run.evaluation().confusion();
        Dataset test = run.test();
        StringBuilder html = new StringBuilder("<p>Rows: what the images show. Columns: what the net took them for. The shade is the share"
                + " of the row.</p>\n<div class=\"scroll\"><table class=\"confusion\">\n<tr><td></td>");
        for (int c = 0; c < counts.length; c++) {
            html.append("<th scope=\"col\"><span>").append(Html.text(test.className(c))).append("</span></th>");
        }
        html.append("<th scope=\"col\">recall</th></tr>\n");
        for (int row = 0; row < counts.length; row++) {
            html.append("<tr><th scope=\"row\">").append(Html.text(test.className(row))).append("</th>");
            long all = Math.max(1, java.util.Arrays.stream(counts[row]).sum());
            for (int column = 0; column < counts.length; column++) {
                double share = (double) counts[row][column] / all;
                html.append(String.format(Locale.ROOT, "<td style=\"background:#%06x;color:%s\">%s</td>", Pictures.mix(0xffffff, FULL, share),
                        share > 0.5 ? "#fff" : "#111", counts[row][column] == 0 ? "" : counts[row][column]));
            }
            html.append(percent(run.evaluation().recall(row))).append("</tr>\n");
        }
        html.append("<tr><th scope=\"row\">precision</th>");
        for (int c = 0; c < counts.length; c++) {
            html.append(percent(run.evaluation().precision(c)));
        }
        return html.append("<td></td></tr>\n</table></div>\n").toString();
    }

    private static String percent(double share) {
        return "<td class=\"share\">" + (Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * share)) + "</td>";
    }

    // ---- pictures ----

    private static String mistakes(Run run) {
        Dataset test = run.test();
        int[] predictions = run.evaluation().predictions();
        StringBuilder html = new StringBuilder();
        int wrong = 0;
        for (int i = 0; i < predictions.length; i++) {
            int label = label(test, i);
            if (predictions[i] != label && wrong++ < MOST_MISTAKES) {
                html.append(Html.figure(sample(run, i), test.className(label) + " \u2192 " + test.className(predictions[i]), PICTURE_SIDE,
                        PICTURE_SIDE));
            }
        }
        if (wrong == 0) {
            return Html.paragraph("There are none: every test image was classified right.");
        }
        return Html.paragraph((wrong > MOST_MISTAKES ? "The first " + MOST_MISTAKES + " of " + wrong : "All " + wrong)
                + " wrongly classified test images: what they show \u2192 what the net took them for.") + "<div class=\"grid\">\n" + html + "</div>\n";
    }

    private static int label(Dataset data, long index) {
        try {
            return data.label(index);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A sample without its normalisation. */
    private static String sample(Run run, long index) {
        Shape shape = run.test().inputShape();
        float[] pixels = run.data().scale().undo().apply(run.test().input(index), shape, Draw.of(Seed.of(0), 0));
        return Pictures.image(pixels, (int) shape.dim(0), (int) shape.dim(1), (int) shape.dim(2));
    }

    private static boolean isConvolutional(Run run) {
        return run.network().architecture().parameters().getFirst().shape().rank() == 4;
    }

    /** The first layer's weights: a kernel for each filter, or a template of the input's size for each unit. */
    private static String weights(Run run) {
        ParameterSpec first = run.network().architecture().parameters().getFirst();
        float[] values = run.network().parameter(first.name()).toFloats();
        boolean convolutional = isConvolutional(run);
        Shape input = run.network().architecture().input();
        int height = (int) (convolutional ? first.shape().dim(2) : input.dim(1));
        int width = (int) (convolutional ? first.shape().dim(3) : input.dim(2));
        int units = (int) first.shape().dim(0);
        int shown = Math.min(units, MOST_UNITS);
        int each = values.length / units;
        float most = 0;
        for (int i = 0; i < shown * each; i++) {
            most = Math.max(most, Math.abs(values[i]));
        }
        StringBuilder html = new StringBuilder();
        for (int unit = 0; unit < shown; unit++) {
            String caption = units == run.test().classes() ? run.test().className(unit) : Integer.toString(unit + 1);
            html.append(Html.figure(Pictures.weights(values, unit * each, height, width, most), caption, PICTURE_SIDE, PICTURE_SIDE));
        }
        return Html.paragraph(String.format(Locale.ROOT, "%s %s of %s, %d x %d: blue is negative, white 0, orange positive; full colour is %.3g.",
                shown < units ? "The first " + shown + " of the " + units : "The " + units, convolutional ? "kernels" : "units' weights",
                first.name(), height, width, most)) + "<div class=\"grid\">\n" + html + "</div>\n";
    }
}
