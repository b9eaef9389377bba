package dev.sinew.app.playground;

import java.util.Base64;
import tools.jackson.databind.JsonNode;

/** What a request says, checked. */
final class Fields {
    private Fields() {}

    static boolean has(JsonNode body, String name) {
        JsonNode value = body.get(name);
        return value != null && !value.isNull();
    }

    private static JsonNode get(JsonNode body, String name) {
        if (!has(body, name)) {
            throw Mistake.of("The request lacks %s.", name);
        }
        return body.get(name);
    }

    static String text(JsonNode body, String name) {
        JsonNode value = get(body, name);
        if (!value.isString()) {
            throw Mistake.of("%s must be text.", name);
        }
        return value.stringValue();
    }

    static boolean yes(JsonNode body, String name) {
        JsonNode value = get(body, name);
        if (!value.isBoolean()) {
            throw Mistake.of("%s must be true or false.", name);
        }
        return value.booleanValue();
    }

    static int whole(JsonNode body, String name, int least, int most) {
        return wholeNumber(get(body, name), name, least, most);
    }

    static int wholeNumber(JsonNode value, String name, int least, int most) {
        double number = number(value, name, least, most);
        if (number != Math.rint(number)) {
            throw Mistake.of("%s must be a whole number.", name);
        }
        return (int) number;
    }

    /** A number of a range; NaN is in none. */
    static double number(JsonNode value, String name, double least, double most) {
        if (value != null && value.isNumber()) {
            double number = value.asDouble();
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw Mistake.of("%s must be a number from %s to %s.", name, plain(least), plain(most));
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }

    /** A list of so many at most. */
    static JsonNode list(JsonNode body, String name, int most) {
        return list(get(body, name), name, 0, most);
    }

    static JsonNode list(JsonNode value, String name, int least, int most) {
        if (!value.isArray() || value.size() < least || value.size() > most) {
            throw Mistake.of("%s must be a list of %s%,d.", name, least == most ? "" : least == 0 ? "at most " : least + " to ", most);
        }
        return value;
    }

    /** Bytes for the page. */
    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
