package dev.sinew;

/**
 * A source of independent seeds: every integer is a real seed, 0 too, and the same integer gives the same numbers
 * everywhere.
 *
 * @param value the integer
 */
public record Seed(long value) {
    /** The seed of that integer. */
    public static Seed of(long value) {
        return new Seed(value);
    }

    /** A seed for a part that has this name (a layer, the shuffling, ...): independent of those of other names. */
    public Seed derive(String name) {
        long hash = mix(value ^ 0x9e3779b97f4a7c15L);
        for (int i = 0; i < name.length(); i++) {
            hash = mix(hash ^ name.charAt(i));
        }
        return new Seed(hash);
    }

    /** A seed for the part with this number. */
    public Seed derive(long number) {
        return new Seed(mix(mix(value ^ 0x9e3779b97f4a7c15L) + number));
    }

    /** The finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
    private static long mix(long z) {
        z += 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
