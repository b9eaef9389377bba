package dev.sinew.bindings;

/** Loads the library and calls it, or with {@code -Dsinew.test.prepare=true} only prepares that: the program of {@link NativeLoadingTest}. */
final class LoadMain {
    private LoadMain() {}

    public static void main(String[] args) {
        if (Boolean.getBoolean("sinew.test.prepare")) {
            NativeLibrary.prepareCalls();
            System.out.println("prepared " + NativeLibrary.isLoaded());
            return;
        }
        System.out.println("loaded " + NativeLibrary.load() + " " + (Sinew.sn_isa_active() >= 0));
    }
}
