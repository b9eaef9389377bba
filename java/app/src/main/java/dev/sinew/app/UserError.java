package dev.sinew.app;

/** Something the user can put right: its message is all that is shown, and the exit code is 2. */
final class UserError extends RuntimeException {
    private static final long serialVersionUID = 1;

    UserError(String message) {
        super(message);
    }

    UserError(String message, Throwable cause) {
        super(message, cause);
    }
}
