package dev.sinew.gate;

/**
 * One figure of the gate.
 *
 * @param name what was measured; the key in the baselines
 * @param isa the instruction set
 * @param rate what a user would be told, in {@code unit}
 * @param ofPeak the part of the peak measured in the same run; NaN where there is none
 * @param yardstick what {@code value} is relative to
 * @param value what is compared with the baseline: the rate as a multiple of the yardstick's, or a number of instructions
 */
record Measured(String name, String shape, String isa, int threads, double rate, String unit, double ofPeak, String yardstick, double value) {
    static final String INSTRUCTIONS = "instructions";

    /** A line of {@code gate_bench time}. */
    static Measured parse(String line, String isa, int threads) {
        String[] field = line.split("\t", -1);
        if (field.length != 7) {
            throw new IllegalStateException("gate_bench: 7 fields were expected, not: " + line);
        }
        return new Measured(field[0], field[1], isa, threads, Double.parseDouble(field[2]), field[3], Double.parseDouble(field[4]), field[5],
                Double.parseDouble(field[6]));
    }

    boolean countsInstructions() {
        return unit.equals(INSTRUCTIONS);
    }

    /** How much better this is than another figure of the same thing: 1 is equal, below 1 is slower. */
    double beside(double other) {
        return countsInstructions() ? other / value : value / other;
    }
}
