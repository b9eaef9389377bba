package dev.sinew.diagnosis;

/** A training that was watched by {@link NanWatch} made NaN or infinity. */
public final class NotFiniteException extends ArithmeticException {
    private static final long serialVersionUID = 1;

    private final transient NanWatch.Finding finding;

    NotFiniteException(String message, NanWatch.Finding finding) {
        super(message);
        this.finding = finding;
    }

    /** Where the first such value came from; null when it did not come again. */
    public NanWatch.Finding finding() {
        return finding;
    }
}
