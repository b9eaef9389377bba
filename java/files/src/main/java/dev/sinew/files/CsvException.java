package dev.sinew.files;

import java.io.IOException;

/** A table is not as it should be. The message tells the file, the line and the column. */
public final class CsvException extends IOException {
    private static final long serialVersionUID = 1;

    private final long line;
    private final String column;

    CsvException(Object file, long line, String column, String problem, Throwable cause) {
        super(file + (line > 0 ? ", line " + line : "") + (column != null ? ", column '" + column + "'" : "") + ": " + problem, cause);
        this.line = line;
        this.column = column;
    }

    /** The line on which the record begins, from 1; 0 when it is about the whole file. */
    public long line() {
        return line;
    }

    /** The column's name; null when it is about the whole line. */
    public String column() {
        return column;
    }
}
