package dev.sinew.onnx;

/** A model breaks the rules of ONNX, or does not fit the inputs it was given. */
public final class OnnxException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** With a message that names the node or file. */
    public OnnxException(String message) {
        super(message);
    }

    /** With its cause. */
    public OnnxException(String message, Throwable cause) {
        super(message, cause);
    }
}
