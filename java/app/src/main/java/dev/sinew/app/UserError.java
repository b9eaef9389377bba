package dev.sinew.app;

/** Something the user can put right: its message is all that is shown, and the exit code is 2. */
public final class UserError extends RuntimeException {
    private static final long serialVersionUID = 1;

    public UserError(String message) {
        super(message);
    }

    public UserError(String message, Throwable cause) {
        super(message, cause);
    }
}
