package dev.sinew.bindings;

/** Loads the library and calls it: the program of {@link NativeLoadingTest}. */
final class LoadMain {
    private LoadMain() {}

    public static void main(String[] args) {
        System.out.println("loaded " + NativeLibrary.load() + " " + (Sinew.sn_isa_active() >= 0));
    }
}
