package dev.sinew.files;

import java.util.List;

/**
 * A column of a table that was read.
 *
 * @param name what it is called
 * @param field its place in a line
 * @param feature whether it goes in, or is to be predicted
 * @param named whether its values are names
 * @param names the names, in their order
 * @param mean of the numbers that are there
 */
record CsvColumn(String name, int field, boolean feature, boolean named, List<String> names, double mean) {
    /** How many numbers of a sample come from it. */
    int width() {
        return feature && named ? names.size() : 1;
    }
}
