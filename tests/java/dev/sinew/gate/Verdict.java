package dev.sinew.gate;

/** What the comparison with the baseline says. */
enum Verdict {
    OK("ok"),
    SLOWER("SLOWER"),
    FASTER("faster"),
    /** The machine's baseline does not have it. */
    NEW("new"),
    /** There is no baseline for this machine. */
    NO_BASELINE("-");

    private final String word;

    Verdict(String word) {
        this.word = word;
    }

    @Override
    public String toString() {
        return word;
    }
}
