package dev.sinew.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the gate prints, and what it writes for machines to read. */
final class Table {
    /** A figure with what is said of it; {@code expected} is null where there is no baseline. */
    record Row(Measured measured, Expected expected, Verdict verdict) {}

    private static final String[] HEAD = {"kernel", "shape", "ISA", "threads", "rate", "", "of peak", "yardstick", "ratio", "baseline", "band", ""};
    /** The columns of numbers stand at their right edge. */
    private static final List<Integer> NUMBERS = List.of(3, 4, 6, 8, 9, 10);

    private Table() {}

    static String text(List<Row> rows) {
        List<String[]> lines = new ArrayList<>();
        lines.add(HEAD);
        for (Row row : rows) {
            Measured m = row.measured();
            boolean known = row.expected() != null;
            lines.add(new String[] {m.name(), m.shape(), m.isa(), Integer.toString(m.threads()), number(m.rate()), m.unit(),
                Double.isNaN(m.ofPeak()) ? "" : String.format(Locale.ROOT, "%.1f %%", 100 * m.ofPeak()), m.yardstick(),
                m.countsInstructions() ? "" : number(m.value()), known ? number(row.expected().value()) : "",
                known ? String.format(Locale.ROOT, "%.1f %%", 100 * row.expected().band()) : "", verdict(row)});
        }
        int[] widths = new int[HEAD.length];
        for (String[] line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line[i].length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (String[] line : lines) {
            StringBuilder padded = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                padded.append(String.format("%" + (NUMBERS.contains(i) ? "" : "-") + Math.max(1, widths[i]) + "s  ", line[i]));
            }
            text.append(padded.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private static String verdict(Row row) {
        return row.expected() == null ? row.verdict().toString()
                : String.format(Locale.ROOT, "%s %+.1f %%", row.verdict(), 100 * (row.measured().beside(row.expected().value()) - 1));
    }

    private static String number(double value) {
        return value >= 1000 ? String.format(Locale.ROOT, "%.0f", value) : String.format(Locale.ROOT, "%.4g", value);
    }

    static String json(String machine, List<Row> rows) {
        StringBuilder text = new StringBuilder("{\n  \"machine\": \"").append(machine).append("\",\n  \"rows\": [");
        String between = "\n";
        for (Row row : rows) {
            Measured m = row.measured();
            text.append(between).append(String.format(Locale.ROOT, "    {\"name\": \"%s\", \"shape\": \"%s\", \"isa\": \"%s\", \"threads\": %d, \"rate\": %s, "
                    + "\"unit\": \"%s\", \"of_peak\": %s, \"yardstick\": \"%s\", \"value\": %s, \"baseline\": %s, \"band\": %s, \"verdict\": \"%s\"}",
                    m.name(), m.shape(), m.isa(), m.threads(), m.rate(), m.unit(), Double.isNaN(m.ofPeak()) ? "null" : m.ofPeak(), m.yardstick(), m.value(),
                    row.expected() == null ? "null" : row.expected().value(), row.expected() == null ? "null" : row.expected().band(), row.verdict()));
            between = ",\n";
        }
        return text.append("\n  ]\n}\n").toString();
    }
}
