package dev.sinew.app;

/** Something that went wrong for a known reason: its message is all that is shown, and the exit code is 1. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;

    Failure(String message) {
        super(message);
    }
}
