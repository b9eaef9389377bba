package dev.sinew.app;

/**
 * The class that {@code java -jar} starts. It alone is compiled for Java 8: on a Java that is too old for the rest it says
 * so in one sentence instead of failing with an UnsupportedClassVersionError.
 */
public final class Launcher {
    private static final int NEEDED = 25;

    private Launcher() {}

    /** Starts {@code Main}, when this Java can run it. */
    public static void main(String[] args) {
        String version = System.getProperty("java.specification.version", "0");
        if (feature(version) < NEEDED) {
            System.err.println("Sinew needs Java " + NEEDED + " or newer, and this is Java " + version + " ("
                    + System.getProperty("java.home") + "): start it with the java command of a newer one.");
            System.exit(1);
        }
        Main.main(args);
    }

    /** 8 for "1.8", 17 for "17"; 0 for what is no number. */
    private static int feature(String version) {
        String number = version.startsWith("1.") ? version.substring(2) : version;
        try {
            return Integer.parseInt(number);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
