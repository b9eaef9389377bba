package dev.sinew.app.reproduce;

import dev.sinew.app.Html;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** All reproductions on one page that needs nothing but itself: targets beside what was measured, then a section each. */
final class Page {
    private Page() {}

    /** What is shown of one: the system and its result. */
    record Entry(Reproduction system, Stored result) {}

    static String of(List<Entry> entries) {
        long passed = entries.stream().filter(e -> e.result.passed()).count();
        StringBuilder html = new StringBuilder("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Sinew: the lecture decks, reproduced</title>\n"
                + "<style>\n" + resource("/dev/sinew/app/report.css") + resource("reproduce.css") + "</style>\n</head>\n<body>\n<header>\n"
                + "<h1>The lecture decks, reproduced</h1>\n<p class=\"headline\"><strong>" + passed + " of " + entries.size()
                + "</strong> systems reach their targets.</p>\n</header>\n<main>\n<div class=\"scroll\"><table class=\"data overview\">\n"
                + "<tr><th scope=\"col\">system</th><th scope=\"col\">figure</th><th scope=\"col\">target</th><th scope=\"col\">measured</th>"
                + "<th scope=\"col\"></th></tr>\n");
        for (Entry e : entries) {
            List<Findings.Check> checks = e.result.checks();
            for (int i = 0; i < checks.size(); i++) {
                Findings.Check c = checks.get(i);
                html.append("<tr>");
                if (i == 0) {
                    html.append("<th scope=\"row\" rowspan=\"").append(checks.size()).append("\"><a href=\"#").append(Html.text(e.system.id()))
                            .append("\">").append(Html.text(e.system.id())).append("</a></th>");
                }
                html.append(cells(c)).append("</tr>\n");
            }
        }
        html.append("</table></div>\n");
        entries.forEach(e -> html.append(section(e)));
        return html.append("</main>\n</body>\n</html>\n").toString();
    }

    private static String cells(Findings.Check c) {
        return "<td>" + Html.text(c.what()) + "</td><td>" + Html.text(c.target()) + "</td><td>" + Html.text(c.measured()) + "</td><td class=\""
                + (c.passed() ? "pass\">pass" : "fail\">fail") + "</td>";
    }

    private static String section(Entry e) {
        Stored r = e.result;
        StringBuilder html = new StringBuilder("<section id=\"" + Html.text(e.system.id()) + "\">\n<h2>" + Html.text(e.system.title())
                + "</h2>\n<p>" + formulas(e.system.about()) + "</p>\n<table class=\"data\"><tr><th scope=\"col\">figure</th><th scope=\"col\">target</th>"
                + "<th scope=\"col\">measured</th><th scope=\"col\"></th></tr>\n");
        r.checks().forEach(c -> html.append("<tr>").append(cells(c)).append("</tr>\n"));
        html.append("</table>\n").append(r.html());
        html.append(String.format(Locale.ROOT, "<p class=\"run\"><code>sinew reproduce %s%s --seed %d</code>: %.1f s on %s, %s, %s threads.</p>%n",
                Html.text(e.system.id()), r.quick() ? " --quick" : "", r.seed(), r.seconds(), Html.text(r.environment().get("CPU")),
                Html.text(r.environment().get("instruction set")), Html.text(r.environment().get("threads"))));
        for (Map.Entry<String, String> source : Sources.of(e.system).entrySet()) {
            html.append("<details><summary>").append(Html.text(source.getKey())).append("</summary><pre>").append(Html.text(source.getValue()))
                    .append("</pre></details>\n");
        }
        return html.append("</section>\n").toString();
    }

    /** Text with its parts between backticks as formulas. */
    static String formulas(String text) {
        String[] parts = text.split("`", -1);
        StringBuilder html = new StringBuilder();
        for (int i = 0; i < parts.length; i++) {
            html.append(i % 2 == 0 ? Html.text(parts[i]) : "<code>" + Html.text(parts[i]) + "</code>");
        }
        return html.toString();
    }

    private static String resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
