package dev.sinew.io;

import java.io.IOException;
import java.util.Objects;

/** A file is not what its format says: cut off, altered, or of another kind. The message tells where and why. */
public final class CorruptDataException extends IOException {
    private static final long serialVersionUID = 1;

    private final String file;
    private final long offset;
    private final String expected;
    private final String found;

    /**
     * An error at a place of a file.
     *
     * @param file the file's name, or another name of where the bytes came from
     * @param offset the byte, from 0, at which the contents stop making sense (of the unpacked contents for a
     *     compressed file)
     * @param expected what should stand there
     * @param found what does
     */
    public CorruptDataException(Object file, long offset, String expected, String found) {
        this(file, offset, expected, found, null);
    }

    /** The same with the exception that gave rise to it, which may be null. */
    public CorruptDataException(Object file, long offset, String expected, String found, Throwable cause) {
        super(Objects.requireNonNull(file, "file") + ", byte " + offset + ": expected " + expected + ", found " + found, cause);
        this.file = file.toString();
        this.offset = offset;
        this.expected = expected;
        this.found = found;
    }

    /** The file's name. */
    public String file() {
        return file;
    }

    /** The byte, from 0, at which the contents stop making sense. */
    public long offset() {
        return offset;
    }

    /** What should stand there. */
    public String expected() {
        return expected;
    }

    /** What does stand there. */
    public String found() {
        return found;
    }
}
