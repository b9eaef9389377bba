package dev.sinew.app;

import java.util.Map;

/** Pieces of a page. */
public final class Html {
    private Html() {}

    /** Text as a page shows it. */
    public static String text(Object value) {
        return String.valueOf(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** A section with a heading. */
    public static String section(String heading, String content) {
        return "<section>\n<h2>" + text(heading) + "</h2>\n" + content + "</section>\n";
    }

    public static String paragraph(String sentence) {
        return "<p>" + text(sentence) + "</p>\n";
    }

    /** Names and values, one to a line. */
    public static String facts(Map<String, ?> values) {
        StringBuilder html = new StringBuilder("<table class=\"facts\">\n");
        values.forEach((name, value) -> html.append("<tr><th scope=\"row\">").append(text(name)).append("</th><td>").append(text(value))
                .append("</td></tr>\n"));
        return html.append("</table>\n").toString();
    }

    /** A small picture, enlarged without smoothing, with a line below it. */
    public static String figure(String address, String caption, int width, int height) {
        return "<figure><img class=\"pixels\" src=\"" + address + "\" width=\"" + width + "\" height=\"" + height + "\" alt=\""
                + text(caption) + "\"><figcaption>" + text(caption) + "</figcaption></figure>\n";
    }
}
