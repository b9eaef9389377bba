package dev.sinew.files;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * How a table in a CSV file (RFC 4180: quotes, doubled quotes and line breaks within them) becomes samples: which columns are
 * features, which one is the label or which ones are the numbers to predict. UTF-8, with or without a byte order mark.
 *
 * {@snippet :
 * CsvTable train = Csv.withLabel("species").categorical("island").missing(Csv.Missing.MEAN).read(Path.of("train.csv"));
 * CsvTable test = train.readSame(Path.of("test.csv"));       // the same categories, classes and means
 * }
 *
 * <p>Every method returns another description and leaves this one as it is.
 *
 * @param separator between fields
 * @param header whether the first line names the columns; else they are called 1, 2, ...
 * @param label the column of the class; null when there are targets
 * @param targets the columns of numbers to predict
 * @param features the columns that go in; empty: all others
 * @param ignored columns that do not, where features is empty
 * @param categorical features that are names: each becomes as many numbers as there are names, one of them 1
 * @param missing what happens to missing values
 * @param missingWords what stands for a missing value, after white space around it was taken away
 */
public record Csv(char separator, boolean header, String label, List<String> targets, List<String> features, Set<String> ignored,
        Set<String> categorical, Missing missing, Set<String> missingWords) {
    /** What happens to missing values. */
    public enum Missing {
        /** An error that tells line and column. */
        REFUSE,
        /** The line is left out. */
        SKIP,
        /** The column's mean; of a categorical column no name. A missing label or target is an error. */
        MEAN
    }

    /** Checks that every column has one role. */
    public Csv {
        Objects.requireNonNull(missing, "missing");
        targets = List.copyOf(targets);
        features = List.copyOf(features);
        ignored = Set.copyOf(ignored);
        categorical = Set.copyOf(categorical);
        missingWords = Set.copyOf(missingWords);
        if (label == null == targets.isEmpty()) {
            throw new IllegalArgumentException("csv: needs a label or targets, not both, label " + label + " and targets " + targets);
        }
        Set<String> seen = new HashSet<>(targets);
        if (seen.size() < targets.size() || label != null && !seen.add(label)) {
            throw new IllegalArgumentException("csv: a target is named twice in " + targets);
        }
        for (String feature : features) {
            if (!seen.add(feature)) {
                throw new IllegalArgumentException("csv: column '" + feature + "' has two roles");
            }
        }
    }

    private static Csv of(String label, List<String> targets) {
        return new Csv(',', true, label, targets, List.of(), Set.of(), Set.of(), Missing.REFUSE,
                Set.of("", "NA", "N/A", "NaN", "nan", "null", "NULL", "?"));
    }

    /** A table whose first line names the columns, separated by commas, and one of which tells the class. */
    public static Csv withLabel(String column) {
        return of(Objects.requireNonNull(column, "column"), List.of());
    }

    /** A table of which some columns are numbers to predict. */
    public static Csv withTargets(String... columns) {
        return of(null, List.of(columns));
    }

    /** With another separator, such as ';' or a tab. */
    public Csv separator(char character) {
        return new Csv(character, header, label, targets, features, ignored, categorical, missing, missingWords);
    }

    /** The first line is a sample already: columns are called 1, 2, ... */
    public Csv noHeader() {
        return new Csv(separator, false, label, targets, features, ignored, categorical, missing, missingWords);
    }

    /** These columns go in, in that order. */
    public Csv features(String... columns) {
        return new Csv(separator, header, label, targets, List.of(columns), ignored, categorical, missing, missingWords);
    }

    /** All columns go in but these. */
    public Csv ignore(String... columns) {
        return new Csv(separator, header, label, targets, features, Set.of(columns), categorical, missing, missingWords);
    }

    /** These features are names and not numbers. */
    public Csv categorical(String... columns) {
        return new Csv(separator, header, label, targets, features, ignored, Set.of(columns), missing, missingWords);
    }

    /** With that for missing values. */
    public Csv missing(Missing policy) {
        return new Csv(separator, header, label, targets, features, ignored, categorical, policy, missingWords);
    }

    /** These words stand for a missing value, and no others. */
    public Csv missingWords(String... words) {
        return new Csv(separator, header, label, targets, features, ignored, categorical, missing, Set.of(words));
    }

    /**
     * Reads a file, and learns its categories, classes and means.
     *
     * @throws CsvException telling line and column of what is wrong
     */
    public CsvTable read(Path file) throws IOException {
        try (Reader in = Files.newBufferedReader(file)) {
            return CsvReading.read(this, file, in, null);
        }
    }

    /** The same from characters; {@code name} is what errors call it. */
    public CsvTable read(Object name, Reader in) throws IOException {
        return CsvReading.read(this, name, in, null);
    }
}
