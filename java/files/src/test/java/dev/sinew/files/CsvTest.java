package dev.sinew.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinew.Shape;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvTest {
    @TempDir
    Path folder;

    private static CsvTable read(Csv csv, String text) throws IOException {
        return csv.read("t.csv", new StringReader(text));
    }

    private static void refused(Csv csv, String text, String message) {
        assertThatThrownBy(() -> read(csv, text)).isInstanceOf(CsvException.class).hasMessageStartingWith("t.csv").hasMessageContaining(message);
    }

    @Test
    void featuresAndLabels() throws IOException {
        CsvTable table = read(Csv.withLabel("kind"), "kind,length,\"width, in mm\"\nwolf,1,2.5\n\"a \"\"cat\"\"\n\",-1e2, 4 \nwolf,.5,0\n");
        assertThat(table.size()).isEqualTo(3);
        assertThat(table.inputShape()).isEqualTo(Shape.of(2));
        assertThat(table.featureNames()).containsExactly("length", "width, in mm");
        assertThat(table.classNames()).containsExactly("a \"cat\"", "wolf");
        assertThat(table.input(1)).containsExactly(-100, 4);
        assertThat(table.label(0)).isEqualTo(1);
        assertThat(table.label(1)).isEqualTo(0);
        assertThat(table).hasToString("3 lines of t.csv");
    }

    @Test
    void classesThatAreNumbersAreInTheirOrder() throws IOException {
        CsvTable table = read(Csv.withLabel("1").noHeader().separator(';'), "\uFEFF10;1\n9;2\n-1;3\n");
        assertThat(table.classNames()).containsExactly("-1", "9", "10");
        assertThat(table.label(0)).isEqualTo(2);
    }

    @Test
    void targets() throws IOException {
        CsvTable table = read(Csv.withTargets("y", "z").ignore("id"), "id,y,x,z\na,1,2,3\nb,4,5,6\n");
        assertThat(table.classes()).isZero();
        assertThat(table.targetShape()).isEqualTo(Shape.of(2));
        assertThat(table.input(1)).containsExactly(5);
        java.nio.FloatBuffer target = java.nio.FloatBuffer.allocate(2);
        table.readTarget(1, target);
        assertThat(target.array()).containsExactly(4, 6);
        assertThatThrownBy(() -> table.label(0)).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void categories() throws IOException {
        Csv csv = Csv.withLabel("y").categorical("colour").features("size", "colour");
        CsvTable table = read(csv, "colour,size,y\nred,1,a\nblue,2,b\ngreen,3,a\n");
        assertThat(table.featureNames()).containsExactly("size", "colour=blue", "colour=green", "colour=red");
        assertThat(table.input(0)).containsExactly(1, 0, 0, 1);
        Path other = Files.writeString(folder.resolve("test.csv"), "colour,size,y\ngreen,7,b\n");
        assertThat(table.readSame(other).input(0)).containsExactly(7, 0, 1, 0);
        assertThat(table.readSame(other).label(0)).isEqualTo(1);
        Files.writeString(other, "colour,size,y\nred,7,b\npink,7,b\n");
        assertThatThrownBy(() -> table.readSame(other)).isInstanceOf(CsvException.class)
                .hasMessage(other + ", line 3, column 'colour': expected one of [blue, green, red], found 'pink'");
        Files.writeString(other, "colour,size,y\nred,7,c\n");
        assertThatThrownBy(() -> table.readSame(other)).hasMessageContaining("column 'y': expected one of [a, b], found 'c'");
    }

    @Test
    void missingValues() throws IOException {
        String text = "a,b,y\n1,x,0\nNA,y,1\n5,?,0\n";
        Csv csv = Csv.withLabel("y").categorical("b");
        refused(csv, text, "line 3, column 'a': the value is missing ('NA')");
        CsvTable skipped = read(csv.missing(Csv.Missing.SKIP), text);
        assertThat(skipped.size()).isEqualTo(1);
        assertThat(skipped.skipped()).isEqualTo(2);
        CsvTable filled = read(csv.missing(Csv.Missing.MEAN), text);
        assertThat(filled.input(1)).containsExactly(3, 0, 1);
        assertThat(filled.input(2)).containsExactly(5, 0, 0);
        Path other = Files.writeString(folder.resolve("test.csv"), "a,b,y\n,x,0\n100,y,0\n");
        assertThat(filled.readSame(other).input(0)).as("the mean of the first file").containsExactly(3, 1, 0);
        refused(csv.missing(Csv.Missing.MEAN), "a,b,y\n1,x,\n", "line 2, column 'y': the value is missing ('')");
        refused(csv.missingWords("-"), text, "line 3, column 'a': expected a finite number, found 'NA'");
        refused(csv.missing(Csv.Missing.SKIP), "a,b,y\n,x,0\n,x,0\n", "all 2 lines with values were left out");
    }

    @Test
    void errorsTellLineAndColumn() throws IOException {
        Csv csv = Csv.withLabel("y");
        refused(csv, "a,y\n1,0\n\n2x,0\n", "line 4, column 'a': expected a finite number, found '2x'");
        refused(csv, "a,y\n\"1\n2\",0\n", "line 2, column 'a': expected a finite number");
        for (String number : new String[] {"1f", "0x1p3", "Infinity", "1e99", "1,5", "--1"}) {
            refused(csv.separator(';'), "a;y\n" + number + ";0\n", "expected a finite number, found '" + number + "'");
        }
        refused(csv, "a,y\n1,0,2\n", "line 2: expected 2 fields, found 3");
        refused(csv, "a,y\n1\n", "line 2: expected 2 fields, found 1");
        refused(csv, "a,b\n1,0\n", "line 1, column 'y': there is no such column among [a, b]");
        refused(csv.categorical("q"), "a,y\n1,0\n", "column 'q': there is no such column");
        refused(csv, "a,a,y\n1,2,0\n", "line 1, column 'a': two columns have this name");
        refused(csv, "y\n1\n", "no column is left for the features");
        refused(csv, "", "there are no lines with values");
        refused(csv, "a,y\n", "there are no lines with values");
        refused(csv, "a,y\n1,\"0\n", "after line 1");
        Path latin = Files.write(folder.resolve("latin.csv"), new byte[] {'a', ',', 'y', '\n', '1', ',', (byte) 0xE9, '\n'});
        assertThatThrownBy(() -> csv.read(latin)).isInstanceOf(CsvException.class).hasMessageContaining("not UTF-8");
    }

    @Test
    void badDescriptions() {
        assertThatIllegalArgumentException().isThrownBy(Csv::withTargets).withMessageContaining("needs a label or targets");
        assertThatIllegalArgumentException().isThrownBy(() -> Csv.withLabel("a").features("b", "a")).withMessage("csv: column 'a' has two roles");
        assertThatIllegalArgumentException().isThrownBy(() -> Csv.withTargets("a", "a"));
    }
}
