package dev.sinew.app.playground;

/** Something the visitor can put right: the message is shown on the page. */
final class Mistake extends RuntimeException {
    private static final long serialVersionUID = 1;

    Mistake(String message) {
        super(message);
    }

    /** With the values put in as by {@link String#formatted}. */
    static Mistake of(String format, Object... values) {
        return new Mistake(String.format(java.util.Locale.ROOT, format, values));
    }
}
