package dev.sinew.files;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Reads one table. */
final class CsvReading {
    private static final int MAX_CELLS = Integer.MAX_VALUE - 8;

    private final Csv format;
    private final Object name;
    /** Null when categories and means are to be learnt. */
    private final CsvTable like;
    private List<CsvColumn> columns;
    /** The codes of names so far, in the order in which they came, for each column; null for columns of numbers. */
    private final List<Map<String, Integer>> codes = new ArrayList<>();
    private int fieldCount;
    private float[] cells = new float[256];
    private int used;
    private long skipped;

    private CsvReading(Csv format, Object name, CsvTable like) {
        this.format = format;
        this.name = name;
        this.like = like;
    }

    static CsvTable read(Csv format, Object name, Reader in, CsvTable like) throws IOException {
        BufferedReader text = new BufferedReader(in);
        CsvReading reading = new CsvReading(format, name, like);
        long line = 1;
        try {
            text.mark(1);
            if (text.read() != '\uFEFF') {
                text.reset();
            }
            Iterator<CsvRecord> records = CsvReader.builder().fieldSeparator(format.separator()).extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                    .missingFieldStrategy(FieldMismatchStrategy.IGNORE).allowUnclosedQuote(false)
                    .ofCsvRecord(text).iterator();
            while (records.hasNext()) {
                CsvRecord record = records.next();
                line = record.getStartingLineNumber();
                reading.record(record.getFields(), line);
            }
        } catch (CsvParseException e) {
            throw new CsvException(name, 0, null, e.getMessage() + (e.getCause() == null ? "" : ": " + e.getCause().getMessage())
                    + " (after line " + line + ")", e);
        } catch (UncheckedIOException | java.nio.charset.CharacterCodingException e) {
            throw new CsvException(name, 0, null, "the text is not UTF-8, or cannot be read, after line " + line + ": " + e.getMessage(), e);
        }
        return reading.table();
    }

    private void record(List<String> fields, long line) throws CsvException {
        if (columns == null) {
            fieldCount = fields.size();
            List<String> names = format.header() ? fields.stream().map(String::strip).toList()
                    : IntStream.rangeClosed(1, fieldCount).mapToObj(Integer::toString).toList();
            columns = choose(names, line);
            columns.forEach(column -> codes.add(column.named() ? new HashMap<>() : null));
            if (format.header()) {
                return;
            }
        }
        if (fields.size() != fieldCount) {
            throw new CsvException(name, line, null, "expected " + fieldCount + " fields, found " + fields.size(), null);
        }
        if (used > MAX_CELLS - columns.size()) {
            throw new CsvException(name, line, null, "the table has more than " + MAX_CELLS + " values", null);
        }
        if (used + columns.size() > cells.length) {
            cells = Arrays.copyOf(cells, (int) Math.min(MAX_CELLS, Math.max(2L * cells.length, used + columns.size())));
        }
        for (int c = 0; c < columns.size(); c++) {
            String field = fields.get(columns.get(c).field()).strip();
            boolean absent = format.missingWords().contains(field);
            if (absent && format.missing() == Csv.Missing.SKIP) {
                skipped++;
                return;
            }
            if (absent && (format.missing() == Csv.Missing.REFUSE || !columns.get(c).feature())) {
                throw new CsvException(name, line, columns.get(c).name(), "the value is missing ('" + field + "')", null);
            }
            cells[used + c] = absent ? Float.NaN : value(c, field, line);
        }
        used += columns.size();
    }

    private float value(int c, String field, long line) throws CsvException {
        CsvColumn column = columns.get(c);
        if (!column.named()) {
            return number(field, column, line);
        }
        if (like != null) {
            int code = like.columns().get(c).names().indexOf(field);
            if (code < 0) {
                throw new CsvException(name, line, column.name(), "expected one of " + some(like.columns().get(c).names()) + ", found '"
                        + field + "'", null);
            }
            return code;
        }
        Map<String, Integer> known = codes.get(c);
        Integer code = known.get(field);
        if (code == null) {
            code = known.size();
            if (code == 1 << 24) {
                throw new CsvException(name, line, column.name(), "more than " + code + " different names", null);
            }
            known.put(field, code);
        }
        return code;
    }

