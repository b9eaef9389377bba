package dev.sinew.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sinew.files.Csv;
import dev.sinew.files.CsvException;
import dev.sinew.files.CsvTable;
import java.io.IOException;

class CsvFuzzTest {
    private static final Csv[] FORMATS = {
        Csv.withLabel("y"), Csv.withTargets("y").missing(Csv.Missing.SKIP), Csv.withLabel("y").categorical("a").missing(Csv.Missing.MEAN),
        Csv.withLabel("1").noHeader().separator(';').missing(Csv.Missing.MEAN), Csv.withTargets("2", "1").noHeader().categorical("3")};

    /** The first byte chooses the format. */
    @FuzzTest(maxDuration = "10m")
    void csv(byte[] bytes) throws IOException {
        Csv format = FORMATS[bytes.length == 0 ? 0 : (bytes[0] & 0xFF) % FORMATS.length];
        byte[] text = bytes.length == 0 ? bytes : java.util.Arrays.copyOfRange(bytes, 1, bytes.length);
        Scratch.parse(text, file -> {
            try {
                CsvTable table = format.read(file);
                check(table);
                // a table has the categories and classes that it was read with
                CsvTable again = table.readSame(file);
                for (long i = 0; i < Math.min(100, table.size()); i++) {
                    if (!java.util.Arrays.equals(table.input(i), again.input(i))) {
                        throw new AssertionError("line " + i);
                    }
                }
            } catch (CsvException e) {
                if (e.getMessage() == null || !e.getMessage().startsWith(file.toString())) {
                    throw new AssertionError(e);
                }
            }
        });
    }

    private static void check(CsvTable table) {
        if (table.featureNames().size() != table.inputShape().count()) {
            throw new AssertionError(table.featureNames());
        }
        for (long i = 0; i < Math.min(100, table.size()); i++) {
            for (float value : table.input(i)) {
                if (!Float.isFinite(value)) {
                    throw new AssertionError("line " + i + ": " + value);
                }
            }
            if (table.classes() > 0 && (table.label(i) < 0 || table.label(i) >= table.classes())) {
                throw new AssertionError("line " + i + ": label " + table.label(i));
            }
        }
    }
}
