package dev.sinew.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON (RFC 8259), as little of it as files of numbers need.
 *
 * <p>Objects are maps in the order of the text, arrays are lists, numbers are {@link Long} where they are written as
 * integers and fit, else {@link Double}; strings, {@link Boolean} and null are themselves.
 */
public final class Json {
    /** How deep objects and arrays may be nested. */
    public static final int MAX_DEPTH = 64;
    /** How many values a text may hold, so that a small text does not become a large heap. */
    public static final int MAX_VALUES = 1_000_000;

    private final String text;
    private int at;
    private int values;

    private Json(String text) {
        this.text = text;
    }

    /** A text that is no JSON, or too deep or too long for us. */
    public static final class SyntaxException extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        private final int position;

        SyntaxException(int position, String message) {
            super("JSON, character " + position + ": " + message);
            this.position = position;
        }

        /** The character, from 0, at which the text stops making sense. */
        public int position() {
            return position;
        }
    }

    /**
     * Reads a text with one value. Names may not come twice in an object.
     *
     * @throws SyntaxException telling where it stops making sense
     */
    public static Object parse(String text) {
        Json json = new Json(text);
        Object value = json.value(0);
        json.space();
        if (json.at < text.length()) {
            throw json.error("expected the end of the text");
        }
        return value;
    }

    /**
     * Writes a value of the kinds that {@link #parse} gives; every {@link Number} will do. No spaces are added.
     *
     * @throws IllegalArgumentException when something else is in it, or a number that is not finite
     */
    public static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out, 0);
        return out.toString();
    }

    // ---- reading ----

    private SyntaxException error(String message) {
        String found = at < text.length() ? describe(text.charAt(at)) : "the end of the text";
        return new SyntaxException(at, message + ", found " + found);
    }

    private static String describe(char c) {
        return c > ' ' && c < 127 ? "'" + c + "'" : String.format("U+%04X", (int) c);
    }

    private void space() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private boolean take(char c) {
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private Object value(int depth) {
        if (++values > MAX_VALUES) {
            throw new SyntaxException(at, "more than " + MAX_VALUES + " values");
        }
        space();
        char c = at < text.length() ? text.charAt(at) : 0;
        return switch (c) {
            case '{' -> object(depth + 1);
            case '[' -> array(depth + 1);
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw error("expected " + word);
        }
        at += word.length();
        return value;
    }

    private void checkDepth(int depth) {
        if (depth > MAX_DEPTH) {
            throw error("nested more than " + MAX_DEPTH + " deep");
        }
        at++;
        space();
    }

    private Map<String, Object> object(int depth) {
        checkDepth(depth);
        Map<String, Object> map = new LinkedHashMap<>();
        if (take('}')) {
            return map;
        }
        do {
            space();
            int nameAt = at;
            if (at >= text.length() || text.charAt(at) != '"') {
                throw error("expected a name in double quotes");
            }
            String name = string();
            if (map.containsKey(name)) {
                throw new SyntaxException(nameAt, "the name \"" + name + "\" comes twice");
            }
            space();
            if (!take(':')) {
                throw error("expected ':'");
            }
            map.put(name, value(depth));
            space();
        } while (take(','));
        if (!take('}')) {
            throw error("expected ',' or '}'");
        }
        return map;
    }

    private List<Object> array(int depth) {
        checkDepth(depth);
        List<Object> list = new ArrayList<>();
        if (take(']')) {
            return list;
        }
        do {
            list.add(value(depth));
            space();
        } while (take(','));
        if (!take(']')) {
            throw error("expected ',' or ']'");
        }
        return list;
    }

    private String string() {
        at++;
        int from = at;
        // most strings have no escapes and need no copying
        while (at < text.length() && text.charAt(at) != '"' && text.charAt(at) != '\\' && text.charAt(at) >= ' ') {
            at++;
        }
        if (take('"')) {
            return text.substring(from, at - 1);
        }
        StringBuilder out = new StringBuilder(text.substring(from, at));
        while (true) {
            if (at >= text.length() || text.charAt(at) < ' ') {
                throw error("expected '\"' at the end of a string");
            }
            char c = text.charAt(at++);
            if (c == '"') {
                return out.toString();
            }
            out.append(c == '\\' ? escape() : c);
        }
    }

    private char escape() {
        char c = at < text.length() ? text.charAt(at) : 0;
        at += "\"\\/bfnrtu".indexOf(c) >= 0 ? 1 : 0;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> hex();
            default -> throw error("expected one of \"\\/bfnrtu after a backslash");
        };
    }

    private char hex() {
        int code = 0;
        for (int i = 0; i < 4; i++) {
            int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
            if (digit < 0 || text.charAt(at) > 'f') {
                throw error("expected four hexadecimal digits");
            }
            code = code << 4 | digit;
            at++;
        }
        return (char) code;
    }

    private Object number() {
        int from = at;
        take('-');
        if (!take('0')) {
            digits();
        }
        boolean integer = true;
        if (take('.')) {
            integer = false;
            digits();
        }
        if (take('e') || take('E')) {
            integer = false;
            if (!take('+')) {
                take('-');
            }
            digits();
        }
        String literal = text.substring(from, at);
        if (integer && literal.length() <= 20) {
            try {
                return Long.valueOf(literal);
            } catch (NumberFormatException e) {
                // beyond 64 bits: as a double
            }
        }
        double value = Double.parseDouble(literal);
        if (Double.isInfinite(value)) {
            throw new SyntaxException(from, "a number beyond the range of a double");
        }
        return value;
    }

    private void digits() {
        int from = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == from) {
            throw error(from == 0 || "-.eE+0123456789".indexOf(text.charAt(from - 1)) < 0 ? "expected a value" : "expected a digit");
        }
    }

    // ---- writing ----

    private static void write(Object value, StringBuilder out, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("JSON: nested more than " + MAX_DEPTH + " deep");
        }
        switch (value) {
            case null -> out.append("null");
            case String string -> writeString(string, out);
            case Boolean bool -> out.append(bool);
            case Number number -> writeNumber(number, out);
            case Map<?, ?> map -> {
                char separator = '{';
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    if (!(entry.getKey() instanceof String name)) {
                        throw new IllegalArgumentException("JSON: a name must be a string, not " + entry.getKey());
                    }
                    out.append(separator);
                    writeString(name, out);
                    out.append(':');
                    write(entry.getValue(), out, depth + 1);
                    separator = ',';
                }
                out.append(map.isEmpty() ? "{}" : "}");
            }
            case List<?> list -> {
                char separator = '[';
                for (Object element : list) {
                    out.append(separator);
                    write(element, out, depth + 1);
                    separator = ',';
                }
                out.append(list.isEmpty() ? "[]" : "]");
            }
            default -> throw new IllegalArgumentException("JSON: " + value.getClass().getName() + " cannot be written");
        }
    }

    private static void writeNumber(Number number, StringBuilder out) {
        if (!Double.isFinite(number.doubleValue())) {
            throw new IllegalArgumentException("JSON: " + number + " cannot be written");
        }
        out.append(number);
    }

    private static void writeString(String string, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || loneSurrogate(string, i)) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    /** Half a character: escaped, because UTF-8 has no form for it. */
    private static boolean loneSurrogate(String string, int i) {
        char c = string.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == string.length() || !Character.isLowSurrogate(string.charAt(i + 1));
        }
        return Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(string.charAt(i - 1)));
    }
}
