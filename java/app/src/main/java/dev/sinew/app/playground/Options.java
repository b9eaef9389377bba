package dev.sinew.app.playground;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/** The options of one layer or of the trainer, asked for one by one; what nobody asks for is a mistake. */
final class Options {
    private final NetText.Part part;
    private final Set<String> asked = new LinkedHashSet<>();

    Options(NetText.Part part) {
        this.part = part;
    }

    /** One of several words; the first argument after the name stands when it is not given, or null: it must be. */
    String word(String name, String otherwise, String... choices) {
        Object value = get(name, otherwise);
        if (value instanceof String text && Arrays.asList(choices).contains(text)) {
            return text;
        }
        throw mistake("%s must be %s'%s', not %s", name, choices.length > 1 ? "one of " : "", String.join("', '", choices), shown(value));
    }

    double number(String name, Object otherwise, double least, double most) {
        Object value = get(name, otherwise);
        if (value instanceof Number number && number.doubleValue() >= least && number.doubleValue() <= most) {
            return number.doubleValue();
        }
        throw mistake("%s must be a number from %s to %s, not %s", name, shown(least), shown(most), shown(value));
    }

    int whole(String name, Object otherwise, int least, int most) {
        double value = number(name, otherwise, least, most);
        if (value != Math.rint(value)) {
            throw mistake("%s must be a whole number, not %s", name, shown(value));
        }
        return (int) value;
    }

    private Object get(String name, Object otherwise) {
        asked.add(name);
        Object value = part.values().getOrDefault(name, otherwise);
        if (value == null) {
            throw mistake("%s is missing", name);
        }
        return value;
    }

    /** Refuses options that have no meaning here. */
    void nothingElse() {
        for (String name : part.values().keySet()) {
            if (!asked.contains(name)) {
                throw mistake("the option %s is not known here; known are %s", name, String.join(", ", asked));
            }
        }
    }

    Mistake mistake(String format, Object... values) {
        return new Mistake("Line " + part.line() + ": " + String.format(Locale.ROOT, format, values) + ".");
    }

    private static String shown(Object value) {
        if (value instanceof Double d) {
            return d == Math.rint(d) && Math.abs(d) < 1e15 ? String.valueOf(d.longValue()) : d.toString();
        }
        return value instanceof String text ? "'" + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + "'" : String.valueOf(value);
    }
}