    private float number(String field, CsvColumn column, long line) throws CsvException {
        float value = Float.NaN;
        // parseFloat would take 1f and 0x1p3 too
        if (field.chars().allMatch(ch -> ch >= '0' && ch <= '9' || ch == '.' || ch == '-' || ch == '+' || ch == 'e' || ch == 'E')) {
            try {
                value = Float.parseFloat(field);
            } catch (NumberFormatException e) {
                value = Float.NaN;
            }
        }
        if (!Float.isFinite(value)) {
            throw new CsvException(name, line, column.name(), "expected a finite number, found '" + shortened(field) + "'", null);
        }
        return value;
    }

    private static String shortened(String field) {
        return field.length() <= 40 ? field : field.substring(0, 40) + "...";
    }

    private static String some(List<String> names) {
        return names.size() <= 10 ? names.toString() : names.subList(0, 10) + " and " + (names.size() - 10) + " others";
    }

    // ---- columns ----

    private List<CsvColumn> choose(List<String> names, long line) throws CsvException {
        Set<String> once = new HashSet<>();
        for (String column : names) {
            if (!once.add(column)) {
                throw new CsvException(name, line, column, "two columns have this name", null);
            }
        }
        List<String> answers = format.label() != null ? List.of(format.label()) : format.targets();
        List<String> features = format.features();
        if (features.isEmpty()) {
            features = names.stream().filter(n -> !answers.contains(n) && !format.ignored().contains(n)).toList();
        }
        requireAll(names, answers, line);
        requireAll(names, features, line);
        requireAll(names, format.ignored(), line);
        requireAll(features, format.categorical(), line);
        if (features.isEmpty()) {
            throw new CsvException(name, line, null, "no column is left for the features", null);
        }
        List<CsvColumn> chosen = new ArrayList<>();
        for (String feature : features) {
            chosen.add(new CsvColumn(feature, names.indexOf(feature), true, format.categorical().contains(feature), List.of(), 0));
        }
        for (String answer : answers) {
            chosen.add(new CsvColumn(answer, names.indexOf(answer), false, format.label() != null, List.of(), 0));
        }
        return chosen;
    }

    private void requireAll(List<String> present, Iterable<String> wanted, long line) throws CsvException {
        for (String column : wanted) {
            if (!present.contains(column)) {
                throw new CsvException(name, line, column, "there is no such column among " + some(present), null);
            }
        }
    }

    private CsvTable table() throws CsvException {
        if (columns == null || used == 0) {
            throw new CsvException(name, 0, null, skipped > 0 ? "all " + skipped + " lines with values were left out: each lacks one"
                    : "there are no lines with values", null);
        }
        cells = Arrays.copyOf(cells, used);
        List<CsvColumn> finished = new ArrayList<>();
        for (int c = 0; c < columns.size(); c++) {
            CsvColumn column = columns.get(c);
            if (like != null) {
                column = new CsvColumn(column.name(), column.field(), column.feature(), column.named(), like.columns().get(c).names(),
                        like.columns().get(c).mean());
            } else if (column.named()) {
                column = sorted(c, column);
            } else {
                column = new CsvColumn(column.name(), column.field(), column.feature(), false, List.of(), mean(c));
            }
            finished.add(column);
        }
        return new CsvTable(format, name.toString(), finished, cells, skipped);
    }

    /** Names in their order, whole numbers in theirs, whatever the order of the lines. */
    private CsvColumn sorted(int c, CsvColumn column) {
        List<String> names = new ArrayList<>(codes.get(c).keySet());
        boolean numbers = names.stream().allMatch(n -> n.matches("-?[0-9]{1,18}"));
        names.sort(numbers ? (a, b) -> {
            int order = Long.compare(Long.parseLong(a), Long.parseLong(b));
            return order != 0 ? order : a.compareTo(b);
        } : String::compareTo);
        int[] place = new int[names.size()];
        for (int i = 0; i < place.length; i++) {
            place[codes.get(c).get(names.get(i))] = i;
        }
        for (int i = c; i < used; i += columns.size()) {
            cells[i] = Float.isNaN(cells[i]) ? Float.NaN : place[(int) cells[i]];
        }
        return new CsvColumn(column.name(), column.field(), column.feature(), true, List.copyOf(names), 0);
    }

    private double mean(int c) {
        double sum = 0;
        long count = 0;
        for (int i = c; i < used; i += columns.size()) {
            if (!Float.isNaN(cells[i])) {
                sum += cells[i];
                count++;
            }
        }
        return count == 0 ? 0 : sum / count;
    }
}
