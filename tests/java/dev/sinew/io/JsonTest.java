package dev.sinew.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void values() {
        assertThat(Json.parse(" {\"a\" : [1, -2.5e3, true, false, null, \"x\"], \"b\":{}, \"c\":[]} \n")).isEqualTo(map("a",
                Arrays.asList(1L, -2500.0, true, false, null, "x"), "b", Map.of(), "c", List.of()));
        assertThat(Json.parse("\"\"")).isEqualTo("");
        assertThat(Json.parse("9223372036854775807")).isEqualTo(Long.MAX_VALUE);
        assertThat(Json.parse("-9223372036854775808")).isEqualTo(Long.MIN_VALUE);
        assertThat(Json.parse("9223372036854775808")).isEqualTo(9.223372036854775808e18);
        assertThat(Json.parse("0")).isEqualTo(0L);
        assertThat(Json.parse("-0")).isEqualTo(0L);
        assertThat(Json.parse("1e-400")).isEqualTo(0.0);
        assertThat(Json.parse("\"\\u00e9\\n\\t\\\\\\/\\\"\\b\\f\\r\\ud83d\\ude00é\"")).isEqualTo("é\n\t\\/\"\b\f\r😀é");
    }

    private static Map<String, Object> map(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"``|0|expected a value, found the end of the text", "{|1|a name in double quotes", "{\"a\"|4|expected ':'",
        "{\"a\":1|6|expected ',' or '}'", "{\"a\":1,}|7|a name in double quotes, found '}'", "[1,]|3|expected a value, found ']'",
        "[1 2]|3|expected ',' or ']', found '2'", "01|1|expected the end of the text, found '1'", "-|1|a digit", "1.|2|a digit", "1e|2|a digit",
        ".5|0|a value", "+1|0|a value", "1e999|0|beyond the range", "tru|0|expected true", "nul|0|expected null", "NaN|0|a value",
        "\"a|2|'\"' at the end", "\"\\x\"|2|after a backslash", "\"\\u12g4\"|5|four hexadecimal digits", "{\"a\":1,\"a\":2}|7|comes twice",
        "{} x|3|the end of the text", "'a'|0|a value", "// no|0|a value"})
    void syntaxErrorsTellWhere(String text, int position, String message) {
        Json.SyntaxException e = catchThrowableOfType(Json.SyntaxException.class, () -> Json.parse(text));
        assertThat(e).as(text).isNotNull();
        assertThat(e.position()).isEqualTo(position);
        assertThat(e).hasMessageContaining(message).hasMessageStartingWith("JSON, character " + position + ": ");
    }

    @Test
    void controlCharactersAreNoPartOfStrings() {
        assertThatThrownBy(() -> Json.parse("\"a\nb\"")).isInstanceOf(Json.SyntaxException.class).hasMessageContaining("U+000A");
        assertThatThrownBy(() -> Json.parse("\u0000")).isInstanceOf(Json.SyntaxException.class);
    }

    @Test
    void depthAndSizeAreLimited() {
        assertThat(Json.parse("[".repeat(64) + "]".repeat(64))).isNotNull();
        assertThatThrownBy(() -> Json.parse("[".repeat(65) + "]".repeat(65))).hasMessageContaining("nested more than 64 deep");
        assertThatThrownBy(() -> Json.parse("{\"a\":".repeat(100_000))).hasMessageContaining("nested more than 64 deep");
        assertThatThrownBy(() -> Json.parse("[" + "0,".repeat(1_000_000) + "0]")).hasMessageContaining("more than 1000000 values");
    }

    @Test
    void everyPrefixOfATextIsRefused() {
        String text = "{\"a\":[1,-2.5e3,true,null,\"x\\u00e9\"],\"b\":{\"c\":false}}";
        for (int length = 0; length < text.length(); length++) {
            String prefix = text.substring(0, length);
            assertThatThrownBy(() -> Json.parse(prefix)).as(prefix).isInstanceOf(Json.SyntaxException.class);
        }
    }

    private static final String PARTS = "{}[]\",:\\0123456789eE.+-tfnu \u0000\uD800";

    /** Whatever is done to a text, it is read or refused. */
    @Test
    void mutatedTexts() {
        String text = "{\"a\":[1,-2.5e3,true,null,\"x\\u00e9\"],\"b\":{\"c\":false}}";
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 100_000; i++) {
            StringBuilder mutated = new StringBuilder(text);
            for (int k = random.nextInt(4); k >= 0; k--) {
                mutated.setCharAt(random.nextInt(mutated.length()), PARTS.charAt(random.nextInt(PARTS.length())));
            }
            try {
                Object value = Json.parse(mutated.toString());
                assertThat(Json.parse(Json.write(value))).isEqualTo(value);
            } catch (Json.SyntaxException e) {
                assertThat(e.position()).isBetween(0, mutated.length());
            }
        }
    }

    @Test
    void writing() {
        Map<String, Object> value = map("s", "é\n\"\\\u0001😀", "n", Arrays.asList(1L, 2, 0.1, null, true), "m", Map.of(), "l", List.of());
        assertThat(Json.write(value)).isEqualTo("{\"s\":\"é\\u000a\\\"\\\\\\u0001😀\",\"n\":[1,2,0.1,null,true],\"m\":{},\"l\":[]}");
        assertThat(Json.write("\uD800x\uDC00")).isEqualTo("\"\\ud800x\\udc00\"");
        assertThat(Json.parse(Json.write("\uD800x\uDC00"))).isEqualTo("\uD800x\uDC00");
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void whatCannotBeWritten(double value) {
        assertThatIllegalArgumentException().isThrownBy(() -> Json.write(value));
        assertThatIllegalArgumentException().isThrownBy(() -> Json.write(new Object()));
        assertThatIllegalArgumentException().isThrownBy(() -> Json.write(Map.of(1, 2)));
        List<Object> loop = new java.util.ArrayList<>();
        loop.add(loop);
        assertThatIllegalArgumentException().isThrownBy(() -> Json.write(loop)).withMessageContaining("64 deep");
    }
}
