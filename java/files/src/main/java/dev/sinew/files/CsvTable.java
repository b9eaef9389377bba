package dev.sinew.files;

import dev.sinew.Shape;
import dev.sinew.data.Dataset;
import java.io.IOException;
import java.io.Reader;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The lines of a CSV file as samples of shape [features], with a label or numbers to predict. See {@link Csv}. */
public final class CsvTable implements Dataset {
    private final Csv format;
    private final String file;
    private final List<CsvColumn> columns;
    /** One row for each line: numbers, or the places of names; NaN where a value is missing. */
    private final float[] cells;
    private final long skipped;
    private final int features;
    private final Shape inputShape;

    CsvTable(Csv format, String file, List<CsvColumn> columns, float[] cells, long skipped) throws CsvException {
        this.format = format;
        this.file = file;
        this.columns = List.copyOf(columns);
        this.cells = cells;
        this.skipped = skipped;
        features = (int) columns.stream().filter(CsvColumn::feature).count();
        long width = columns.stream().filter(CsvColumn::feature).mapToLong(CsvColumn::width).sum();
        if (width < 1) {
            throw new CsvException(file, 0, null, "no feature has a value", null);
        }
        inputShape = Shape.of(width);
    }

    List<CsvColumn> columns() {
        return columns;
    }

    /**
     * Another file of the same columns, with the categories, classes and means of this one.
     *
     * @throws CsvException when it has a category or class that this one has not, and for all that is wrong with it
     */
    public CsvTable readSame(Path other) throws IOException {
        try (Reader in = Files.newBufferedReader(other)) {
            return CsvReading.read(format, other, in, this);
        }
    }

    /** What each number of a sample is: the column's name, for a categorical one with the category: {@code island=Dream}. */
    public List<String> featureNames() {
        List<String> names = new ArrayList<>();
        for (CsvColumn column : columns.subList(0, features)) {
            if (column.named()) {
                column.names().forEach(name -> names.add(column.name() + "=" + name));
            } else {
                names.add(column.name());
            }
        }
        return names;
    }

    /** How many lines were left out because a value was missing. */
    public long skipped() {
        return skipped;
    }

    @Override
    public long size() {
        return cells.length / columns.size();
    }

    @Override
    public Shape inputShape() {
        return inputShape;
    }

    @Override
    public int classes() {
        return format.label() == null ? 0 : columns.getLast().names().size();
    }

    private int row(long index) {
        return (int) Objects.checkIndex(index, size()) * columns.size();
    }

    @Override
    public void read(long index, FloatBuffer input) {
        int row = row(index);
        for (int c = 0; c < features; c++) {
            CsvColumn column = columns.get(c);
            float cell = cells[row + c];
            if (!column.named()) {
                input.put(Float.isNaN(cell) ? (float) column.mean() : cell);
            } else {
                for (int name = 0; name < column.names().size(); name++) {
                    input.put(name == cell ? 1 : 0);
                }
            }
        }
    }

    @Override
    public int label(long index) {
        if (format.label() == null) {
            throw new UnsupportedOperationException("this table has targets " + format.targets() + " instead of a label");
        }
        return (int) cells[row(index) + features];
    }

    @Override
    public Shape targetShape() {
        return format.label() != null ? Shape.scalar() : Shape.of(columns.size() - features);
    }

    @Override
    public void readTarget(long index, FloatBuffer target) {
        if (format.label() != null) {
            throw new UnsupportedOperationException("this table has label '" + format.label() + "' instead of targets");
        }
        target.put(cells, row(index) + features, columns.size() - features);
    }

    @Override
    public List<String> classNames() {
        return format.label() == null ? List.of() : columns.getLast().names();
    }

    @Override
    public String toString() {
        return size() + " lines of " + file;
    }
}
