package dev.sinew;

/** Whether an elementwise operation may repeat an operand whose shape is smaller. Never done without being asked for. */
public enum Broadcast {
    /** The shapes must be equal. */
    NO,
    /** Dimensions of size 1, and leading dimensions that are missing, are repeated. */
    YES
}
