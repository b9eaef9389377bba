package dev.sinew.onnx;

/** A model is valid, as far as it was looked at, but uses something that Sinew does not compute. */
public final class UnsupportedOnnxException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** With a message that names the node and what is missing. */
    public UnsupportedOnnxException(String message) {
        super(message);
    }
}
